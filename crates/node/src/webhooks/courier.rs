//! One message, posted to one endpoint: the lookup, the address that is judged, TLS, the request, and what the answer means.
//!
//! No redirect is followed, nothing of an answer is kept but its status, and everything is bounded in time and bytes.

use std::time::{Duration, Instant, SystemTime};

use http::{HeaderMap, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use ipnet::IpNet;
use rustls::pki_types::ServerName;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_util::either::Either;

use super::endpoint::{Endpoint, Signer, Target};
use super::message::Message;
use super::signing;
use super::store::WebhookError;
use crate::http::{guard, tls_client};

/// Most bytes of an answer's head.
const HEAD_BYTES_MAX: usize = 16_384;
/// Most header fields of an answer.
const HEADERS_MAX: usize = 64;
/// Most bytes of an answer's body that are read, and thrown away, so that the connection serves again.
const BODY_BYTES_MAX: usize = 16_384;
/// How long an answer's body is waited for once the message has arrived.
const BODY_WAIT: Duration = Duration::from_secs(1);
/// How long a connection is used again: after it the name is looked up anew.
const CONNECTION_AGE_MAX: Duration = Duration::from_secs(60);
const AGENT: &str = concat!("sealdesk/", env!("CARGO_PKG_VERSION"));

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// What the endpoint answered, where it did.
    pub status: Option<u16>,
    /// Whether the endpoint has it; otherwise why not.
    pub arrived: Result<(), Refusal>,
}

/// Why a message did not arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The endpoint wants no more messages: 410.
    Gone,
    /// It may arrive later; by the endpoint's own word after so long.
    Later(String, Option<Duration>),
}

/// Posts to one endpoint.
pub(super) struct Courier {
    target: Target,
    allowed: Vec<IpNet>,
    tls: Option<TlsConnector>,
    signers: Vec<Signer>,
    wait: Duration,
    open: Option<Open>,
}

