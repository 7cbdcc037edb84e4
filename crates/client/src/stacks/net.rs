//! HTTP to a Stacks node: where it may go, and what carries it.

use std::future::Future;

use http::Uri;
use thiserror::Error;

/// Largest answer that is taken, in bytes: a page of fifty events with their payloads twice.
pub const ANSWER_BYTES_MAX: usize = 8 * 1_048_576;
/// How long a node may be silent before a call ends, in seconds.
pub const SILENCE_SECONDS_MAX: u64 = 20;

/// Why a text is not the address of a node.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AddressError {
    /// Not `https://host` or `http://localhost:port`.
    #[error("a Stacks node's address looks like https://api.example.org or http://127.0.0.1:20443")]
    Form,
    /// Plain HTTP to another machine: whoever stands between could answer in the node's place.
    #[error("http:// is spoken to this computer only: use https://, or a tunnel, for {0}")]
    Plain(String),
    /// A user or password in the address would end up in logs and process lists.
    #[error("an address with a user name or password in it is not taken")]
    Credentials,
    /// A path, query or fragment.
    #[error("a Stacks node's address ends after the host or port")]
    Path,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NetError {
    /// The text is not an address.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// This build or this machine cannot speak TLS.
    #[error("cannot speak TLS: {0}")]
    Tls(String),
    /// Nobody answers there, or the connection broke.
    #[error("cannot reach a Stacks node at {node}: {why}")]
    Unreachable {
        /// The address.
        node: String,
        /// What the network said.
        why: String,
    },
    /// No answer in time.
    #[error("{node} did not answer for {SILENCE_SECONDS_MAX} seconds")]
    Silent {
        /// The address.
        node: String,
    },
    /// The answer is longer than any that is asked for.
    #[error("{node} answers with more than {ANSWER_BYTES_MAX} bytes")]
    TooLong {
        /// The address.
        node: String,
    },
}

/// What is asked. Paths are of this crate's making: every part that comes from elsewhere is of letters, digits, dots and dashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Path and query, beginning with `/`.
    pub path: String,
    /// What to post; `None` asks with GET.
    pub body: Option<Body>,
}

/// What is posted.
#[derive(Clone, PartialEq, Eq)]
pub enum Body {
    /// JSON text.
    Json(String),
    /// A transaction.
    Bytes(Vec<u8>),
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Json(text) => write!(f, "{} bytes of JSON", text.len()),
            Self::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
        }
    }
}

/// What came back, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status of HTTP.
    pub status: u16,
    /// At most [`ANSWER_BYTES_MAX`].
    pub body: Vec<u8>,
    /// The seconds after which to come back, where the header `retry-after` names a number. Its other form, a date, needs a clock that
    /// both sides agree on; it counts as none.
    pub retry_after: Option<u64>,
}

impl Answer {
    /// Whether the other side, or whoever stands before it and counts questions, says "not now".
    pub(super) fn is_busy(&self) -> bool {
        matches!(self.status, 429 | 503)
    }
}

/// What carries questions: the connection of this crate, or the scripted node of its tests.
pub trait Http {
    /// Asks once. Redirects are answers like any other, and never followed.
    ///
    /// # Errors
    /// [`NetError`], after which nobody knows whether the question arrived.
    fn ask(&self, question: Question) -> impl Future<Output = Result<Answer, NetError>>;

    /// What errors call the other side.
    fn address(&self) -> &str;
}

/// A node's checked address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    text: String,
    is_tls: bool,
}

impl BaseUrl {
    /// Takes `https://host[:port]`, and `http://host:port` for this computer.
    ///
    /// # Errors
    /// [`AddressError`].
    pub fn parse(url: &str) -> Result<Self, AddressError> {
        let uri: Uri = url.parse().map_err(|_| AddressError::Form)?;
        let authority = uri.authority().ok_or(AddressError::Form)?;
        if authority.as_str().contains('@') {
            return Err(AddressError::Credentials);
        }
        let host = authority.host();
        let is_tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if is_this_computer(host) => false,
            Some("http") if !host.is_empty() => return Err(AddressError::Plain(host.to_owned())),
            _ => return Err(AddressError::Form),
        };
        if host.is_empty() {
            return Err(AddressError::Form);
        }
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() || url.contains('#') {
            return Err(AddressError::Path);
        }
        let scheme = if is_tls { "https" } else { "http" };
        Ok(Self { text: format!("{scheme}://{authority}"), is_tls })
    }

    /// The address, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the connection is encrypted.
    pub fn is_tls(&self) -> bool {
        self.is_tls
    }
}

fn is_this_computer(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_goes_to_this_computer_alone() {
        for url in
            ["http://127.0.0.1:20443", "http://localhost:1/", "http://[::1]:3999", "http://127.3.0.1:1"]
        {
            assert!(BaseUrl::parse(url).is_ok_and(|base| !base.is_tls()), "{url}");
        }
        for url in ["https://api.example.org", "https://api.example.org:8443/", "https://10.0.0.1:1"] {
            assert!(BaseUrl::parse(url).is_ok_and(|base| base.is_tls()), "{url}");
        }
        assert_eq!(BaseUrl::parse("https://api.example.org/").unwrap().as_str(), "https://api.example.org");
    }

    #[test]
    fn an_address_that_could_lead_elsewhere_is_refused() {
        let hostile = [
            ("", AddressError::Form),
            ("api.example.org", AddressError::Form),
            ("ftp://127.0.0.1:1", AddressError::Form),
            ("file:///etc/passwd", AddressError::Form),
            ("http://10.0.0.5:20443", AddressError::Plain("10.0.0.5".to_owned())),
            ("http://localhost.example.org:1", AddressError::Plain("localhost.example.org".to_owned())),
            ("http://127.0.0.1@example.org:1", AddressError::Credentials),
            ("https://user:secret@example.org", AddressError::Credentials),
            ("https://example.org/v2", AddressError::Path),
            ("https://example.org?x=1", AddressError::Path),
            ("https://example.org#x", AddressError::Path),
        ];
        for (url, error) in hostile {
            assert_eq!(BaseUrl::parse(url), Err(error), "{url}");
        }
    }
}
