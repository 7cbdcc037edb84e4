//! How a command that runs until it is stopped hears that it is.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::failure::Failure;

/// Ctrl-C and SIGTERM, from the beginning on: a signal during the start is not lost.
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// Begins to catch them.
    pub(crate) fn catch() -> Result<Self, Failure> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
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