/// A connection that has served, and may again.
struct Open {
    sender: SendRequest<Full<Bytes>>,
    driver: JoinHandle<()>,
    since: Instant,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Courier {
    /// Reads what it takes from files, so it may block.
    ///
    /// # Errors
    /// [`WebhookError`] where there can be no TLS, or the endpoint does not fit.
    pub(super) fn new(
        endpoint: &Endpoint,
        signers: Vec<Signer>,
        wait: Duration,
    ) -> Result<Self, WebhookError> {
        let target = endpoint.target()?;
        let tls = match target.tls {
            true => Some(tls_client::connector(endpoint.ca.as_deref()).map_err(WebhookError::Unready)?),
            false => None,
        };
        Ok(Self { target, allowed: endpoint.allowed.clone(), tls, signers, wait, open: None })
    }

    /// Posts a message. `now` is in Unix seconds.
    pub(super) async fn post(&mut self, message: &Message, now: i64) -> Posted {
        match timeout(self.wait, self.exchange(message, now)).await {
            Ok(Ok((answer, open))) => self.judge(answer, open).await,
            Ok(Err(why)) => Posted { status: None, arrived: Err(Refusal::Later(why, None)) },
            Err(_) => {
                let why = format!("no answer within {} seconds", self.wait.as_secs_f32());
                Posted { status: None, arrived: Err(Refusal::Later(why, None)) }
            }
        }
    }

    async fn exchange(&mut self, message: &Message, now: i64) -> Result<(Response<Incoming>, Open), String> {
        let request = self.request(message, now)?;
        if let Some(mut open) = self.open.take().filter(|open| open.since.elapsed() < CONNECTION_AGE_MAX)
            && let Ok(answer) = open.sender.send_request(request.clone()).await
        {
            return Ok((answer, open));
        }
        // The endpoint may close a connection at any time. What it had got by then comes once more, by the same name.
        let mut open = self.connect().await?;
        let answer = open.sender.send_request(request).await;
        Ok((answer.map_err(|error| format!("the answer is not HTTP, or ended early: {error}"))?, open))
    }

    fn request(&self, message: &Message, now: i64) -> Result<Request<Full<Bytes>>, String> {
        let signing = self.signers.iter().filter(|signer| signer.signs(now)).map(|signer| &signer.secret);
        let mut request = Request::post(self.target.path.as_str())
            .header(header::HOST, &self.target.authority)
            .header(header::USER_AGENT, AGENT)
            .header(header::CONTENT_TYPE, "application/json");
        for (name, value) in signing::headers(signing, &message.id, now, &message.body) {
            request = request.header(name, value);
        }
        request.body(Full::new(Bytes::from(message.body.clone()))).map_err(|error| error.to_string())
    }

    async fn connect(&self) -> Result<Open, String> {
        let stream = guard::reach(&self.target.host, self.target.port, &self.allowed, self.wait).await?;
        // What is posted is small, and waits for nothing.
        let _ = stream.set_nodelay(true);
        let stream = match &self.tls {
            None => Either::Left(stream),
            Some(tls) => {
                let name = ServerName::try_from(self.target.host.clone());
                let name = name.map_err(|_| "no certificate can be for this host".to_owned())?;
                let shaken = tls.connect(name, stream).await;
                Either::Right(shaken.map_err(|error| format!("TLS failed: {error}"))?)
            }
        };
        let mut builder = http1::Builder::new();
        builder.max_buf_size(HEAD_BYTES_MAX).max_headers(HEADERS_MAX);
        let (sender, connection) =
            builder.handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
        let driver = tokio::spawn(async move { drop(connection.await) });
        Ok(Open { sender, driver, since: Instant::now() })
    }

    /// What an answer means, and whether its connection serves again.
    async fn judge(&mut self, answer: Response<Incoming>, open: Open) -> Posted {
        let (head, body) = answer.into_parts();
        if timeout(BODY_WAIT, read_away(body)).await == Ok(true) {
            self.open = Some(open);
        }
        let arrived = match head.status {
            status if status.is_success() => Ok(()),
            StatusCode::GONE => Err(Refusal::Gone),
            status if status.is_redirection() => {
                let why = format!("it answered {status}, and a webhook follows no redirect");
                Err(Refusal::Later(why, None))
            }
            status => Err(Refusal::Later(format!("it answered {status}"), retry_after(&head.headers))),
        };
        Posted { status: Some(head.status.as_u16()), arrived }
    }
}

/// Reads a body to its end. False where that is too far away.
async fn read_away(mut body: Incoming) -> bool {
    let mut bytes = 0;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return false };
        bytes += frame.data_ref().map_or(0, Bytes::len);
        if bytes > BODY_BYTES_MAX {
            return false;
        }
    }
    true
}

/// After how long an endpoint wants to be asked again: in seconds, or by a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    httpdate::parse_http_date(value).ok()?.duration_since(SystemTime::now()).ok()
}

/// A courier for the task of an endpoint, made where files may be read.
pub(super) async fn prepare(
    endpoint: Endpoint,
    signers: Vec<Signer>,
    wait: Duration,
) -> Result<Courier, WebhookError> {
    let made = tokio::task::spawn_blocking(move || Courier::new(&endpoint, signers, wait));
    made.await.unwrap_or_else(|error| Err(WebhookError::Unready(error.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_says_when_to_come_back_in_seconds_or_by_a_date() {
        let of = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RETRY_AFTER, value.parse().unwrap());
            retry_after(&headers).map(|wait| wait.as_secs())
        };
        assert_eq!(
            (of("120"), of(" 7 "), of("-1"), of("soon"), of("")),
            (Some(120), Some(7), None, None, None)
        );
        let at = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(600));
        assert!(matches!(of(&at), Some(590..=600)), "{at}");
        assert_eq!(of("Sun, 06 Nov 1994 08:49:37 GMT"), None, "it is past");
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
