//! By which names this node is reached, and which pages may ask it something.
//!
//! A page of somebody else's can give its own name the address of this machine, and the browser then takes the node for a part of that
//! page (DNS rebinding). So a request has to name a host that nobody else can be: an address that the node listens at, or the host of its
//! public URL. And a page's request says whose page it is: it has to be this host's own, or one that the operator named. Where a browser
//! does not say whose page it is, as for a picture, it says that it is another one's: then only a link may be followed.

use std::net::IpAddr;

use http::uri::{Authority, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, Version, header};
use thiserror::Error;

/// Whose page makes a browser ask, and for what: every browser says so to a node on its own machine, and no page can change it.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
const FETCH_USER: HeaderName = HeaderName::from_static("sec-fetch-user");

/// Why a text is not the URL of a node, or of pages.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PublicUrlError {
    /// Something else than a scheme and a host.
    #[error("'{0}' is not a URL such as https://desk.example or https://desk.example:8443")]
    Form(String),
    /// A node answers at the root of its host.
    #[error("'{0}' has a path: a node answers at the root of its host, not under a part of it")]
    Path(String),
    /// A user or a password would end up in pages and logs.
    #[error("a URL with a user name or password in it is not taken")]
    Credentials,
}

/// Scheme, host and port: `https://desk.example`, in small letters, without the port where it is the scheme's own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    text: String,
    host: String,
}

impl Origin {
    /// The origin of `http://` or `https://` and a host.
    ///
    /// # Errors
    /// [`PublicUrlError`].
    pub fn parse(text: &str) -> Result<Self, PublicUrlError> {
        let form = || PublicUrlError::Form(text.to_owned());
        let origin = Self::of_pages(text)?;
        if origin.text.starts_with("http://") || origin.text.starts_with("https://") {
            Ok(origin)
        } else {
            Err(form())
        }
    }

    /// The origin of pages, which may be those of a browser's extension: `chrome-extension://…`.
    ///
    /// # Errors
    /// [`PublicUrlError`].
    pub fn of_pages(text: &str) -> Result<Self, PublicUrlError> {
        let form = || PublicUrlError::Form(text.to_owned());
        let uri: Uri = text.parse().map_err(|_| form())?;
        let (scheme, authority) = (uri.scheme().ok_or_else(form)?, uri.authority().ok_or_else(form)?);
        if authority.as_str().contains('@') {
            return Err(PublicUrlError::Credentials);
        }
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() || text.contains('#') {
            return Err(PublicUrlError::Path(text.to_owned()));
        }
        // What stands behind the host is a port, or this is no place.
        let has_port = authority.as_str().len() > authority.host().len();
        if authority.host().is_empty() || has_port && authority.port_u16().is_none() {
            return Err(form());
        }
        let host = authority.host().to_ascii_lowercase();
        let usual = match scheme.as_str() {
            "http" => Some(80),
            "https" => Some(443),
            _ => None,
        };
        let port = match authority.port_u16() {
            Some(port) if Some(port) != usual => format!(":{port}"),
            _ => String::new(),
        };
        Ok(Self { text: format!("{scheme}://{host}{port}"), host })
    }

    /// Its host, an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Its scheme.
    fn scheme(&self) -> &str {
        self.text.split_once("://").map_or("", |(scheme, _)| scheme)
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// Which pages beside its own may ask a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pages {
    /// Those of these origins.
    Of(Vec<Origin>),
    /// All there are.
    All,
}

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    /// The addresses that the node listens at.
    pub(crate) listening: Vec<IpAddr>,
    /// What others call it.
    pub(crate) public: Option<Origin>,
    pub(crate) pages: Pages,
    /// Whose scheme its own pages have; `None` where a proxy decides that.
    pub(crate) scheme: Option<Scheme>,
}

/// A request that is not for this node, or from a page that may not ask: what to answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Misdirected {
    pub(crate) status: StatusCode,
    pub(crate) words: String,
}

/// Which page a request is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    /// None, or one of the host that is asked.
    Own,
    /// Another one, which may ask.
    Other,
}

impl Names {
    /// Judges whom a request is for, and which page it is from.
    ///
    /// # Errors
    /// [`Misdirected`].
    pub(crate) fn judge(&self, head: &Parts<'_>) -> Result<Page, Misdirected> {
        let hosts = head.hosts()?;
        for host in &hosts {
            if !self.is_ours(host.host()) {
                return Err(Misdirected {
                    status: StatusCode::MISDIRECTED_REQUEST,
                    words: format!(
                        "this node is not {}; if it should be, start it with --public-url https://{}",
                        host.host(),
                        host.host()
                    ),
                });
            }
        }
        let Some(origin) = head.headers.get(header::ORIGIN) else { return self.judge_unnamed(head) };
        if self.is_own_page(origin, &hosts) {
            return Ok(Page::Own);
        }
        if self.may_ask(origin) {
            return Ok(Page::Other);
        }
        Err(Misdirected { status: StatusCode::FORBIDDEN, words: not_named(origin) })
    }

    /// Judges a request that does not say which page it is from.
    fn judge_unnamed(&self, head: &Parts<'_>) -> Result<Page, Misdirected> {
        match head.headers.get(FETCH_SITE).map(HeaderValue::as_bytes) {
            None | Some(b"none" | b"same-origin") => Ok(Page::Own),
            Some(_) if self.pages == Pages::All || head.is_visit() => Ok(Page::Other),
            Some(_) => Err(Misdirected {
                status: StatusCode::FORBIDDEN,
                words: "a page of another host makes the browser ask this node: only a link to it may be followed; a page that may ask is \
                        named with --cors-origin, and fetches with CORS"
                    .to_owned(),
            }),
        }
    }

