//! What the ledger does as it does it, with a cursor to go on from.
//!
//! Events are the node's word: they say where to look, and what is shown of a ticket is then read by proof.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::StreamExt as _;
use sealdesk_protocol::events::Event;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{FollowRequest, LedgerEvent};

use crate::desk::{Desk, Memory};
use crate::error::{Error, Result};
use crate::node::{Gathering, Node, NodeError, Transport};
use crate::read;
use crate::time::{sleep, within};
use crate::view::{HistoryEvent, Time};

/// Most events of one ticket that are gathered.
const PAST_EVENTS_MAX: usize = 100_000;
/// The pause before connecting again.
const PAUSE: Duration = Duration::from_millis(100);

/// What to follow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Following {
    /// After the last event seen, from its [`HistoryEvent::cursor`], which is this in URL-safe base64; empty = from now.
    pub cursor: Vec<u8>,
    /// Full names of events; empty = all.
    pub types: Vec<String>,
    /// Only of one ticket.
    pub ticket: Option<TicketId>,
}

/// A stream of events that outlives its connection.
pub struct Follower<T> {
    node: Node<T>,
    /// What the desk knows: what it reads after an event is not of a state before that.
    memory: Memory,
    following: Following,
    stream: Option<tonic::Streaming<LedgerEvent>>,
}

impl<T: Transport> Desk<T> {
    /// Follows the ledger.
    pub fn follow(&self, following: Following) -> Follower<T> {
        Follower { node: self.node().clone(), memory: self.memory(), following, stream: None }
    }

    /// Everything that happened to a ticket so far, in order; and the block with which that begins, where the node does not know
    /// what happened before.
    pub(crate) async fn events_of(&self, ticket: TicketId) -> Result<(Vec<HistoryEvent>, Option<u64>)> {
        let request = FollowRequest {
            ticket_id: ticket.to_string(),
            from_start: true,
            stop_at_end: true,
            ..FollowRequest::default()
        };
        match self.gather(request.clone()).await {
            Err(Error::Node(NodeError::BeforeHistory { from, cursor, .. })) => {
                let since = FollowRequest { cursor, from_start: false, ..request };
                Ok((self.gather(since).await?, Some(from)))
            }
            all => Ok((all?, None)),
        }
    }

    async fn gather(&self, request: FollowRequest) -> Result<Vec<HistoryEvent>> {
        self.node().whole("Follow", self.gather_events(request)).await
    }

    async fn gather_events(&self, request: FollowRequest) -> Result<Vec<HistoryEvent>> {
        let mut stream = self.node().follow(request).await?;
        let (mut events, mut gathering) = (Vec::new(), Gathering::new("Follow"));
        while events.len() < PAST_EVENTS_MAX {
            let next = within(self.node().patience(), stream.next()).await;
            match next.ok_or_else(|| self.node().silent("Follow"))? {
                Some(Ok(event)) => {
                    gathering.count(self.node(), &event)?;
                    events.push(history_event(self.node(), &event)?);
                }
                Some(Err(status)) => return Err(NodeError::of(self.node(), "Follow", &status).into()),
                None => break,
            }
        }
        Ok(events)
    }
}

impl<T: Transport> Follower<T> {
    /// The next event. Waits for it as long as it takes; a lost connection is made again, and goes on after the last event.
    ///
    /// # Errors
    /// [`crate::Error::Node`] once the node has been away for as long as its patience; asking again then tries again. Of that also
    /// [`NodeError::AheadOfLedger`], where the ledger does not have the block that the cursor is of.
    pub async fn next(&mut self) -> Result<HistoryEvent> {
        Ok(self.next_as_told().await?.1)
    }

    /// As [`Follower::next`], with the event as the node tells it beside.
    ///
    /// # Errors
    /// As there.
    pub async fn next_as_told(&mut self) -> Result<(LedgerEvent, HistoryEvent)> {
        loop {
            let stream = match self.stream.take() {
                Some(stream) => self.stream.insert(stream),
                None => {
                    let stream = self.connect().await?;
                    self.stream.insert(stream)
                }
            };
            match stream.next().await {
                Some(Ok(event)) => {
                    self.following.cursor.clone_from(&event.cursor);
                    let cursor = Some(URL_SAFE_NO_PAD.encode(&event.cursor));
                    let read = history_event(&self.node, &event)?;
                    self.memory.heard_of(read.height.unwrap_or_default());
                    return Ok((event, HistoryEvent { cursor, ..read }));
                }
                Some(Err(status)) => {
                    self.stream = None;
                    let error = NodeError::of(&self.node, "Follow", &status);
                    if !error.is_unknown_outcome() && !was_too_slow(&status) {
                        return Err(error.into());
                    }
                }
                None => self.stream = None,
            }
            sleep(PAUSE).await;
        }
    }

    /// The cursor after the last event that was given out.
    pub fn cursor(&self) -> &[u8] {
        &self.following.cursor
    }

    async fn connect(&self) -> Result<tonic::Streaming<LedgerEvent>> {
        let request = FollowRequest {
            cursor: self.following.cursor.clone(),
            types: self.following.types.clone(),
            ticket_id: self.following.ticket.map(|id| id.to_string()).unwrap_or_default(),
            ..FollowRequest::default()
        };
        Ok(self.node.follow_again(&request).await?)
    }
}

/// A node cuts off who reads too slowly; the cursor leads on.
fn was_too_slow(status: &tonic::Status) -> bool {
    matches!(status.code(), tonic::Code::ResourceExhausted | tonic::Code::OutOfRange)
}

fn history_event<T: Transport>(node: &Node<T>, event: &LedgerEvent) -> Result<HistoryEvent> {
    let decoded = Event::decode(&event.r#type, &event.value);
    let decoded = decoded.map_err(|_| node.incomplete("Follow", "an event that this program knows"))?;
    Ok(HistoryEvent {
        name: decoded.type_name(),
        at: Time::Unix(event.timestamp),
        height: Some(u64::try_from(event.height).unwrap_or(0)),
        txhash: TxHash::parse(&event.tx_hash).map(|hash| hash.to_string()),
        cursor: None,
        ticket: decoded.ticket_id().and_then(|id| TicketId::parse(id).ok()),
        fields: read::fields(&decoded),
        change: read::change(decoded),
    })
}
