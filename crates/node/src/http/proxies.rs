//! Whose a request is that a proxy passes on: the proxy says so, and only of proxies that the operator runs it is believed.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName};
use ipnet::IpNet;

use super::source::Source;

/// Where a proxy writes from whom it has a request, behind what others wrote before.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The proxies that are believed.
#[derive(Clone, Debug, Default)]
pub(crate) enum Proxies {
    /// None: whoever connects is who asks.
    #[default]
    None,
    /// Those of this machine, and of these addresses.
    At(Vec<IpNet>),
}

impl Proxies {
    /// Whose a connection is. A proxy has places as the operator's own commands do: it stands for many.
    pub(crate) fn connection(&self, peer: IpAddr) -> Source {
        if self.names(peer) { Source::Own } else { Source::of(peer) }
    }

    /// Whose a request is.
    pub(crate) fn request(&self, peer: IpAddr, headers: &HeaderMap) -> Source {
        let own = Source::of(peer);
        let Self::At(_) = self else { return own };
        if !own.is_own() && !self.names(peer) {
            return own;
        }
        match headers.get_all(FORWARDED_FOR).iter().next_back() {
            Some(line) => {
                let last = line.as_bytes().rsplit(|byte| *byte == b',').next().unwrap_or_default();
                let address = std::str::from_utf8(last).ok().and_then(|text| address(text.trim()));
                Source::forwarded(address)
            }
            // The operator's own commands pass no proxy; a proxy elsewhere is not one of them.
            None if own.is_own() => own,
            None => Source::forwarded(Some(peer)),
        }
    }

    fn names(&self, peer: IpAddr) -> bool {
        let Self::At(networks) = self else { return false };
        let peer = peer.to_canonical();
        networks.iter().any(|network| network.contains(&peer))
    }
}

/// An address as proxies write it: bare, in brackets, or with a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[&str]) -> HeaderMap {
        lines.iter().map(|line| (FORWARDED_FOR, line.parse().unwrap())).collect()
    }

    #[test]
    fn a_request_is_whose_the_last_proxy_says_and_only_trusted_proxies_are_believed() {
        let proxies = Proxies::At(vec!["10.0.0.0/8".parse().unwrap()]);
        let ip = |text: &str| -> IpAddr { text.parse().unwrap() };
        let (own, near, stranger) = (ip("127.0.0.1"), ip("10.1.2.3"), ip("192.0.2.1"));
        let other = Source::of;
        for (peer, lines, source) in [
            (own, &["198.51.100.7"][..], other(ip("198.51.100.7"))),
            (own, &["1.1.1.1, 198.51.100.7"], other(ip("198.51.100.7"))),
            (own, &["1.1.1.1", "2.2.2.2,  198.51.100.7:4711 "], other(ip("198.51.100.7"))),
            (near, &["[2001:db8::1]"], other(ip("2001:db8::1"))),
            (near, &["[2001:db8::1]:443"], other(ip("2001:db8::1"))),
            (near, &[], other(near)),
            (own, &[], Source::Own),
            (own, &["unknown"], Source::forwarded(None)),
            (own, &["198.51.100.7,"], Source::forwarded(None)),
            (stranger, &["198.51.100.7"], other(stranger)),
        ] {
            assert_eq!(proxies.request(peer, &headers(lines)), source, "{peer} {lines:?}");
            let believed = Proxies::None.request(peer, &headers(lines));
            assert_eq!(believed, other(peer), "without a proxy nobody is believed");
        }
        let through = proxies.request(own, &headers(&["127.0.0.1"]));
        assert!(!through.is_own(), "what came through a proxy is nobody's own");
        assert!(proxies.connection(near).is_own() && !proxies.connection(stranger).is_own());
    }
}
