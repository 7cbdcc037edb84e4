//! The task of one endpoint: it reads the feed from where the endpoint is, and posts one event after the other, in their order.
//!
//! Nothing is queued: what an endpoint has missed is read back from the ledger, a page at a time, however long it was away. An event is
//! tried until it has arrived; then the next one is.
//!
//! How far it is comes to the disk after each failure, when there is nothing more to send, and else once a second. So a crash makes the
//! events of at most a second come again, under the names that they had.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sealdesk_machine::QueryError;
use sealdesk_protocol::wire::sealdesk::ledger::v1::LedgerEvent;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::courier::{self, Courier, Posted, Refusal};
use super::log::{Attempt, Became};
use super::message::Message;
use super::retry_policy::RetryPolicy;
use super::state::{Condition, State};
use super::store::{Kept, WebhookError, Webhooks};
use crate::clock::{Clock as _, SystemClock};
use crate::feed::{self, Cursor, EventPage, Filter};
use crate::ledger::Ledger;

/// How often it comes to the disk how far an endpoint is, while events arrive there.
const SAVE_EVERY: Duration = Duration::from_secs(1);
/// The same, while nothing that happens is for it.
const SAVE_PASSED_EVERY: Duration = Duration::from_secs(60);
/// After how long what could not be read is read again.
const READ_AGAIN: Duration = Duration::from_secs(5);

/// What all endpoints of a node share.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) webhooks: Webhooks,
    pub(super) ledger: Arc<dyn Ledger>,
    pub(super) policy: RetryPolicy,
    /// Reads at the same time.
    pub(super) reading: Arc<Semaphore>,
}

/// How an endpoint does, for those who look.
pub(super) type Seen = Arc<Mutex<State>>;

/// See the module.
pub(super) struct Worker {
    id: String,
    shared: Shared,
    filter: Filter,
    /// None where there can be none: then the endpoint is disabled.
    courier: Option<Courier>,
    state: State,
    seen: Seen,
    saved: Instant,
    saving: Option<JoinHandle<Result<(), WebhookError>>>,
}

/// Nothing more is posted: the endpoint is disabled, or the ledger has ended.
struct Ended;

impl Worker {
    /// Begins where the endpoint is, which is on disk before anything is posted.
    ///
    /// # Errors
    /// [`WebhookError`].
    pub(super) async fn prepare(
        id: String,
        kept: Kept,
        shared: Shared,
        seen: Seen,
    ) -> Result<Self, WebhookError> {
        let filter = Filter { types: kept.endpoint.types.clone(), ticket: None };
        let (webhooks, name, newest) = (shared.webhooks.clone(), id.clone(), shared.ledger.tip().height);
        let begun = tokio::task::spawn_blocking(move || {
            let state = webhooks.begun(&name, &kept, newest)?;
            Ok((kept, state))
        });
        let begun = begun.await.unwrap_or_else(|error| Err(WebhookError::Unready(error.to_string())));
        let (Kept { endpoint, secrets, .. }, mut state) = begun?;
        let courier = match courier::prepare(endpoint, secrets, shared.policy.wait).await {
            Ok(courier) => Some(courier),
            Err(error) => {
                tracing::error!("webhook {id} is disabled: {error}");
                state.disable(error.to_string(), now());
                None
            }
        };
        let saved = Instant::now();
        Ok(Self { id, shared, filter, courier, state, seen, saved, saving: None })
    }

