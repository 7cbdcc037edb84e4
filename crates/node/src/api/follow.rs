//! Subscribers: each reads the feed at his own pace. One who does not read is cut off, and told where he was.

use std::time::Duration;

use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{FollowRequest, LedgerEvent};
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::{Api, status};
use crate::feed::{self, Cursor, Filter, Stretch};

/// Events that wait for a subscriber.
const BUFFERED_EVENTS: usize = 64;
/// How long a subscriber may leave his buffer full.
const STALLED_MAX: Duration = Duration::from_secs(30);
/// Event types that one subscription may name.
const TYPES_MAX: usize = 32;

/// One subscription.
struct Follower {
    api: Api,
    at: Cursor,
    filter: Filter,
    /// Whether the subscriber wants the past only.
    stop_at_end: bool,
    heights: watch::Receiver<u64>,
    events: mpsc::Sender<Result<LedgerEvent, Status>>,
    _place: OwnedSemaphorePermit,
}

impl Api {
    pub(super) fn start_follower(
        &self,
        request: FollowRequest,
    ) -> Result<ReceiverStream<Result<LedgerEvent, Status>>, Status> {
        let busy = |_| Status::resource_exhausted("too many subscribers: try again later");
        let place = self.0.followers.clone().try_acquire_owned().map_err(busy)?;
        let heights = self.gate().heights();
        let at = match request.cursor.as_slice() {
            [] if request.from_start => Cursor::start(),
            [] => Cursor::after_block(self.gate().tip().height),
            bytes => Cursor::decode(bytes)
                .ok_or_else(|| Status::invalid_argument("this is no cursor of the feed"))?,
        };
        let stop_at_end = request.stop_at_end;
        let filter = filter_of(request)?;
        // One place more than the buffer has, so that the word of farewell always fits.
        let (events, stream) = mpsc::channel(BUFFERED_EVENTS + 1);
        let follower =
            Follower { api: self.clone(), at, filter, stop_at_end, heights, events, _place: place };
        tokio::spawn(follower.run());
        Ok(ReceiverStream::new(stream))
    }
}

fn filter_of(request: FollowRequest) -> Result<Filter, Status> {
    if request.types.len() > TYPES_MAX {
        return Err(Status::invalid_argument(format!("at most {TYPES_MAX} event types")));
    }
    let ticket = match request.ticket_id.as_str() {
        "" => None,
        id => Some(TicketId::parse(id).map_err(|error| Status::invalid_argument(error.to_string()))?),
    };
    Ok(Filter { types: request.types, ticket })
}

impl Follower {
    async fn run(mut self) {
        // An error ends the stream with its reason; a subscriber who left needs none.
        if let Err(Some(reason)) = self.follow().await {
            let _ = self.events.try_send(Err(reason));
        }
    }

    /// Sends what there is, then waits for the next block unless the past was all that was wanted. An error is `None` where
    /// nobody listens any more.
    async fn follow(&mut self) -> Result<(), Option<Status>> {
        loop {
            self.heights.mark_unchanged();
            while self.send_stretch().await? {}
            if self.stop_at_end {
                return Ok(());
            }
            if self.api.gate().is_closed() {
                return Err(Some(Status::unavailable("the node is shutting down")));
            }
            tokio::select! {
                () = self.events.closed() => return Err(None),
                // The gate lives as long as this follower, so this cannot fail.
                _ = self.heights.changed() => {}
            }
        }
    }

    /// Sends the next stretch of the feed. True if there is more at once.
    async fn send_stretch(&mut self) -> Result<bool, Option<Status>> {
        let (at, filter) = (self.at, self.filter.clone());
        let read = self.api.work(move |api| {
            let tip = api.gate().tip();
            feed::read(api.gate().machine(), &tip.snapshot, at, &filter).map_err(status::of_query)
        });
        let Stretch { events, end, more } = read.await?;
        for event in events {
            let cursor = Cursor::decode(&event.cursor).unwrap_or(self.at);
            self.send(event).await?;
            self.at = cursor;
        }
        self.at = end;
        Ok(more)
    }

    async fn send(&self, event: LedgerEvent) -> Result<(), Option<Status>> {
        let room = async {
            loop {
                // The last place is kept for the farewell.
                let permit = self.events.reserve().await.map_err(|_| None)?;
                if self.events.capacity() > 0 {
                    return Ok(permit);
                }
                drop(permit);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        match tokio::time::timeout(STALLED_MAX, room).await {
            Ok(Ok(permit)) => {
                permit.send(Ok(event));
                Ok(())
            }
            Ok(Err(gone)) => Err(gone),
            Err(_) => Err(Some(Status::resource_exhausted(format!(
                "cut off for not reading; go on from cursor {}",
                hex::encode(self.at.encode())
            )))),
        }
    }
}
