//! Whose a request is that a proxy passes on: the proxy says so, and only of proxies that the operator runs it is believed.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName, Version};
use ipnet::IpNet;

use super::names::{Parts, is_loopback};
use super::places::Holder;
use super::source::Source;

/// Where a proxy writes from whom it has a request, behind what others wrote before.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// What else proxies write, beside all that begins with [`FORWARDED`]. The operator's own commands write none of it.
const OF_PROXIES: [&str; 7] = [
    "cf-connecting-ip",
    "fastly-client-ip",
    "forwarded",
    "true-client-ip",
    "via",
    "x-client-ip",
    "x-real-ip",
];
const FORWARDED: &str = "x-forwarded-";

/// The proxies that are believed.
#[derive(Clone, Debug, Default)]
pub(crate) enum Proxies {
    /// None: whoever connects is who asks.
    #[default]
    None,
    /// Those of this machine, and of these addresses.
    At {
        /// Where they are, beside this machine.
        networks: Vec<IpNet>,
        /// Whether nobody else may connect: what they would send is not encrypted.
        alone: bool,
    },
}

/// Whose a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asker {
    pub(crate) source: Source,
    /// Whether a proxy passed it on: its connection carries others' requests too.
    pub(crate) passed_on: bool,
}

impl Proxies {
    /// How many kinds of connections come from other machines or for them: those of strangers, those of proxies, or both.
    pub(crate) fn kinds(&self) -> u64 {
        match self {
            Self::None | Self::At { alone: true, .. } => 1,
            Self::At { alone: false, .. } => 2,
        }
    }

    /// As whose a connection begins; `None` where its peer has to come through a proxy. What comes from this machine is the operator's
    /// until it passes something on.
    pub(crate) fn connection(&self, peer: IpAddr) -> Option<Holder> {
        let Self::At { alone, .. } = self else { return Some(Holder::of(Source::of(peer))) };
        match Holder::of(Source::of(peer)) {
            _ if self.names(peer) => Some(Holder::Proxy),
            Holder::Stranger(_) if *alone => None,
            holder => Some(holder),
        }
    }

    /// Whose a request is. Behind a proxy, what this machine sends is the operator's only where nothing in it looks like a proxy's: a proxy
    /// that forgets to say whose a request is must not make the operator of a stranger.
    pub(crate) fn request(&self, peer: IpAddr, head: &Parts<'_>) -> Asker {
        let own = Source::of(peer);
        let believed = matches!(self, Self::At { .. }) && (own.is_own() || self.names(peer));
        if !believed || (own.is_own() && is_direct(head)) {
            return Asker { source: own, passed_on: false };
        }
        let nobody_else = (!own.is_own()).then_some(peer);
        Asker { source: self.first_stranger(head.headers, nobody_else), passed_on: true }
    }

    /// Who stands before the nearest of the proxies that are believed. Each adds to the end of the list from whom it has the request.
    fn first_stranger(&self, headers: &HeaderMap, nobody_else: Option<IpAddr>) -> Source {
        let mut furthest = nobody_else;
        for line in headers.get_all(FORWARDED_FOR).iter().rev() {
            for entry in line.as_bytes().rsplit(|byte| *byte == b',') {
                let named = std::str::from_utf8(entry).ok().and_then(|text| address(text.trim()));
                let Some(named) = named else { return Source::forwarded(None) };
                if !Source::of(named).is_own() && !self.names(named) {
                    return Source::forwarded(Some(named));
                }
                furthest = Some(named);
            }
        }
        Source::forwarded(furthest)
    }

    fn names(&self, peer: IpAddr) -> bool {
        let Self::At { networks, .. } = self else { return false };
        let peer = peer.to_canonical();
        networks.iter().any(|network| network.contains(&peer))
    }
}

/// Whether a request of this machine came from whoever made it. HTTP/1.0 is what proxies speak that were not told otherwise.
fn is_direct(head: &Parts<'_>) -> bool {
    let of_a_proxy =
        |name: &HeaderName| name.as_str().starts_with(FORWARDED) || OF_PROXIES.contains(&name.as_str());
    let hosts = head.hosts().unwrap_or_default();
    head.version > Version::HTTP_10
        && !head.headers.keys().any(of_a_proxy)
        && !hosts.is_empty()
        && hosts.iter().all(|host| is_loopback(host.host()))
}

