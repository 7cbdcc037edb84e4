//! An endpoint as the operator names it: where events are posted, which, and under which secrets.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;

use http::Uri;
use http::uri::{PathAndQuery, Scheme};
use ipnet::IpNet;
use sealdesk_protocol::events::Event;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::signing::Secret;
use crate::feed::Cursor;
use crate::http::guard::may_reach;

/// Longest URL, in bytes.
const URL_BYTES_MAX: usize = 2_048;
/// Longest label, in bytes.
const LABEL_BYTES_MAX: usize = 128;
/// Networks that may be allowed to one endpoint.
const NETWORKS_MAX: usize = 16;

/// Why an endpoint is not taken as it was named.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EndpointError {
    /// Not a URL of HTTP. The text is not repeated: a URL may hold a secret.
    #[error("this is not a URL such as https://example.org/hooks/desk")]
    Url,
    /// A user or a password.
    #[error("a URL with a user name or password in it is not taken")]
    Credentials,
    /// A part of a page.
    #[error("a URL with a # in it is not taken: what is behind it is never sent")]
    Fragment,
    /// Without TLS, and that was not allowed.
    #[error("the URL begins with http://: everyone on the way sees what is posted there")]
    PlainHttp,
    /// An address that is not of the public internet, and that was not allowed.
    #[error(
        "{0} is not an address of the public internet, and nothing is posted to others that were not allowed"
    )]
    NotPublic(String),
    /// An event that does not exist.
    #[error("'{0}' is not the name of an event")]
    Type(String),
    /// Longer than it may be, or too many.
    #[error("{what} is {found}, allowed are at most {most}")]
    TooLong {
        /// What.
        what: &'static str,
        /// How long it is.
        found: usize,
        /// How long it may be.
        most: usize,
    },
}

/// The network that a text names: `10.1.0.0/16`, or one address.
pub fn network(text: &str) -> Option<IpNet> {
    let one = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse().ok().or_else(one)
}

/// Where an endpoint begins with what has happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Begin {
    /// With what happens from now on. In a file of an endpoint it stands only while no node could say where its ledger ends: the next one
    /// settles that, as it starts or as it sees the endpoint.
    #[default]
    Now,
    /// With the first event that the node has.
    Start,
    /// After an event.
    After(Cursor),
}

/// What an operator says of an endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Where events are posted.
    pub url: String,
    /// For the operator's own list; at most 128 bytes.
    pub label: String,
    /// Full names of events; empty = all.
    pub types: Vec<String>,
    /// Networks that are reached beside the public internet.
    pub allowed: Vec<IpNet>,
    /// Whether the URL may be one without TLS.
    pub plain_http: bool,
    /// A file of PEM with authorities that are believed beside those of this machine.
    pub ca: Option<PathBuf>,
    /// Where it begins.
    pub begin: Begin,
}

/// An endpoint's URL, in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) tls: bool,
    /// As a lookup takes it: an IPv6 address without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// As the header Host has it.
    pub(crate) authority: String,
    pub(crate) path: PathAndQuery,
}

impl Endpoint {
    /// Whether everything is as it may be.
    ///
    /// # Errors
    /// [`EndpointError`].
    pub fn check(&self) -> Result<(), EndpointError> {
        let at_most = |what, found: usize, most| match found > most {
            true => Err(EndpointError::TooLong { what, found, most }),
            false => Ok(()),
        };
        at_most("the length of the URL, in bytes,", self.url.len(), URL_BYTES_MAX)?;
        at_most("the length of the label, in bytes,", self.label.len(), LABEL_BYTES_MAX)?;
        at_most("the number of networks", self.allowed.len(), NETWORKS_MAX)?;
        let known = Event::type_names();
        at_most("the number of event types", self.types.len(), known.len())?;
        if let Some(unknown) = self.types.iter().find(|name| !known.contains(name)) {
            return Err(EndpointError::Type(unknown.clone()));
        }
        if !self.target()?.tls && !self.plain_http {
            return Err(EndpointError::PlainHttp);
        }
        Ok(())
    }

    /// Whether the URL's host, where it is an address or this computer's name, may be posted to at all. What a name leads to is judged at every
    /// attempt.
    ///
    /// # Errors
    /// [`EndpointError::NotPublic`].
    pub(super) fn check_address(&self) -> Result<(), EndpointError> {
        let host = self.target()?.host;
        let host = host.strip_suffix('.').unwrap_or(&host).to_owned();
        let is_here = host == "localhost" || host.ends_with(".localhost");
        let addresses: Vec<IpAddr> = match (host.parse::<IpAddr>(), is_here) {
            (Ok(address), _) => vec![address],
            (Err(_), true) => vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
            (Err(_), false) => return Ok(()),
        };
        match addresses.iter().any(|address| may_reach(*address, &self.allowed)) {
            true => Ok(()),
            false => Err(EndpointError::NotPublic(host)),
        }
    }

    pub(super) fn target(&self) -> Result<Target, EndpointError> {
        Target::of(&self.url)
    }
}

