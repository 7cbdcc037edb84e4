//! How a command that runs until it is stopped hears that it is.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::failure::Failure;

/// Whether the program ends by itself after Ctrl-C and SIGTERM.
static CAUGHT: AtomicBool = AtomicBool::new(false);

/// Ctrl-C and SIGTERM, from the beginning on: a signal during the start is not lost.
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// Begins to catch them.
    pub(crate) fn catch() -> Result<Self, Failure> {
        let caught =
            Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? };
        CAUGHT.store(true, Ordering::SeqCst);
        Ok(caught)
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// SIGHUP, by which an operator has files read again. Where there are none to read it ends the program, as it does any other.
pub(crate) struct Hangups(Option<Signal>);

impl Hangups {
    /// Begins to catch them, where they are `wanted`.
    pub(crate) fn catch(wanted: bool) -> Result<Self, Failure> {
        Ok(Self(wanted.then(|| signal(SignalKind::hangup())).transpose()?))
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) {
        match &mut self.0 {
            Some(hangups) => drop(hangups.recv().await),
            None => std::future::pending().await,
        }
    }
}

/// Whether somebody waits for Ctrl-C and SIGTERM, who then ends what runs.
pub(crate) fn are_caught() -> bool {
    CAUGHT.load(Ordering::SeqCst)
}
