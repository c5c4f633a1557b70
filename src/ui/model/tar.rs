//! Packs several files into one `tar` archive.

const BLOCK: usize = 512;

/// The header before a file of this name and length.
///
/// Source: POSIX.1-1988 (ustar), the fields that readers need. Names longer than 100 bytes are cut.
#[must_use]
pub fn header(name: &str, len: usize) -> Vec<u8> {
    let mut block = vec![0; BLOCK];
    let mut put = |at: usize, text: &str| block[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, name.get(..100).unwrap_or(name));
    put(100, "0000644\0");
    put(124, &format!("{len:011o}\0"));
    put(136, "00000000000\0");
    // The checksum counts its own field as blanks.
    put(148, "        0");
    put(257, "ustar\x0000");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

/// The padding after a file of this length.
#[must_use]
pub fn padding(len: usize) -> Vec<u8> {
    vec![0; len.next_multiple_of(BLOCK) - len]
}

/// The end of the archive, after the last file.
#[must_use]
pub fn end() -> Vec<u8> {
    vec![0; 2 * BLOCK]
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::{end, header, padding};

    #[test]
    fn the_tar_program_reads_the_archive() {
        let files: [(&str, &[u8]); 3] = [("log-0001", b"one"), ("empty", b""), ("log-0002", &[7; 1024])];
        let mut archive = Vec::new();
        for (name, bytes) in files {
            archive.extend([header(name, bytes.len()), bytes.to_vec(), padding(bytes.len())].concat());
        }
        archive.extend(end());
        assert_eq!(archive.len() % 512, 0);
        let path = std::env::temp_dir().join(format!("millrace-{}.tar", std::process::id()));
        std::fs::write(&path, archive).unwrap();
        let list = Command::new("tar").arg("-tvf").arg(&path).output();
        std::fs::remove_file(&path).unwrap();
        // Without a tar program the test has nothing to compare with.
        let Ok(list) = list else { return };
        assert!(list.status.success(), "{}", String::from_utf8_lossy(&list.stderr));
        let list = String::from_utf8_lossy(&list.stdout).into_owned();
        let names: Vec<&str> = list.lines().filter_map(|line| line.split(' ').next_back()).collect();
        assert_eq!(names, ["log-0001", "empty", "log-0002"]);
        assert!(list.contains(" 1024 "), "{list}");
    }

    #[test]
    fn a_long_name_is_cut() {
        assert_eq!(header(&"x".repeat(300), 0).len(), 512);
    }
}
