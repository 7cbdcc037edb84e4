//! Connecting over tonic's own channel: plain HTTP/2 at `http://`, HTTP/2 over TLS at `https://`.

use std::io::{self, ErrorKind};
use std::time::Duration;

use http::Uri;
use tonic::transport::{Channel, Endpoint};

use super::reach::{Reach, is_this_computer};
use super::{Node, NodeError, PATIENCE_SECONDS_DEFAULT, UrlError};
use crate::time::{sleep, within};
use crate::tls::TlsFault;

/// The longest silence before a connection is asked whether it still stands, and the longest wait for its answer.
const KEEP_ALIVE_MAX: Duration = Duration::from_secs(PATIENCE_SECONDS_DEFAULT);
/// The pause between attempts to connect.
const RETRY_PAUSE: Duration = Duration::from_millis(250);

impl Node<Channel> {
    /// Connects as [`Node::connect_by`] does, as this machine reaches everything, with the usual patience of
    /// [`PATIENCE_SECONDS_DEFAULT`].
    ///
    /// # Errors
    /// As there.
    pub async fn connect(url: &str) -> Result<Self, NodeError> {
        Self::connect_by(&Reach::of_machine(), url, Duration::from_secs(PATIENCE_SECONDS_DEFAULT)).await
    }

    /// Connects, trying for so long: a node that is just starting is waited for. Later calls wait as long for its answers.
    ///
    /// # Errors
    /// [`NodeError::Url`] at once for what is not an address, [`NodeError::Tls`] and [`NodeError::NotBelieved`] at once where TLS cannot
    /// be, [`NodeError::Unreachable`] after the wait.
    pub async fn connect_by(reach: &Reach, url: &str, patience: Duration) -> Result<Self, NodeError> {
        Self::connect_unless_refused(reach, url, patience, patience).await
    }

    /// As [`Node::connect_by`], but a connection that this computer refuses, since nobody listens there, is tried for `refused` only.
    ///
    /// # Errors
    /// As there.
    pub async fn connect_unless_refused(
        reach: &Reach,
        url: &str,
        patience: Duration,
        refused: Duration,
    ) -> Result<Self, NodeError> {
        let uri = parse(url)?;
        let over_tls = uri.scheme_str() == Some("https");
        let connector = over_tls.then(|| reach.connector()).transpose()?;
        let proxy = reach.proxy_to(&uri).filter(|_| over_tls);
        let is_here = uri.host().is_some_and(is_this_computer);
        let endpoint = Endpoint::from(uri)
            .connect_timeout(patience)
            .tcp_nodelay(true)
            // A peer that is gone without a word is noticed, also while an event is waited for, and however long its answers may take.
            .http2_keep_alive_interval(patience.min(KEEP_ALIVE_MAX))
            .keep_alive_timeout(patience.min(KEEP_ALIVE_MAX))
            .keep_alive_while_idle(true)
            .user_agent("sealdesk")
            .map_err(|_| UrlError::Form)?;
        let mut why = format!("no connection for {} seconds", patience.as_secs());
        let attempts = async {
            let mut refused_for = Duration::ZERO;
            loop {
                let connected = match &connector {
                    None => endpoint.connect().await,
                    Some(connector) => endpoint.connect_with_connector(connector.clone()).await,
                };
                match connected {
                    Ok(channel) => return Ok(channel),
                    Err(error) => match TlsFault::of(&error) {
                        // It will be no better in a moment.
                        Some(fault) => return Err(NodeError::NotBelieved { node: url.to_owned(), fault }),
                        None if is_here && is_refused(&error) && refused_for >= refused => {
                            return Err(NodeError::Unreachable {
                                node: url.to_owned(),
                                why: in_words(&error),
                            });
                        }
                        None => why = in_words(&error),
                    },
                }
                sleep(RETRY_PAUSE).await;
                refused_for = refused_for.saturating_add(RETRY_PAUSE);
            }
        };
        let connected = within(patience, attempts).await;
        let why = match proxy {
            Some(proxy) => format!("{why} (through the proxy {proxy}, which the environment names)"),
            None => why,
        };
        let channel = connected.ok_or_else(|| NodeError::Unreachable { node: url.to_owned(), why })??;
        Ok(Self::over(channel, url).with_patience(patience))
    }
}

