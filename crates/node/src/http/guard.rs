//! Which addresses this node posts to, to webhooks and push services: those of the public internet, and what the operator allows of their own
//! network.
//!
//! Whoever chooses a name's addresses could otherwise have the node ask what only this machine reaches: its own services, a router, the
//! metadata of a cloud with its credentials. So it is addresses that are judged, after every lookup, and one that was judged is connected
//! to: no second lookup can give another.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use ipnet::IpNet;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

/// Addresses of a name that are tried.
const ADDRESSES_MAX: usize = 4;

/// Addresses that are nobody's on the public internet, or that a cloud gives to every machine: with how many bits each network begins.
const CLOSED_V4: [([u8; 4], u32); 16] = [
    ([0, 0, 0, 0], 8),        // this machine
    ([10, 0, 0, 0], 8),       // private
    ([100, 64, 0, 0], 10),    // between providers and their customers
    ([127, 0, 0, 0], 8),      // loopback
    ([168, 63, 129, 16], 32), // what Azure answers its machines at
    ([169, 254, 0, 0], 16),   // link-local, and the metadata of most clouds
    ([172, 16, 0, 0], 12),    // private
    ([192, 0, 0, 0], 24),     // of protocols
    ([192, 0, 2, 0], 24),     // of documents
    ([192, 88, 99, 0], 24),   // relays of 6to4
    ([192, 168, 0, 0], 16),   // private
    ([198, 18, 0, 0], 15),    // of benchmarks
    ([198, 51, 100, 0], 24),  // of documents
    ([203, 0, 113, 0], 24),   // of documents
    ([224, 0, 0, 0], 4),      // of groups
    ([240, 0, 0, 0], 4),      // kept for later, and broadcasts
];
/// The part of IPv6 that is given out at all.
const GIVEN_OUT: ([u16; 2], u32) = ([0x2000, 0], 3);
/// What of it is nobody's, or leads to an IPv4 address that is in it.
const CLOSED_V6: [([u16; 2], u32); 4] = [
    ([0x2001, 0], 23),     // of protocols: Teredo, benchmarks, hashes
    ([0x2001, 0xdb8], 32), // of documents
    ([0x2002, 0], 16),     // 6to4
    ([0x3fff, 0], 20),     // of documents
];
/// The network by which a machine without IPv4 reaches an IPv4 address, which is at the end (RFC 6052).
const NAT64: [u16; 6] = [0x64, 0xff9b, 0, 0, 0, 0];

/// Looks a name up, judges what it leads to, and connects to what was judged, within `wait`.
///
/// # Errors
/// Why nothing was reached, in words.
pub(crate) async fn reach(
    host: &str,
    port: u16,
    allowed: &[IpNet],
    wait: Duration,
) -> Result<TcpStream, String> {
    let found = lookup_host((host, port)).await;
    let found: Vec<SocketAddr> = found.map_err(|error| format!("the host is not found: {error}"))?.collect();
    let reached: Vec<SocketAddr> =
        found.iter().copied().filter(|address| may_reach(address.ip(), allowed)).collect();
    if reached.is_empty() {
        return Err(match found.first() {
            None => "the host has no address".to_owned(),
            Some(first) => format!(
                "{} is not an address of the public internet, and it was not allowed",
                first.ip().to_canonical()
            ),
        });
    }
    let mut why = String::new();
    let share = wait / u32::try_from(reached.len().min(ADDRESSES_MAX)).unwrap_or(1);
    for address in reached.into_iter().take(ADDRESSES_MAX) {
        match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => why = format!("nothing answers at {address}: {error}"),
            Err(_) => why = format!("nothing answers at {address}"),
        }
    }
    Err(why)
}

/// Whether an address may be posted to: a public one, and those in `allowed`.
pub(crate) fn may_reach(address: IpAddr, allowed: &[IpNet]) -> bool {
    let address = address.to_canonical();
    allowed.iter().any(|network| network.contains(&address)) || is_public(address)
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let begins =
        |(network, bits): ([u8; 4], u32)| first(address.to_bits() ^ u32::from_be_bytes(network), bits) == 0;
    !CLOSED_V4.into_iter().any(begins)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    if let [network @ .., high, low] = segments
        && network == NAT64
    {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        return is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    let word = |[high, low]: [u16; 2]| (u32::from(high) << 16) | u32::from(low);
    let own = word([segments[0], segments[1]]);
    let begins = |(network, bits): ([u16; 2], u32)| first(own ^ word(network), bits) == 0;
    begins(GIVEN_OUT) && !CLOSED_V6.into_iter().any(begins)
}

/// The first bits of a word.
fn first(word: u32, bits: u32) -> u32 {
    word.checked_shr(32_u32.saturating_sub(bits)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may(address: &str, allowed: &[&str]) -> bool {
        let allowed: Vec<IpNet> = allowed.iter().map(|network| network.parse().unwrap()).collect();
        may_reach(address.parse().unwrap(), &allowed)
    }

    /// None of these is public, though some look as if.
    const CLOSED: &str = "0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1 127.255.255.254 \
        168.63.129.16 169.254.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.192 192.0.2.1 \
        192.168.1.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.9 224.0.0.1 239.255.255.255 \
        240.0.0.1 255.255.255.255 :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 \
        ::ffff:169.254.169.254 ::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b::10.1.2.3 \
        64:ff9b:1::1.1.1.1 100::1 2001::1 2001:2::1 2001:10::1 2001:db8::1 2002:7f00:1::1 3fff::1 \
        fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1 5f00::1";
    /// Each of these is public, most just beside one that is not.
    const OPEN: &str = "1.1.1.1 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1 \
        168.63.129.17 172.15.255.255 172.32.0.0 192.0.1.1 192.169.0.0 198.20.0.0 223.255.255.255 \
        2606:4700:4700::1111 2a00::1 2001:4860:4860::8888 2003::1 ::ffff:1.1.1.1 64:ff9b::1.1.1.1";

    #[test]
    fn no_address_that_is_not_public_is_reached_in_whatever_form_it_comes() {
        for closed in CLOSED.split(' ') {
            assert!(!may(closed, &[]), "{closed}");
        }
        for open in OPEN.split(' ') {
            assert!(may(open, &[]), "{open}");
        }
    }

    #[test]
    fn what_the_operator_allows_is_reached_and_nothing_beside_it() {
        for (address, allowed, fits) in [
            ("10.1.2.3", "10.1.0.0/16", true),
            ("::ffff:10.1.2.3", "10.1.0.0/16", true),
            ("10.2.2.3", "10.1.0.0/16", false),
            ("169.254.169.254", "10.0.0.0/8", false),
            ("::1", "::1/128", true),
            ("::1", "127.0.0.0/8", false),
            ("64:ff9b::10.1.2.3", "10.0.0.0/8", false),
            ("fd00::1", "fd00::/64", true),
        ] {
            assert_eq!(may(address, &[allowed]), fits, "{address} by {allowed}");
        }
    }
}
