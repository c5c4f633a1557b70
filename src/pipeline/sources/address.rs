//! Addresses of live sources: what is refused before it is tried, and what a browser will ask for.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::pipeline::records::brief;

/// Whether the page that connects came over a connection that cannot be listened to, and from which sort of host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageOrigin {
    /// Whether its address begins with `https:`.
    pub is_https: bool,
    /// Where it came from.
    pub space: AddressSpace,
}

/// From where a host can be reached, as Local Network Access has it; smaller is nearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AddressSpace {
    /// This machine.
    Loopback,
    /// The network at hand.
    Local,
    /// Everywhere, as far as the name tells.
    Public,
}

/// What is to be known before an address is connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressNotes {
    /// From where the host can be reached.
    pub space: AddressSpace,
    /// Whether the browser asks a person first: the page comes from further away than the host is.
    pub needs_permission: bool,
}

/// An address as far as it is looked at: `scheme://host:port`.
struct Parts<'a> {
    scheme: String,
    host: &'a str,
}

/// Checks the address of a live source, of one of these schemes, for a page of this origin.
///
/// # Errors
/// A sentence with the value and its mend: for another scheme, no host, a port that is none, credentials or a fragment,
/// and for what a browser refuses as mixed content: a host other than this machine without TLS from an `https:` page.
pub fn check_address(url: &str, schemes: &[&str], page: Option<PageOrigin>) -> Result<AddressNotes, String> {
    let Parts { scheme, host } = parts(url, schemes)?;
    let space = space_of(host);
    let is_plain = matches!(&*scheme, "ws" | "http");
    if let Some(page) = page
        && page.is_https
        && is_plain
        && space != AddressSpace::Loopback
    {
        return Err(format!(
            "a page that came over https may not connect to \"{}\", which has no TLS: browsers refuse it as mixed content; \
             use {scheme}s://, or open millrace from an http:// address",
            brief(url)
        ));
    }
    let needs_permission = page.is_some_and(|page| page.space > space);
    Ok(AddressNotes { space, needs_permission })
}

/// Where a host can be reached from, by its name or number.
#[must_use]
pub fn space_of(host: &str) -> AddressSpace {
    let host = host.trim_end_matches('.');
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let name = bare.to_ascii_lowercase();
    match name.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => space_of_v4(address),
        Ok(IpAddr::V6(address)) => space_of_v6(address),
        Err(_) if name == "localhost" || name.ends_with(".localhost") => AddressSpace::Loopback,
        Err(_) if name.ends_with(".local") => AddressSpace::Local,
        Err(_) => AddressSpace::Public,
    }
}

fn space_of_v4(address: Ipv4Addr) -> AddressSpace {
    match address {
        _ if address.is_loopback() || address.is_unspecified() => AddressSpace::Loopback,
        // Carrier-grade NAT, 100.64.0.0/10, is local too.
        _ if address.is_private() || address.is_link_local() => AddressSpace::Local,
        _ if address.octets()[0] == 100 && address.octets()[1] & 0xc0 == 64 => AddressSpace::Local,
        _ => AddressSpace::Public,
    }
}

fn space_of_v6(address: Ipv6Addr) -> AddressSpace {
    let first = address.segments()[0];
    match address.to_ipv4_mapped() {
        Some(address) => space_of_v4(address),
        None if address.is_loopback() || address.is_unspecified() => AddressSpace::Loopback,
        // Unique local and link-local ones.
        None if first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfe80 => AddressSpace::Local,
        None => AddressSpace::Public,
    }
}

