//! A websocket: calls and their answers in order, and what was subscribed to.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::doors::{Posted, answer};
use super::error::RpcError;
use super::params::Params;
use super::subscription::Subscriptions;
use super::{Caller, Rpc};
use crate::http::activity::{Activity, OpenRequest};

/// How long a peer may take to read one message.
const SEND_WAIT: Duration = Duration::from_secs(30);
/// Silence after which a peer is asked whether it is still there.
const PING_AFTER: Duration = Duration::from_secs(30);
/// Codes of RFC 6455 for the end of a websocket.
const GOING_AWAY: u16 = 1001;
const TRY_AGAIN_LATER: u16 = 1013;

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
    /// It is told why.
    Told(u16, String),
}

/// Serves a websocket until either side ends it.
pub(super) async fn converse(rpc: Rpc, caller: Caller, stream: WebSocket, activity: Option<Arc<Activity>>) {
    let subscriptions = Subscriptions::default();
    let mut socket = Socket { rpc, caller, stream, activity, subscriptions, open: None };
    if let End::Told(code, why) = socket.serve().await {
        let farewell = Message::Close(Some(CloseFrame { code, reason: why.into() }));
        let _ = timeout(SEND_WAIT, socket.stream.send(farewell)).await;
    }
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
                    Some(Err(_)) | None => Err(End::Gone),
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
        let bytes = match message {
            Message::Text(text) => text.as_bytes().to_vec(),
            Message::Binary(bytes) => bytes.to_vec(),
            Message::Close(_) => return Err(End::Gone),
            Message::Ping(_) | Message::Pong(_) => return Ok(()),
        };
        let answered = match serde_json::from_slice::<Value>(&bytes) {
            Ok(request) => self.answer(request).await,
            Err(error) => Some(answer((-1).into(), Err(RpcError::parse(error.to_string())))),
        };
        match answered {
            Some(answered) => self.send(Message::Text(answered.to_string().into())).await,
            None => Ok(()),
        }
    }

    async fn answer(&mut self, request: Value) -> Option<Value> {
        let method = request["method"].as_str().unwrap_or_default();
        if !matches!(method, "subscribe" | "unsubscribe" | "unsubscribe_all") {
            return self.rpc.answer_one(&self.caller, request).await;
        }
        match Posted::read(request) {
            Ok(posted) => {
                let id = posted.id.clone().unwrap_or(Value::Null);
                let result = self.subscribe(posted);
                Some(answer(id, result))
            }
            Err(refused) => Some(refused),
        }
    }

    fn subscribe(&mut self, posted: Posted) -> Result<Value, RpcError> {
        let Posted { id, method, params } = posted;
        let params = Params::of_json(params, &["query"])?;
        match method.as_str() {
            "subscribe" => {
                let newest = self.rpc.context.api.ledger().tip().height;
                let id = id.ok_or_else(|| {
                    RpcError::request("a subscription needs an `id`, which its events repeat")
                })?;
                self.subscriptions.add(id, &params.needed_text("query")?, newest)?;
            }
            "unsubscribe" => self.subscriptions.remove(&params.needed_text("query")?)?,
            _ => self.subscriptions.clear(),
        }
        let subscribed = !self.subscriptions.is_empty();
        self.open = self.activity.as_ref().filter(|_| subscribed).map(Activity::open_request);
        Ok(json!({}))
    }

    /// Tells of every block that was not told of.
    async fn tell(&mut self) -> Result<(), End> {
        let ledger = self.rpc.context.api.ledger().clone();
        if ledger.is_closed() {
            return Err(End::Told(GOING_AWAY, "the ledger has stopped".to_owned()));
        }
        while !self.subscriptions.is_empty() && self.subscriptions.next() <= ledger.tip().height {
            let height = self.subscriptions.next();
            let notices = self.rpc.notices(&self.caller, &mut self.subscriptions, height).await;
            let unreadable = |status: tonic::Status| {
                let why: String = status.message().chars().take(100).collect();
                End::Told(TRY_AGAIN_LATER, format!("block {height}: {why}"))
            };
            for notice in notices.map_err(unreadable)? {
                self.send(Message::Text(notice.to_string().into())).await?;
            }
        }
        Ok(())
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
