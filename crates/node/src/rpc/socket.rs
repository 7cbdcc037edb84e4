//! A websocket: calls and their answers in order, and what was subscribed to.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use serde_json::json;
use serde_json::value::RawValue;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::error::ProtocolError;

use super::error::RpcError;
use super::notices::{Page, What};
use super::params::Params;
use super::posted::{Id, Posted};
use super::reply::Answer;
use super::seats::Seat;
use super::subscription::Subscriptions;
use super::{Caller, Rpc};
use crate::api::REQUEST_BYTES_MAX;
use crate::http::activity::{Activity, OpenRequest};
use crate::http::body::{REQUEST_WAIT, ReadThrottle, UNCOUNTED_BYTES};
use crate::http::busy;

/// How long a peer may take to read one message.
const SEND_WAIT: Duration = Duration::from_secs(30);
/// Silence after which a peer is asked whether it is still there.
const PING_AFTER: Duration = Duration::from_secs(30);
/// How long a peer may take to close its side: what it has not read by then is gone with the connection.
const CLOSE_WAIT: Duration = Duration::from_secs(5);
/// Codes of RFC 6455 for the end of a websocket.
const GOING_AWAY: u16 = 1001;
const PROTOCOL_ERROR: u16 = 1002;
const NOT_UTF8: u16 = 1007;
const TOO_LONG: u16 = 1009;
const TRY_AGAIN_LATER: u16 = 1013;
/// Longest reason for the end, in bytes, as in RFC 6455.
const REASON_BYTES_MAX: usize = 123;

/// One websocket.
struct Socket {
    rpc: Rpc,
    caller: Caller,
    stream: WebSocket,
    activity: Option<Arc<Activity>>,
    subscriptions: Subscriptions,
    /// There while something is subscribed to: a subscriber may wait long.
    open: Option<OpenRequest>,
}

/// Why a websocket ends.
enum End {
    /// The peer is gone.
    Gone,
    /// The peer ends it, and is answered.
    Closed,
    /// It is told why.
    Told(u16, String),
}

/// Serves a websocket until either side ends it, or somebody else gets its place.
pub(super) async fn converse(
    rpc: Rpc,
    caller: Caller,
    stream: WebSocket,
    seat: Seat,
    activity: Option<Arc<Activity>>,
) {
    let subscriptions = Subscriptions::default();
    let mut socket = Socket { rpc, caller, stream, activity, subscriptions, open: None };
    let end = tokio::select! {
        end = socket.serve() => end,
        () = seat.displaced.cancelled() => {
            let why = "your address has several websockets, and another had none: close some, or come back later";
            End::Told(TRY_AGAIN_LATER, why.to_owned())
        }
    };
    match end {
        End::Gone => return,
        End::Closed => {}
        End::Told(code, why) => {
            let farewell = Message::Close(Some(CloseFrame { code, reason: reason(&why).into() }));
            if !matches!(timeout(SEND_WAIT, socket.stream.send(farewell)).await, Ok(Ok(()))) {
                return;
            }
        }
    }
    let _ = timeout(CLOSE_WAIT, part(&mut socket.stream)).await;
}

/// Reads until the peer has closed its side, which sends the answer to a close of theirs. A message of which nothing more can be read leaves it at
/// waiting: a connection that is closed over unread bytes takes the farewell with it.
async fn part(stream: &mut WebSocket) {
    loop {
        match stream.recv().await {
            Some(Ok(_)) => {}
            Some(Err(error)) => match why_unread(error) {
                Some(_) => std::future::pending().await,
                None => return,
            },
            None => return,
        }
    }
}