/// An address as proxies write it: bare, in brackets, or with a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, Method, Uri, header};

    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// Whose a request for `localhost` with these headers is.
    fn asked(proxies: &Proxies, peer: IpAddr, lines: &[(&str, &str)]) -> Asker {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("localhost:9090"));
        for (name, value) in lines {
            let name: HeaderName = name.parse().unwrap();
            match name {
                header::HOST => drop(headers.insert(name, value.parse().unwrap())),
                _ => drop(headers.append(name, value.parse().unwrap())),
            }
        }
        let (uri, method) = (Uri::from_static("/"), Method::GET);
        let parts = Parts { uri: &uri, version: Version::HTTP_11, headers: &headers, method: &method };
        proxies.request(peer, &parts)
    }

    fn near() -> Proxies {
        Proxies::At { networks: vec!["10.0.0.0/8".parse().unwrap()], alone: true }
    }

    #[test]
    fn a_request_is_whose_the_last_proxy_says_and_only_trusted_proxies_are_believed() {
        let (own, near_by, stranger) = (ip("127.0.0.1"), ip("10.1.2.3"), ip("192.0.2.1"));
        let other = Source::of;
        for (peer, lines, source) in [
            (own, &["198.51.100.7"][..], other(ip("198.51.100.7"))),
            (own, &["1.1.1.1, 198.51.100.7"], other(ip("198.51.100.7"))),
            (own, &["1.1.1.1", "2.2.2.2,  198.51.100.7:4711 "], other(ip("198.51.100.7"))),
            (own, &["1.1.1.1, 198.51.100.7", "10.0.0.1, 127.0.0.1"], other(ip("198.51.100.7"))),
            (near_by, &["198.51.100.7, 10.9.9.9"], other(ip("198.51.100.7"))),
            (near_by, &["[2001:db8::1]"], other(ip("2001:db8::1"))),
            (near_by, &["[2001:db8::1]:443"], other(ip("2001:db8::1"))),
            (near_by, &[], other(near_by)),
            (near_by, &["10.7.7.7"], other(ip("10.7.7.7"))),
            (own, &["unknown"], Source::forwarded(None)),
            (own, &["198.51.100.7,"], Source::forwarded(None)),
            (own, &["198.51.100.7, unknown, 10.0.0.1"], Source::forwarded(None)),
            (stranger, &["198.51.100.7"], other(stranger)),
        ] {
            let named: Vec<_> = lines.iter().map(|line| ("x-forwarded-for", *line)).collect();
            let asker = asked(&near(), peer, &named);
            assert_eq!((asker.source, asker.passed_on), (source, peer != stranger), "{peer} {lines:?}");
            let believed = asked(&Proxies::None, peer, &named);
            assert_eq!((believed.source, believed.passed_on), (other(peer), false), "nobody is believed");
        }
        let through = asked(&near(), own, &[("x-forwarded-for", "127.0.0.1")]);
        assert!(!through.source.is_own() && through.passed_on, "what came through a proxy is nobody's own");
    }

    #[test]
    fn what_could_be_a_proxy_s_is_not_the_operator_s_own() {
        let own = ip("127.0.0.1");
        assert_eq!(asked(&near(), own, &[]), Asker { source: Source::Own, passed_on: false });
        assert!(asked(&near(), own, &[("host", "[::1]:9090")]).source.is_own());
        for line in [
            ("forwarded", "for=192.0.2.1"),
            ("via", "1.1 proxy"),
            ("x-real-ip", "192.0.2.1"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "localhost"),
            ("host", "desk.example"),
            ("host", "10.0.0.1:9090"),
        ] {
            let nobody = Asker { source: Source::forwarded(None), passed_on: true };
            assert_eq!(asked(&near(), own, &[line]), nobody, "{line:?}");
        }
        let (uri, method, headers) = (Uri::from_static("/"), Method::GET, HeaderMap::new());
        for version in [Version::HTTP_10, Version::HTTP_11, Version::HTTP_2] {
            let parts = Parts { uri: &uri, version, headers: &headers, method: &method };
            assert!(!near().request(own, &parts).source.is_own(), "{version:?} without a host");
        }
    }

    #[test]
    fn a_connection_begins_as_its_peer_s_and_strangers_have_to_come_through_a_proxy() {
        let open = Proxies::At { networks: vec!["10.0.0.0/8".parse().unwrap()], alone: false };
        let stranger = Holder::Stranger(Source::of(ip("192.0.2.1")));
        for (peer, behind, beside) in [
            ("127.0.0.1", Some(Holder::Own), Some(Holder::Own)),
            ("::1", Some(Holder::Own), Some(Holder::Own)),
            ("10.1.2.3", Some(Holder::Proxy), Some(Holder::Proxy)),
            ("::ffff:10.1.2.3", Some(Holder::Proxy), Some(Holder::Proxy)),
            ("192.0.2.1", None, Some(stranger)),
        ] {
            assert_eq!((near().connection(ip(peer)), open.connection(ip(peer))), (behind, beside), "{peer}");
        }
        assert_eq!(Proxies::None.connection(ip("192.0.2.1")), Some(stranger));
    }
}