    /// Posts what happens until it is stopped.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        self.show();
        if self.state.condition != Condition::Disabled {
            tokio::select! {
                biased;
                () = stop.cancelled() => {}
                Ended = self.deliver() => {}
            }
        }
        self.save().await;
        self.show();
    }

    async fn deliver(&mut self) -> Ended {
        let mut heights = self.shared.ledger.heights();
        loop {
            heights.mark_unchanged();
            let mut posted = false;
            loop {
                let EventPage { events, end, more } = self.read().await;
                for event in events {
                    posted = true;
                    if let Err(ended) = self.deliver_one(&event).await {
                        return ended;
                    }
                }
                self.state.cursor = end;
                if !more {
                    break;
                }
            }
            let due = if posted { Duration::ZERO } else { SAVE_PASSED_EVERY };
            self.save_after(due).await;
            self.show();
            if self.shared.ledger.is_closed() {
                return Ended;
            }
            // The ledger lives as long as this task, so this cannot fail.
            let _ = heights.changed().await;
        }
    }

    /// The next page of the feed. What is not on this node any more is passed over, and the log says so.
    async fn read(&mut self) -> EventPage {
        loop {
            self.stay_behind_the_end().await;
            let (shared, filter, at) = (self.shared.clone(), self.filter.clone(), self.state.cursor);
            let Ok(turn) = shared.reading.clone().acquire_owned().await else { continue };
            let read = tokio::task::spawn_blocking(move || {
                let _turn = turn;
                let tip = shared.ledger.tip();
                feed::read_to_tip(shared.ledger.machine(), &tip, at, &filter)
            });
            match read.await {
                Ok(Ok(page)) => return page,
                Ok(Err(QueryError::BeforeHistory { from })) => self.pass_over(from).await,
                Ok(Err(error)) => {
                    tracing::error!("webhook {} cannot read the feed: {error}", self.id);
                    tokio::time::sleep(READ_AGAIN).await;
                }
                Err(_) => tokio::time::sleep(READ_AGAIN).await,
            }
        }
    }

    async fn pass_over(&mut self, from: u64) {
        let detail = format!(
            "this node has no history before block {from}: what happened from block {} on was passed over",
            self.state.cursor.height()
        );
        tracing::warn!("webhook {}: {detail}", self.id);
        self.shared.ledger.metrics().webhooks.passed_over();
        self.state.cursor = Cursor::after_block(from.saturating_sub(1));
        self.note_of(Became::PassedOver, detail).await;
    }

    /// Goes back to the ledger's end, where the endpoint is ahead of it: it would hear nothing of all the blocks until there.
    async fn stay_behind_the_end(&mut self) {
        let (newest, ahead) = (self.shared.ledger.tip().height, self.state.cursor.height());
        if ahead <= newest {
            return;
        }
        let detail = format!(
            "it has what happened until block {ahead}, and the ledger's newest is {newest}, as after a backup was restored: what happens from block \
             {} on is posted",
            newest.saturating_add(1)
        );
        tracing::warn!("webhook {}: {detail}", self.id);
        let (delivered, last_delivered) = (self.state.delivered, self.state.last_delivered);
        let begun = State::at(self.state.revision, Cursor::after_block(newest));
        self.state = State { delivered, last_delivered, ..begun };
        self.note_of(Became::SetBack, detail).await;
        self.save().await;
    }

    /// Adds to the log what is not about one event.
    async fn note_of(&self, became: Became, detail: String) {
        let (webhook_id, r#type) = (String::new(), String::new());
        let line =
            Attempt { at: now(), webhook_id, r#type, attempt: 1, became, status: None, detail, millis: 0 };
        self.note(line).await;
    }

    /// Tries an event until it has arrived.
    async fn deliver_one(&mut self, event: &LedgerEvent) -> Result<(), Ended> {
        let place = Cursor::decode(&event.cursor).unwrap_or(self.state.cursor);
        let chain_id = self.shared.ledger.machine().chain_id().clone();
        let Ok(message) = Message::of_event(&chain_id, event) else {
            // Every event of this ledger is one that this program knows: it wrote it.
            tracing::error!("webhook {}: an event of block {} cannot be read", self.id, place.height());
            return Ok(());
        };
        if self.state.trying != Some(place) {
            let earlier = self.state.clone();
            let tried = State { failures: 0, failing_since: None, away: 0, next_try: None, ..earlier };
            self.state = State { trying: Some(place), ..tried };
        }
        loop {
            self.wait_for_next_try().await;
            self.state.tried(now());
            let begun = Instant::now();
            let Some(courier) = self.courier.as_mut() else { return Err(Ended) };
            let posted = courier.post(&message, now() / 1_000).await;
            let line = Attempt {
                at: now(),
                webhook_id: message.id.clone(),
                r#type: message.kind.clone(),
                attempt: self.state.failures.saturating_add(1),
                became: Became::Delivered,
                status: posted.status,
                detail: String::new(),
                millis: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            };
            if self.settle(place, posted, line).await? {
                return Ok(());
            }
        }
    }

    async fn wait_for_next_try(&self) {
        let Some(at) = self.state.next_try else { return };
        // A clock that was set back makes nobody wait longer than any pause.
        let left = at.saturating_sub(now()).clamp(0, millis(self.shared.policy.asked_most));
        tokio::time::sleep(Duration::from_millis(u64::try_from(left).unwrap_or_default())).await;
    }

    /// What an attempt means for the endpoint. True where the event has arrived.
    async fn settle(&mut self, place: Cursor, posted: Posted, line: Attempt) -> Result<bool, Ended> {
        let (now, policy, metrics) = (line.at, self.shared.policy, self.shared.ledger.metrics().clone());
        match posted.arrived {
            Ok(()) => {
                metrics.webhooks.delivered();
                self.state.arrived(place, now);
                self.note(line).await;
                self.save_after(SAVE_EVERY).await;
                return Ok(true);
            }
            Err(Refusal::Gone) => {
                let why = "it answered 410 Gone: it wants no more messages".to_owned();
                self.state.disable(why, now);
            }
            Err(Refusal::Later(why, asked)) => {
                if self.state.failing_for(now) >= millis(policy.give_up) {
                    let days = policy.give_up.as_secs() / 86_400;
                    let why = format!("{why}; nothing has arrived in {days} days on which this node tried");
                    self.state.disable(why, now);
                } else {
                    let again = policy.after(line.attempt, asked, chance());
                    self.state.failed(why, now, millis(again));
                }
            }
        }
        metrics.webhooks.failed();
        let disabled = self.state.condition == Condition::Disabled;
        let became = if disabled { Became::Disabled } else { Became::Failed };
        let detail = self.state.why.clone();
        if disabled {
            tracing::warn!("webhook {} is disabled: {detail}", self.id);
        }
        self.note(Attempt { became, detail, ..line }).await;
        self.save().await;
        self.show();
        if disabled { Err(Ended) } else { Ok(false) }
    }

    /// Adds a line to the log. A log that cannot be written holds nothing up.
    async fn note(&self, line: Attempt) {
        let log = self.shared.webhooks.log_of(&self.id);
        let added = tokio::task::spawn_blocking(move || log.add(&line)).await;
        if let Ok(Err(error)) = added {
            tracing::warn!("the log of webhook {} cannot be written: {error}", self.id);
        }
    }

    async fn save_after(&mut self, due: Duration) {
        if self.saved.elapsed() >= due {
            self.save().await;
        }
    }

    /// Brings to the disk how far the endpoint is. What was being written before is waited for: an older state never follows a newer one.
    async fn save(&mut self) {
        if let Some(earlier) = self.saving.as_mut() {
            let _ = earlier.await;
        }
        let (webhooks, id, state) = (self.shared.webhooks.clone(), self.id.clone(), self.state.clone());
        let saving = self.saving.insert(tokio::task::spawn_blocking(move || webhooks.save(&id, &state)));
        let saved = saving.await;
        self.saving = None;
        self.saved = Instant::now();
        if let Ok(Err(error)) = saved {
            tracing::error!(
                "webhook {}: how far it is cannot be kept, and comes again after a restart: {error}",
                self.id
            );
        }
    }

    /// Lets those see how it does who look.
    fn show(&self) {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = self.state.clone();
    }
}

/// The present, in Unix milliseconds.
fn now() -> i64 {
    SystemClock::default().now()
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// Any number. Without randomness all pauses are as if by the same chance.
fn chance() -> u16 {
    let mut bytes = [0; 2];
    let _ = getrandom::fill(&mut bytes);
    u16::from_be_bytes(bytes)
}