    fn is_ours(&self, host: &str) -> bool {
        let everywhere = self.listening.iter().any(IpAddr::is_unspecified);
        let on_loopback = everywhere || self.listening.iter().any(|ip| ip.to_canonical().is_loopback());
        let host = host.strip_suffix('.').unwrap_or(host);
        if self.public.as_ref().is_some_and(|public| public.host.eq_ignore_ascii_case(host)) {
            return true;
        }
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        match bare.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
            // No name, so nobody can have given it to something else.
            Ok(ip) => {
                everywhere
                    || (ip.is_loopback() && on_loopback)
                    || self.listening.iter().any(|listening| listening.to_canonical() == ip)
            }
            Err(_) => on_loopback && bare.eq_ignore_ascii_case("localhost"),
        }
    }

    /// Whether an origin is one of pages beside the host's own that may ask.
    fn may_ask(&self, origin: &HeaderValue) -> bool {
        let Pages::Of(pages) = &self.pages else { return true };
        let origin = read_origin(origin);
        origin.is_some_and(|origin| pages.contains(&origin) || self.public.as_ref() == Some(&origin))
    }

    /// Whether an origin is that of the host which is asked.
    fn is_own_page(&self, origin: &HeaderValue, hosts: &[Authority]) -> bool {
        let Some(origin) = read_origin(origin) else { return false };
        let own = hosts.iter().flat_map(|host| {
            self.schemes_of(host).into_iter().map(move |scheme| format!("{scheme}://{host}"))
        });
        own.into_iter().any(|own| Origin::of_pages(&own).is_ok_and(|own| own == origin))
    }

    /// Which schemes the node's own pages have at a host: where it is the one of the public URL, that says it; a page in plain text could be anyone's
    /// on the way.
    fn schemes_of(&self, host: &Authority) -> Vec<&str> {
        let public = self.public.as_ref().filter(|public| public.host.eq_ignore_ascii_case(host.host()));
        match (public, &self.scheme) {
            (Some(public), _) => vec![public.scheme()],
            (None, Some(scheme)) => vec![scheme.as_str()],
            (None, None) => vec!["http", "https"],
        }
    }
}

/// Why pages of an origin may not ask, and how they could.
fn not_named(origin: &HeaderValue) -> String {
    let page = String::from_utf8_lossy(origin.as_bytes());
    match read_origin(origin) {
        Some(_) => {
            format!(
                "pages of {page} may not ask this node; if they should, start it with --cors-origin {page}"
            )
        }
        // A page from a file, or in a sandbox, says "null": nobody can tell one of these from another.
        None => format!(
            "a page whose origin is '{page}' may not ask this node, since it has no host that could be named: serve it from one, and start \
             the node with --cors-origin and that host"
        ),
    }
}

fn read_origin(origin: &HeaderValue) -> Option<Origin> {
    origin.to_str().ok().and_then(|text| Origin::of_pages(text).ok())
}

/// Whether a host is this machine by a name that nobody else can give it.
pub(crate) fn is_loopback(host: &str) -> bool {
    address_of(host).map_or_else(|bare| bare.eq_ignore_ascii_case("localhost"), |ip| ip.is_loopback())
}

/// Whether a host is an address, not a name.
pub(crate) fn is_address(host: &str) -> bool {
    address_of(host).is_ok()
}

/// The address that a host is, or the name without what is around it.
fn address_of(host: &str) -> Result<IpAddr, &str> {
    let host = host.strip_suffix('.').unwrap_or(host);
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    bare.parse::<IpAddr>().map(|ip| ip.to_canonical()).map_err(|_| bare)
}

/// Whether it looks as if a browser asks. A browser that says nothing of itself is one that its user changed.
pub(crate) fn is_of_a_browser(headers: &HeaderMap) -> bool {
    let says = [FETCH_SITE, FETCH_MODE, FETCH_DEST, FETCH_USER, header::ORIGIN, header::REFERER];
    let agent = headers.get(header::USER_AGENT).map_or(&b""[..], HeaderValue::as_bytes);
    says.iter().any(|name| headers.contains_key(name)) || agent.starts_with(b"Mozilla/")
}

/// What is looked at of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts<'a> {
    pub(crate) uri: &'a Uri,
    pub(crate) version: Version,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) method: &'a Method,
}

impl<'a> Parts<'a> {
    /// Those of a head.
    pub(crate) fn of(head: &'a http::request::Parts) -> Self {
        Self { uri: &head.uri, version: head.version, headers: &head.headers, method: &head.method }
    }

    /// The hosts that a request names: one, or none where no browser can have sent it.
    ///
    /// # Errors
    /// [`Misdirected`] where what it names is not a host, or there has to be one.
    pub(crate) fn hosts(&self) -> Result<Vec<Authority>, Misdirected> {
        let bad = |words: &str| Misdirected { status: StatusCode::BAD_REQUEST, words: words.to_owned() };
        let mut hosts: Vec<Authority> = self.uri.authority().cloned().into_iter().collect();
        for host in self.headers.get_all(header::HOST) {
            let host = host.to_str().ok().and_then(|host| host.parse().ok());
            hosts.push(host.ok_or_else(|| bad("the request's Host is not a host"))?);
        }
        if hosts.is_empty() && self.version == Version::HTTP_11 {
            return Err(bad("the request names no Host"));
        }
        Ok(hosts)
    }

    /// Whether somebody goes to a page, and no page shows it in itself.
    fn is_visit(&self) -> bool {
        let is = |name: HeaderName, value: &[u8]| {
            self.headers.get(name).is_some_and(|found| found.as_bytes() == value)
        };
        let reads = self.method == Method::GET || self.method == Method::HEAD;
        reads && is(FETCH_MODE, b"navigate") && is(FETCH_DEST, b"document")
    }
}