/// What to tell a peer of a message that cannot be read; `None` where the connection is gone.
fn why_unread(error: axum::Error) -> Option<(u16, String)> {
    let error = error.into_inner().downcast::<tungstenite::Error>().ok()?;
    Some(match *error {
        tungstenite::Error::Capacity(_) => {
            (TOO_LONG, format!("a message has at most {REQUEST_BYTES_MAX} bytes"))
        }
        tungstenite::Error::Utf8(_) => (NOT_UTF8, "a text is not UTF-8".to_owned()),
        tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => return None,
        tungstenite::Error::Protocol(error) => (PROTOCOL_ERROR, error.to_string()),
        _ => return None,
    })
}

/// As much of a reason as a websocket's end may say.
fn reason(why: &str) -> &str {
    let mut end = why.len().min(REASON_BYTES_MAX);
    while !why.is_char_boundary(end) {
        end -= 1;
    }
    why.get(..end).unwrap_or_default()
}

/// The answer to a call, in the time that any request has.
async fn in_time(answering: impl Future<Output = Answer>) -> Answer {
    timeout(REQUEST_WAIT, answering).await.unwrap_or_else(|_| {
        Answer::refused(RpcError::internal("the request took too long: ask for less, or again later"))
    })
}

impl Socket {
    async fn serve(&mut self) -> End {
        let mut heights = self.rpc.context.api.ledger().heights();
        let mut pings = interval(PING_AFTER);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let done = tokio::select! {
                message = self.stream.recv() => match message {
                    Some(Ok(message)) => self.take(message).await,
                    Some(Err(error)) => Err(match why_unread(error) {
                        Some((code, why)) => End::Told(code, why),
                        None => End::Gone,
                    }),
                    None => Err(End::Gone),
                },
                changed = heights.changed() => match changed {
                    Ok(()) => self.tell().await,
                    Err(_) => Err(End::Told(GOING_AWAY, "the ledger has stopped".to_owned())),
                },
                _ = pings.tick() => self.send(Message::Ping(Vec::new().into())).await,
            };
            if let Err(end) = done {
                return end;
            }
        }
    }

    /// Answers what the peer says.
    async fn take(&mut self, message: Message) -> Result<(), End> {
        let _open = self.activity.as_ref().map(Activity::open_request);
        let text = match &message {
            Message::Text(text) => text.as_bytes(),
            Message::Binary(bytes) => bytes.as_ref(),
            Message::Close(_) => return Err(End::Closed),
            Message::Ping(_) | Message::Pong(_) => return Ok(()),
        };
        let mut pace = ReadThrottle::new(self.caller.memory.pace.clone(), self.caller.source);
        let bytes = text.len();
        let counted = text.len().saturating_sub(UNCOUNTED_BYTES);
        let answer = match self.caller.memory.requests.take(self.caller.source, counted) {
            Ok(_held) => in_time(self.answer(text)).await,
            Err(_) => Answer::refused(busy("it holds as many bytes of requests as it can").into()),
        };
        drop(message);
        // Nothing more is read meanwhile.
        pace.wait(bytes).await;
        let counted = answer.text.len().saturating_sub(UNCOUNTED_BYTES);
        let Ok(_held) = self.caller.memory.answers.take(self.caller.source, counted) else {
            return Err(unread());
        };
        match answer.text.is_empty() {
            true => Ok(()),
            false => self.send(Message::Text(answer.text.into())).await,
        }
    }

    /// The answer to one request: websockets take no several at once, as in CometBFT.
    async fn answer(&mut self, text: &[u8]) -> Answer {
        let request: &RawValue = match serde_json::from_slice(text) {
            Ok(request) => request,
            Err(error) => return Answer::refused(RpcError::parse(error.to_string())),
        };
        match Posted::read(request) {
            Ok(posted) if matches!(&*posted.method, "subscribe" | "unsubscribe" | "unsubscribe_all") => {
                let id = posted.id.clone().unwrap_or_else(Id::none);
                Answer::of(&id, self.subscribe(&posted).map(|()| json!({}).into()))
            }
            Ok(Posted { id, method, params }) => {
                let result = self.rpc.call(&self.caller, &method, params).await;
                id.map_or_else(Answer::nothing, |id| Answer::of(&id, result))
            }
            Err((id, error)) => Answer::of(&id, Err(error)),
        }
    }

    fn subscribe(&mut self, posted: &Posted<'_>) -> Result<(), RpcError> {
        let params = Params::of_json(posted.params, &["query"])?;
        match posted.method.as_str() {
            "subscribe" => {
                let newest = self.rpc.context.api.ledger().tip().height;
                let id = posted.id.clone().ok_or_else(|| {
                    RpcError::request("a subscription needs an `id`, which its events repeat")
                })?;
                self.subscriptions.add(id, &params.needed_text("query")?, newest)?;
            }
            "unsubscribe" => self.subscriptions.remove(&params.needed_text("query")?)?,
            _ => self.subscriptions.clear(),
        }
        let subscribed = !self.subscriptions.is_empty();
        self.open = self.activity.as_ref().filter(|_| subscribed).map(Activity::open_request);
        Ok(())
    }

    /// Tells of every block that was not told of.
    async fn tell(&mut self) -> Result<(), End> {
        let ledger = self.rpc.context.api.ledger().clone();
        if ledger.is_closed() {
            return Err(End::Told(GOING_AWAY, "the ledger has stopped".to_owned()));
        }
        while !self.subscriptions.is_empty() && self.subscriptions.next() <= ledger.tip().height {
            let height = self.subscriptions.next();
            for what in self.subscriptions.of_blocks() {
                self.tell_part(height, what).await?;
            }
            let mut told = 0;
            while self.subscriptions.want_txs() {
                match self.tell_part(height, What::Txs(told)).await? {
                    0 => break,
                    more => told = told.saturating_add(more),
                }
            }
            self.subscriptions.mark_sent(height);
        }
        Ok(())
    }

    /// Tells of part of a block, one notice at a time, and says how much happened in it. The part counts until all of it is read.
    async fn tell_part(&mut self, height: u64, what: What) -> Result<usize, End> {
        let page = self.rpc.history_page(&self.caller, height, what).await;
        let unreadable = |status: tonic::Status| {
            End::Told(TRY_AGAIN_LATER, format!("block {height}: {}", status.message()))
        };
        let page: Arc<Page> = page.map_err(unreadable)?;
        let bytes = page.iter().map(super::notices::HistoryEvent::bytes).sum::<usize>();
        let counted = bytes.saturating_sub(UNCOUNTED_BYTES);
        let _held = self.caller.memory.answers.take(self.caller.source, counted).map_err(|_| unread())?;
        for event in page.iter() {
            for of in 0..self.subscriptions.len() {
                if let Some(notice) = self.subscriptions.notice(of, height, event) {
                    self.send(Message::Text(notice.into())).await?;
                }
            }
        }
        Ok(page.len())
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        let bytes = match &message {
            Message::Text(text) => text.len(),
            _ => 0,
        };
        let _unread = self.activity.as_ref().map(|activity| activity.unread(bytes));
        match timeout(SEND_WAIT, self.stream.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => Err(End::Told(TRY_AGAIN_LATER, "you read too slowly: subscribe again".to_owned())),
        }
    }
}

/// The end of a websocket whose source reads too little of what it asks for.
fn unread() -> End {
    End::Told(
        TRY_AGAIN_LATER,
        "too many answers to your address are unread: read them, and connect again".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_call_that_never_ends_is_answered_in_time() {
        let begun = tokio::time::Instant::now();
        let answer = in_time(std::future::pending()).await;
        assert!(answer.text.contains("took too long"), "{answer:?}");
        assert_eq!(begun.elapsed(), REQUEST_WAIT);
    }

    #[test]
    fn a_reason_is_cut_by_bytes_and_between_letters() {
        assert_eq!(reason("over"), "over");
        let long = "é".repeat(100);
        assert_eq!(reason(&long), "é".repeat(61));
    }
}