/// Takes `http://host:port` or `https://host`, with or without a port, and nothing else, so that an address from somewhere else cannot make this program ask for more.
pub(super) fn parse(url: &str) -> Result<Uri, UrlError> {
    let uri: Uri = url.parse().map_err(|_| UrlError::Form)?;
    let over_tls = match uri.scheme_str() {
        Some("http") => false,
        Some("https") => true,
        Some(_) => return Err(UrlError::Scheme),
        None => return Err(UrlError::Form),
    };
    let authority = uri.authority().ok_or(UrlError::Form)?;
    if authority.as_str().contains('@') {
        return Err(UrlError::Credentials);
    }
    // A port that is none is not taken for its absence.
    let has_usual_port = over_tls && authority.as_str() == authority.host();
    if authority.host().is_empty() || !(has_usual_port || authority.port_u16().is_some()) {
        return Err(UrlError::Form);
    }
    if !matches!(uri.path(), "" | "/") || uri.query().is_some() || url.contains('#') {
        return Err(UrlError::Path);
    }
    Ok(uri)
}

/// Whether nobody listens where a connection was tried.
fn is_refused(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::ConnectionRefused)
        {
            return true;
        }
        cause = error.source();
    }
    false
}

/// The innermost cause is what a person can act on: "connection refused".
pub(crate) fn in_words(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_host_and_a_port_and_nothing_more() {
        for url in [
            "http://127.0.0.1:9090",
            "http://localhost:1/",
            "http://[::1]:9090",
            "https://127.0.0.1:1",
            "https://desk.example",
            "https://desk.example/",
        ] {
            assert!(parse(url).is_ok(), "{url}");
        }
        let hostile = [
            ("", UrlError::Form),
            ("127.0.0.1", UrlError::Form),
            ("http://127.0.0.1", UrlError::Form),
            ("https://desk.example:", UrlError::Form),
            ("https://desk.example:99999", UrlError::Form),
            ("https://desk.example/desk", UrlError::Path),
            ("https://user:secret@desk.example", UrlError::Credentials),
            ("file:///etc/passwd", UrlError::Form),
            ("unix://run/x.sock:1", UrlError::Scheme),
            ("gopher://127.0.0.1:1/x", UrlError::Scheme),
            ("http://user:secret@127.0.0.1:1", UrlError::Credentials),
            ("http://127.0.0.1:1/admin", UrlError::Path),
            ("http://127.0.0.1:1/?x=1", UrlError::Path),
            ("http://127.0.0.1:1#x", UrlError::Path),
        ];
        for (url, error) in hostile {
            assert_eq!(parse(url).unwrap_err(), error, "{url}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn ten_seconds_without_a_node_end_with_its_address() {
        // Port 1 of this machine: nobody listens, so that the connection is refused at once and tried again.
        let before = tokio::time::Instant::now();
        let error = Node::connect("http://127.0.0.1:1").await.unwrap_err();
        assert!(
            matches!(&error, NodeError::Unreachable { node, .. } if node == "http://127.0.0.1:1"),
            "{error}"
        );
        assert_eq!(before.elapsed().as_secs(), PATIENCE_SECONDS_DEFAULT);
    }

    #[tokio::test(start_paused = true)]
    async fn a_port_of_this_computer_where_nobody_listens_is_not_waited_for() {
        let (patience, refused) = (Duration::from_secs(10), Duration::from_secs(1));
        for url in ["http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1"] {
            let before = tokio::time::Instant::now();
            let reach = Reach::of_machine();
            let error = Node::connect_unless_refused(&reach, url, patience, refused).await.unwrap_err();
            assert!(
                matches!(&error, NodeError::Unreachable { why, .. } if why.contains("refused")),
                "{error}"
            );
            assert_eq!(before.elapsed(), refused, "{url}");
        }
    }
}
