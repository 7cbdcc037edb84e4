//! CometBFT's own metrics, asked of it and passed on, so that one address serves both.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use http_body_util::Full;
use tokio::net::TcpStream;

use crate::http::client::{self, Bounds};

/// A hundred peers on eleven channels take a fifteenth of these bytes. Prometheus gives the whole answer ten seconds.
const BOUNDS: Bounds = Bounds { body_bytes: 8 * 1024 * 1024, wait: Duration::from_secs(3) };
/// The prefix of the names that only this node gives.
const OURS: &str = "sealdesk_";

/// Where a CometBFT serves its metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Instrumentation {
    address: SocketAddr,
    chain_id: String,
}

impl Instrumentation {
    /// That of this ledger's CometBFT, which listens here.
    pub(crate) fn new(listening: SocketAddr, chain_id: &str) -> Self {
        let loopback = match listening.ip() {
            ip if !ip.is_unspecified() => ip,
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        };
        Self { address: SocketAddr::new(loopback, listening.port()), chain_id: chain_id.to_owned() }
    }

    /// What CometBFT says of itself, in Prometheus's text format; `None` where it does not answer in time, or something else
    /// does at its address.
    pub(crate) async fn ask(&self) -> Option<String> {
        let text = match self.get().await {
            Ok(text) => text,
            Err(why) => {
                tracing::debug!("CometBFT gives no metrics: {why}");
                return None;
            }
        };
        let own = format!("chain_id=\"{}\"", self.chain_id);
        text.contains(&own).then(|| without_ours(&text))
    }

    async fn get(&self) -> Result<String, String> {
        let request = http::Request::get("/metrics")
            .header(http::header::HOST, self.address.to_string())
            .body(Full::default())
            .map_err(|error| error.to_string())?;
        let answer = client::ask(TcpStream::connect(self.address), request, BOUNDS).await?;
        if answer.status() != http::StatusCode::OK {
            return Err(format!("it answers {}", answer.status()));
        }
        String::from_utf8(answer.into_body().into()).map_err(|error| error.to_string())
    }
}

/// The lines whose names cannot be this node's, each whole.
fn without_ours(text: &str) -> String {
    let name =
        |line: &str| line.strip_prefix("# ").and_then(|rest| rest.split(' ').nth(1)).map(str::to_owned);
    let mut kept = String::with_capacity(text.len());
    for line in text.lines() {
        let named = name(line).unwrap_or_else(|| line.to_owned());
        if !named.starts_with(OURS) && !line.is_empty() {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    /// What comes of asking a server that answers with these bytes, once.
    async fn asked(answer: Vec<u8>) -> Option<String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let served = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 1_024];
            let _ = stream.read(&mut request).await.unwrap();
            // The asker may have enough before the end.
            let _ = stream.write_all(&answer).await;
        });
        let said = Instrumentation::new(address, "desk-1").ask().await;
        served.abort();
        said
    }

    fn answer(body: &str) -> Vec<u8> {
        format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into()
    }

    #[tokio::test]
    async fn cometbft_s_names_are_passed_on_and_ours_are_not_taken_from_it() {
        let body = "# HELP cometbft_a A.\n# TYPE cometbft_a gauge\ncometbft_a{chain_id=\"desk-1\"} 1\n\
                    # HELP sealdesk_b B.\n# TYPE sealdesk_b gauge\nsealdesk_b 7\ngo_goroutines 3";
        let said = asked(answer(body)).await.unwrap();
        assert_eq!(
            said,
            "# HELP cometbft_a A.\n# TYPE cometbft_a gauge\ncometbft_a{chain_id=\"desk-1\"} 1\ngo_goroutines 3\n"
        );
    }

    #[tokio::test]
    async fn another_program_at_the_address_is_not_passed_on() {
        assert_eq!(asked(answer("up 1\n")).await, None);
        assert_eq!(asked(answer("cometbft_a{chain_id=\"desk-2\"} 1\n")).await, None);
        assert_eq!(asked(b"HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n".to_vec()).await, None);
        assert_eq!(asked(b"SSH-2.0-x\r\n".to_vec()).await, None);
        let latin = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\na{chain_id=\"desk-1\"} 1 \xff\n".to_vec();
        assert_eq!(asked(latin).await, None);
    }

    #[tokio::test]
    async fn an_answer_without_end_is_given_up() {
        let mut endless = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\na{chain_id=\"desk-1\"} 1\n".to_vec();
        endless.resize(BOUNDS.body_bytes + 1_000_000, b'\n');
        assert_eq!(asked(endless).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn one_who_never_answers_is_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        assert_eq!(Instrumentation::new(address, "desk-1").ask().await, None);
    }

    #[test]
    fn a_listener_at_every_address_is_asked_over_loopback() {
        let of = |listening: &str| Instrumentation::new(listening.parse().unwrap(), "x").address.to_string();
        assert_eq!(of("0.0.0.0:26660"), "127.0.0.1:26660");
        assert_eq!(of("[::]:26660"), "[::1]:26660");
        assert_eq!(of("127.0.0.5:1"), "127.0.0.5:1");
    }
}