impl Target {
    /// The parts of a URL.
    ///
    /// # Errors
    /// [`EndpointError`].
    pub(crate) fn of(url: &str) -> Result<Self, EndpointError> {
        if url.contains('#') {
            return Err(EndpointError::Fragment);
        }
        let uri: Uri = url.parse().map_err(|_| EndpointError::Url)?;
        let authority = uri.authority().ok_or(EndpointError::Url)?;
        if authority.as_str().contains('@') {
            return Err(EndpointError::Credentials);
        }
        let tls = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            _ => return Err(EndpointError::Url),
        };
        let host = authority.host();
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        if bare.is_empty() {
            return Err(EndpointError::Url);
        }
        // A port that is not one is no port to the parser of URLs.
        let port = match authority.as_str().get(host.len()..).unwrap_or_default() {
            "" if tls => 443,
            "" => 80,
            more => {
                let port = more.strip_prefix(':').and_then(|port| port.parse().ok());
                port.filter(|port| *port != 0).ok_or(EndpointError::Url)?
            }
        };
        let path = uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
        Ok(Self {
            tls,
            host: bare.to_ascii_lowercase(),
            port,
            authority: authority.as_str().to_owned(),
            path,
        })
    }
}

/// A secret, and until when it signs.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Signer {
    #[serde(with = "text")]
    pub(super) secret: Secret,
    /// The last second at which it signs; for ever where there is none.
    pub(super) until: Option<i64>,
}

impl Signer {
    /// Whether it signs at a time, in Unix seconds.
    pub(super) fn signs(&self, now: i64) -> bool {
        self.until.is_none_or(|until| now <= until)
    }
}

/// A secret in the file of its endpoint.
mod text {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};
    use zeroize::Zeroizing;

    use super::Secret;

    pub(super) fn serialize<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&secret.reveal())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        Secret::parse(&text).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(url: &str) -> Endpoint {
        Endpoint { url: url.to_owned(), ..Endpoint::default() }
    }

    #[test]
    fn an_address_that_is_never_posted_to_is_refused_at_once() {
        let may = |url: &str, allowed: &[&str]| {
            let allowed = allowed.iter().map(|network| network.parse().unwrap()).collect();
            Endpoint { allowed, plain_http: true, ..endpoint(url) }.check_address()
        };
        for never in [
            "https://169.254.169.254/",
            "http://127.0.0.1:8080/x",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "http://localhost:1",
        ] {
            assert!(matches!(may(never, &[]), Err(EndpointError::NotPublic(_))), "{never}");
        }
        for (url, allowed) in [
            ("http://127.0.0.1:8080/x", "127.0.0.0/8"),
            ("http://localhost:1", "::1/128"),
            ("https://10.1.2.3", "10.1.0.0/16"),
        ] {
            assert_eq!(may(url, &[allowed]), Ok(()), "{url}");
        }
        for open in ["https://1.1.1.1", "https://hooks.example/desk"] {
            assert_eq!(may(open, &[]), Ok(()), "{open}");
        }
    }

    #[test]
    fn a_url_says_where_to_post_and_holds_no_more_than_that() {
        let target = endpoint("https://Hooks.example/desk?key=1").target().unwrap();
        assert_eq!((target.tls, target.host.as_str(), target.port), (true, "hooks.example", 443));
        assert_eq!((target.path.as_str(), target.authority.as_str()), ("/desk?key=1", "Hooks.example"));
        let target = endpoint("http://[::1]:8080").target().unwrap();
        assert_eq!((target.tls, target.host.as_str(), target.port), (false, "::1", 8080));
        assert_eq!((target.path.as_str(), target.authority.as_str()), ("/", "[::1]:8080"));
        for (url, refused) in [
            ("", EndpointError::Url),
            ("hooks.example/desk", EndpointError::Url),
            ("ftp://hooks.example", EndpointError::Url),
            ("https:///desk", EndpointError::Url),
            ("https://hooks.example:0", EndpointError::Url),
            ("https://hooks.example:99999", EndpointError::Url),
            ("https://hooks.example:", EndpointError::Url),
            ("https://hooks example/", EndpointError::Url),
            ("https://me:secret@hooks.example", EndpointError::Credentials),
            ("https://hooks.example@127.0.0.1", EndpointError::Credentials),
            ("https://hooks.example/#part", EndpointError::Fragment),
            ("http://hooks.example", EndpointError::PlainHttp),
        ] {
            let error = endpoint(url).check().unwrap_err();
            assert_eq!(error, refused, "{url}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
        Endpoint { plain_http: true, ..endpoint("http://hooks.example") }.check().unwrap();
    }

    #[test]
    fn what_is_too_long_or_unknown_is_refused() {
        let good = endpoint("https://hooks.example");
        for wrong in [
            Endpoint { types: vec!["EventNothing".to_owned()], ..good.clone() },
            Endpoint { label: "x".repeat(129), ..good.clone() },
            endpoint(&format!("https://hooks.example/{}", "x".repeat(URL_BYTES_MAX))),
            Endpoint { allowed: vec!["10.0.0.0/8".parse().unwrap(); 17], ..good.clone() },
        ] {
            assert!(wrong.check().is_err(), "{wrong:?}");
        }
        Endpoint { types: Event::type_names(), ..good }.check().unwrap();
    }
}
