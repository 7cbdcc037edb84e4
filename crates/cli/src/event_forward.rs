//! `watch --forward-to`: each event as the request that the node's webhooks make of it, for whoever writes the other end.

use std::time::Duration;

use http::{Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use sealdesk_client::trust::Clock;
use sealdesk_node::webhooks::{Message, signing};
use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::text;
use sealdesk_protocol::wire::sealdesk::ledger::v1::LedgerEvent;
use tokio::net::TcpStream;
use zeroize::Zeroizing;

use crate::context::Context;
use crate::failure::Failure;
use crate::plain_http;

/// How long an answer is waited for.
const WAIT: Duration = Duration::from_secs(15);
/// Most of an answer that is read, in bytes. It says nothing that is needed.
const ANSWER_BYTES_MAX: usize = 65_536;
/// How often one event is posted before the watch ends.
const TRIES_MAX: u32 = 5;
/// The pause before the second try; each later one is twice as long.
const PAUSE: Duration = Duration::from_secs(1);

/// Where events are posted, and what signs them.
pub(crate) struct Forwarding {
    uri: Uri,
    secret: signing::Secret,
    chain_id: ChainId,
}

impl Forwarding {
    /// Reads the address, and makes the secret of this watch.
    pub(crate) fn new(context: &Context, url: &str, chain_id: ChainId) -> Result<Self, Failure> {
        let wrong = |why: &str| {
            Failure::usage(
                format!("'{}' is not an address to forward to: {why}", text::line(url)),
                "write it as http://127.0.0.1:PORT/PATH; the node's own webhooks post to https://",
            )
        };
        plain_http::check(url, context.settings().insecure)?;
        let uri: Uri = url.parse().map_err(|_| wrong("it cannot be read"))?;
        if uri.scheme_str() != Some("http") || uri.host().is_none() {
            return Err(wrong("it does not begin with http://"));
        }
        let secret = signing::Secret::generate();
        let secret = secret.map_err(|_| Failure::new("the random number generator failed"))?;
        Ok(Self { uri, secret, chain_id })
    }

    /// What the other end checks signatures with.
    pub(crate) fn secret(&self) -> Zeroizing<String> {
        self.secret.reveal()
    }

    /// Posts an event until it is taken, at most [`TRIES_MAX`] times. Each failure is told.
    ///
    /// # Errors
    /// [`Failure`] once it was not taken for good.
    pub(crate) async fn post(
        &self,
        context: &Context,
        event: &LedgerEvent,
        about: &str,
    ) -> Result<(), Failure> {
        let message =
            Message::of_event(&self.chain_id, event).map_err(|error| Failure::new(error.to_string()))?;
        let mut pause = PAUSE;
        for tries in 1.. {
            let answered = tokio::time::timeout(WAIT, self.once(&message)).await;
            let why = match answered {
                Ok(Ok(status)) if status.is_success() => {
                    context.output().note(&format!("{status}  {about}"));
                    return Ok(());
                }
                Ok(Ok(status)) => format!("answered {status}"),
                Ok(Err(why)) => format!("cannot be asked ({})", text::line(&why)),
                Err(_) => format!("did not answer for {} s", WAIT.as_secs()),
            };
            let said = format!("{} {why}, for {about}", self.uri);
            if tries == TRIES_MAX {
                return Err(Failure::hinted(
                    format!("{said}; it was posted {TRIES_MAX} times"),
                    "fix the other end, and watch again: with --cursor-file that event comes first",
                ));
            }
            context.output().note(&format!("{said}; posting it again in {} s", pause.as_secs()));
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        Ok(())
    }

    async fn once(&self, message: &Message) -> Result<StatusCode, String> {
        let authority = self.uri.authority().map(ToString::to_string).unwrap_or_default();
        let host = self.uri.host().unwrap_or_default().trim_matches(['[', ']']);
        let stream = TcpStream::connect((host, self.uri.port_u16().unwrap_or(80))).await.map_err(in_words)?;
        let shaken = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = shaken.map_err(in_words)?;
        let connection = tokio::spawn(connection);
        let path = self.uri.path_and_query().map_or("/", |path| path.as_str());
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(http::header::HOST, authority)
            .header(http::header::CONTENT_TYPE, "application/json");
        let now = Clock::system().now();
        for (name, value) in signing::headers([&self.secret], &message.id, now, &message.body) {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(Bytes::from(message.body.clone()))).map_err(in_words)?;
        let answer = sender.send_request(request).await.map_err(in_words)?;
        let status = answer.status();
        drop(Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await);
        connection.abort();
        Ok(status)
    }
}

fn in_words(error: impl ToString) -> String {
    error.to_string()
}
