//! Rows in files: which ones are in memory too, and whether they can be read.

use std::rc::Rc;

use super::History;
use crate::store::block::Block;
use crate::time::Timestamp;

impl History {
    /// Changes the capacity of the block cache: how many rows in files stay in memory too.
    pub fn set_memory_rows(&mut self, memory_rows: usize) {
        self.block_cache.set_rows(memory_rows);
    }

    /// The number of rows that are in files only.
    pub fn rows_on_disk(&self) -> usize {
        self.blocks.iter().filter(|block| block.resident().is_none()).map(|block| block.len()).sum()
    }

    /// The time from which all rows are in memory, or a later one from which there are at least `rows` of them.
    pub(in crate::store) fn newest_in_memory(&self, rows: usize) -> Timestamp {
        let (mut seen, mut from) = (0, i64::MAX);
        for block in self.blocks.iter().rev().take_while(|block| block.resident().is_some()) {
            (seen, from) = (seen + block.len(), block.first_time());
            if seen >= rows {
                break;
            }
        }
        Timestamp::from_nanos(from)
    }

    /// The number of rows that are in memory only.
    pub(in crate::store) fn rows_in_memory_alone(&self) -> usize {
        self.blocks.iter().filter(|block| block.is_only_in_memory()).map(|block| block.len()).sum()
    }

    /// Replaces all rows by blocks in files, in order of time; the first `trimmed_rows` rows of the first are dropped.
    pub(in crate::store) fn restore(&mut self, blocks: Vec<Block>, trimmed_rows: usize) {
        self.clear();
        self.blocks = blocks.into_iter().map(Rc::new).collect();
        self.unverified = self.blocks.iter().cloned().collect();
        self.rows = self.blocks.iter().map(|block| block.len()).sum();
        self.trimmed_rows = trimmed_rows.min(self.blocks.front().map_or(0, |first| first.len().saturating_sub(1)));
        self.rows -= self.trimmed_rows;
        self.retain();
    }

    /// Reads one block that was not read since the files were opened, newest first, and drops it if it cannot be read.
    /// Returns the number of rows dropped, `None` when every block was verified.
    pub fn verify_next(&mut self) -> Option<usize> {
        if self.block_cache.take_unreadable() {
            // A reader met a damaged block; the flag does not say which one, so all are verified again.
            self.unverified = self.blocks.iter().cloned().collect();
        }
        let block = self.unverified.pop()?;
        Some(if block.is_readable() { 0 } else { self.drop_block(&block) })
    }

    /// Whether there are blocks that [`Self::verify_next`] has still to read.
    pub fn has_unverified(&self) -> bool {
        !self.unverified.is_empty()
    }

    fn drop_block(&mut self, block: &Rc<Block>) -> usize {
        let Some(index) = self.blocks.iter().position(|known| Rc::ptr_eq(known, block)) else { return 0 };
        let trimmed_rows = if index == 0 { std::mem::take(&mut self.trimmed_rows) } else { 0 };
        self.blocks.remove(index);
        let rows = block.len() - trimmed_rows;
        self.rows -= rows;
        rows
    }
}
