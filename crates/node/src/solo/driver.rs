//! The thread that runs the ledger.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use super::{LedgerHandle, Solo, SoloError};
use crate::ledger::Ledger as _;

/// Idle time after which the state is synced, so that the next start has nothing to replay.
const IDLE_SYNC: Duration = Duration::from_secs(2);
/// Longest sleep. Due work is compared with the host's clock, which may be corrected meanwhile.
const SLEEP_MAX: Duration = Duration::from_secs(10);
/// The reason that is given for a defect.
const PANICKED: &str = "its thread panicked";

/// A running ledger. Dropping it without [`Driver::stop`] leaves the thread running.
#[derive(Debug)]
pub struct Driver {
    handle: Arc<LedgerHandle>,
    thread: JoinHandle<Result<(), SoloError>>,
}

impl Driver {
    /// Starts the thread. `ended` is called when it ends, with the reason if that is a failure.
    ///
    /// # Errors
    /// [`std::io::Error`] if the host gives no thread.
    pub fn start(
        mut solo: Solo,
        ended: impl FnOnce(Option<String>) + Send + 'static,
    ) -> std::io::Result<Self> {
        let handle = solo.handle().clone();
        let thread = std::thread::Builder::new().name("solo".to_owned()).spawn(move || {
            // A panic stops the ledger like any failure: else everyone would wait for an engine that is gone.
            let result = catch_unwind(AssertUnwindSafe(|| run(&mut solo)))
                .unwrap_or_else(|_| Err(solo.halt(SoloError::Stopped(PANICKED.to_owned()))));
            // A caller that is notified of the end may open the ledger again at once.
            drop(solo);
            if let Err(error) = &result {
                tracing::error!("the ledger has stopped: {error}");
            }
            ended(result.as_ref().err().map(ToString::to_string));
            result
        })?;
        Ok(Self { handle, thread })
    }

    /// The way into the ledger.
    pub fn handle(&self) -> &Arc<LedgerHandle> {
        &self.handle
    }

    /// Takes nothing any more, finishes the block at hand, syncs the state, and waits for that.
    ///
    /// # Errors
    /// What stopped the ledger, if it had stopped by itself.
    pub fn stop(self) -> Result<(), SoloError> {
        self.handle.close();
        self.thread.join().unwrap_or_else(|_| Err(SoloError::Stopped(PANICKED.to_owned())))
    }
}

/// Makes blocks until the handle is closed.
fn run(solo: &mut Solo) -> Result<(), SoloError> {
    let handle = solo.handle().clone();
    while !handle.is_closed() {
        match solo.next_block_in() {
            Some(0) => {
                solo.make_block()?;
                // Whoever waited has been answered by now.
                solo.prune_some()?;
            }
            _ if solo.prune_some()? => {}
            Some(millis) => {
                handle.pause(SLEEP_MAX.min(Duration::from_millis(millis.unsigned_abs())));
            }
            None if solo.is_synced() => {
                handle.pause(SLEEP_MAX);
            }
            None => {
                if handle.pause(IDLE_SYNC) {
                    solo.sync()?;
                }
            }
        }
    }
    solo.sync()
}

#[cfg(test)]
mod tests {
    use sealdesk_testkit::people::Person;
    use sealdesk_testkit::waiting::PATIENCE;

    use crate::desk::{Memory, clock, open, submit};

    #[test]
    fn a_transaction_that_came_just_before_a_pause_ends_it_at_once() {
        let solo = open(Memory::default().disks(), &clock()).unwrap();
        // The driver looked, and nothing waited; now something does.
        submit(&solo, &Person::number(0).appoint(0, &Person::number(1))).unwrap();
        assert!(!solo.handle().pause(PATIENCE), "it was slept through");
    }
}
