//! The name of this computer for its own browsers. They make passkeys for `localhost`, and for no address of numbers.
//!
//! A browser reads `localhost` as ::1 as well as 127.0.0.1, and asks whoever listens at either. A node listens at one of them: the other is
//! kept, so that no other program is found there by that name.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::OwnedFd;

use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, socket_with};

/// That `localhost` leads to what listens here and to nothing else, for as long as this is held.
#[derive(Debug)]
pub(crate) struct Named {
    /// Bound, and listened at by nobody: whoever connects is refused at once, and goes on to the other address. `None` without IPv6.
    _kept: Option<OwnedFd>,
}

/// Keeps the name for what listens at 127.0.0.1; `None` for any other address, and where another program has the name's other half.
pub(crate) fn named(listening: SocketAddr) -> Option<Named> {
    if listening.ip() != IpAddr::V4(Ipv4Addr::LOCALHOST) {
        return None;
    }
    match keep(SocketAddr::new(Ipv6Addr::LOCALHOST.into(), listening.port())) {
        Ok(kept) => Some(Named { _kept: Some(kept) }),
        Err(Errno::AFNOSUPPORT | Errno::ADDRNOTAVAIL) => Some(Named { _kept: None }),
        Err(_) => None,
    }
}

fn keep(address: SocketAddr) -> rustix::io::Result<OwnedFd> {
    let socket = socket_with(AddressFamily::INET6, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    bind(&socket, &address)?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn nobody_else_is_found_by_the_name_and_nobody_waits_at_its_other_half() {
        let own = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let here = own.local_addr().unwrap();
        let other = SocketAddr::new(Ipv6Addr::LOCALHOST.into(), here.port());
        let kept = named(here).unwrap();
        assert!(TcpListener::bind(other).is_err(), "another program could be what a browser finds");
        assert!(TcpStream::connect(other).is_err(), "a browser would wait there");
        assert!(TcpStream::connect(("localhost", here.port())).is_ok());
        drop(kept);
        match TcpListener::bind(other) {
            Ok(another) => {
                assert!(named(here).is_none(), "the name leads to {another:?}, too");
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::AddrNotAvailable, "only without IPv6"),
        }
    }

    #[test]
    fn what_listens_elsewhere_has_no_such_name() {
        for elsewhere in ["0.0.0.0:9090", "192.0.2.1:9090", "[::1]:9090"] {
            assert!(named(elsewhere.parse().unwrap()).is_none(), "{elsewhere}");
        }
    }
}
