//! The webhooks of a running node: a task for each endpoint, begun and ended as the operator's files come and go.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::retry_policy::RetryPolicy;
use super::state::Condition;
use super::store::{Kept, WebhookError, Webhooks};
use super::worker::{Seen, Shared, Worker};
use crate::ledger::Ledger;

/// Pages of the feed that are read for endpoints at the same time.
const READS_MAX: usize = 2;

/// The webhooks of a running node. They end with [`Deliveries::stop`].
#[derive(Debug)]
pub(crate) struct Deliveries {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Deliveries {
    /// Posts the events of a ledger to the endpoints of a home.
    pub(crate) fn start(webhooks: Webhooks, ledger: Arc<dyn Ledger>, policy: RetryPolicy) -> Self {
        let stop = CancellationToken::new();
        let shared = Shared { webhooks, ledger, policy, reading: Arc::new(Semaphore::new(READS_MAX)) };
        let manager = Manager { shared, running: BTreeMap::new(), stop: stop.clone() };
        Self { stop, task: tokio::spawn(manager.run()) }
    }

    /// Ends what is being posted, and keeps how far each endpoint is.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        let _ = self.task.await;
    }
}

/// The task of an endpoint.
struct Running {
    /// Of the operator's file that it goes by.
    digest: [u8; 32],
    stop: CancellationToken,
    task: JoinHandle<()>,
    seen: Seen,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Manager {
    shared: Shared,
    running: BTreeMap<String, Running>,
    stop: CancellationToken,
}

impl Manager {
    async fn run(mut self) {
        loop {
            self.look().await;
            self.count();
            tokio::select! {
                () = self.stop.cancelled() => break,
                () = tokio::time::sleep(self.shared.policy.look) => {}
            }
        }
        for running in self.running.values() {
            running.stop.cancel();
        }
        for running in self.running.values_mut() {
            let _ = (&mut running.task).await;
        }
    }

    /// Brings the tasks to what the files say.
    async fn look(&mut self) {
        let webhooks = self.shared.webhooks.clone();
        let found = tokio::task::spawn_blocking(move || {
            let bytes = |id: String| {
                webhooks.bytes(&id).ok().map(|bytes| (id, <[u8; 32]>::from(Sha256::digest(&*bytes))))
            };
            webhooks.ids().map(|ids| ids.into_iter().filter_map(bytes).collect::<BTreeMap<_, _>>())
        });
        let found = match found.await {
            Ok(Ok(found)) => found,
            Ok(Err(error)) => return tracing::warn!("the webhooks cannot be read: {error}"),
            Err(_) => return,
        };
        let over = |id: &String, running: &Running| found.get(id) != Some(&running.digest);
        let over: Vec<String> =
            self.running.iter().filter(|(id, running)| over(id, running)).map(|(id, _)| id.clone()).collect();
        for id in over {
            if let Some(mut running) = self.running.remove(&id) {
                running.stop.cancel();
                let _ = (&mut running.task).await;
            }
        }
        for (id, digest) in found {
            if !self.running.contains_key(&id) {
                let running = self.begin(&id, digest);
                self.running.insert(id, running);
            }
        }
    }

    fn begin(&self, id: &str, digest: [u8; 32]) -> Running {
        let (stop, seen) = (CancellationToken::new(), Seen::default());
        let (shared, stopped) = (self.shared.clone(), stop.clone());
        let (name, shown) = (id.to_owned(), seen.clone());
        let task = tokio::spawn(async move {
            let prepared = prepare(name.clone(), shared, shown.clone()).await;
            match prepared {
                Ok(worker) => worker.run(stopped).await,
                Err(error) => {
                    // The file is looked at again when it has changed.
                    tracing::error!("webhook {name} is not delivered to: {error}");
                    shown.lock().unwrap_or_else(PoisonError::into_inner).condition = Condition::Disabled;
                }
            }
        });
        Running { digest, stop, task, seen }
    }

    /// Shows in the metrics how the endpoints do.
    fn count(&self) {
        let (mut conditions, mut behind) = ([0, 0, 0], 0);
        let height = self.shared.ledger.tip().height;
        for running in self.running.values() {
            let state = running.seen.lock().unwrap_or_else(PoisonError::into_inner);
            match state.condition {
                Condition::Delivering => conditions[0] += 1,
                Condition::Failing => {
                    conditions[1] += 1;
                    behind = behind.max(height.saturating_sub(state.cursor.height()));
                }
                Condition::Disabled => conditions[2] += 1,
            }
        }
        self.shared.ledger.metrics().webhooks.stand(conditions, behind);
    }
}

async fn prepare(id: String, shared: Shared, seen: Seen) -> Result<Worker, WebhookError> {
    let (webhooks, name) = (shared.webhooks.clone(), id.clone());
    let kept = tokio::task::spawn_blocking(move || webhooks.kept(&name)).await;
    let kept: Kept = kept.unwrap_or_else(|error| Err(WebhookError::Unready(error.to_string())))?;
    Worker::prepare(id, kept, shared, seen).await
}

#[cfg(test)]
impl Deliveries {
    /// Ends as a crash does: nothing more is kept.
    pub(super) fn abort(self) {
        self.task.abort();
    }
}