fn parts<'a>(url: &'a str, schemes: &[&str]) -> Result<Parts<'a>, String> {
    let wanted = schemes.join(":// or ");
    let named = brief(url);
    let behind_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = behind_scheme.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    if authority.contains('@') {
        // It is not repeated: a password would stand in an answer.
        return Err("the address has a user name or a password in it; give them as credentials instead".to_owned());
    }
    let Some((scheme, _)) = url.split_once("://") else {
        return Err(format!("\"{named}\" is no address; it begins with {wanted}://"));
    };
    let scheme = scheme.to_ascii_lowercase();
    if !schemes.contains(&&*scheme) {
        return Err(format!("\"{named}\" has another scheme than this source reads; it begins with {wanted}://"));
    }
    if url.chars().any(|char| char.is_whitespace() || char.is_control()) {
        return Err(format!("\"{named}\" has a blank in it; write it as %20"));
    }
    if url.contains('#') {
        return Err(format!("\"{named}\" has a fragment, which no server is sent; leave out # and what follows"));
    }
    let (host, port) = match authority.rfind(':') {
        // A colon within brackets is one of IPv6.
        Some(at) if !authority[at..].contains(']') => (&authority[..at], &authority[at + 1..]),
        _ => (authority, ""),
    };
    if host.is_empty() {
        return Err(format!("\"{named}\" names no host; write {scheme}://host"));
    }
    if !port.is_empty() && port.parse::<u16>().is_err() {
        return Err(format!("\"{}\" is no port; it is a number from 0 to 65535", brief(port)));
    }
    Ok(Parts { scheme, host })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HTTPS: PageOrigin = PageOrigin { is_https: true, space: AddressSpace::Public };

    #[test]
    fn an_address_is_refused_with_its_mend() {
        for (url, expected) in [
            ("ws://host", None),
            ("WSS://host:8443/a?b=c", None),
            ("ws://[::1]:80/", None),
            ("host/path", Some("it begins with ws:// or wss://")),
            ("https://host", Some("another scheme")),
            ("ws://", Some("names no host")),
            ("ws://:80/", Some("names no host")),
            ("ws://host:99999/", Some("\"99999\" is no port")),
            ("ws://ann:secret@host/", Some("give them as credentials")),
            ("ws://host/#a", Some("fragment")),
            ("ws://host/a b", Some("%20")),
        ] {
            let checked = check_address(url, &["ws", "wss"], None);
            match expected {
                None => assert!(checked.is_ok(), "{url}: {checked:?}"),
                Some(part) => assert!(checked.as_ref().is_err_and(|error| error.contains(part)), "{url}: {checked:?}"),
            }
        }
        for url in ["ws://ann:secret@host/", "http://ann:secret@host/", "ann:secret@host", "ws://ann:secret@host/ #"] {
            let error = check_address(url, &["ws"], None).unwrap_err();
            assert!(!error.contains("secret"), "a password is not repeated: {error}");
        }
    }

    #[test]
    fn mixed_content_is_explained_and_loopback_is_none() {
        for (url, is_refused) in [
            ("ws://example.org/", true),
            ("http://192.168.1.7/", true),
            ("wss://example.org/", false),
            ("ws://127.0.0.1:9222/", false),
            ("http://localhost:80/", false),
            ("ws://[::1]/", false),
        ] {
            let checked = check_address(url, &["ws", "wss", "http", "https"], Some(HTTPS));
            assert_eq!(checked.is_err_and(|error| error.contains("mixed content")), is_refused, "{url}");
        }
    }

    #[test]
    fn a_page_from_further_away_needs_permission() {
        let needs = |url, space| {
            let page = PageOrigin { is_https: true, space };
            check_address(url, &["wss"], Some(page)).map(|notes| notes.needs_permission)
        };
        assert_eq!(needs("wss://127.0.0.1/", AddressSpace::Public), Ok(true));
        assert_eq!(needs("wss://10.0.0.1/", AddressSpace::Public), Ok(true));
        assert_eq!(needs("wss://127.0.0.1/", AddressSpace::Loopback), Ok(false));
        assert_eq!(needs("wss://example.org/", AddressSpace::Public), Ok(false));
    }

    #[test]
    fn hosts_are_told_apart_by_their_numbers() {
        use AddressSpace::{Local, Loopback, Public};
        for (host, space) in [
            ("127.1.2.3", Loopback),
            ("LOCALHOST.", Loopback),
            ("a.localhost", Loopback),
            ("[::1]", Loopback),
            ("[::ffff:127.0.0.1]", Loopback),
            ("172.16.0.1", Local),
            ("172.32.0.1", Public),
            ("100.64.0.1", Local),
            ("[fe80::1]", Local),
            ("[fd00::1]", Local),
            ("printer.local", Local),
            ("8.8.8.8", Public),
            ("localhost.example.org", Public),
        ] {
            assert_eq!(space_of(host), space, "{host}");
        }
    }
}
