//! How a command that runs until it is stopped hears that it is.

use std::io::IsTerminal as _;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::signal::{SIGHUP, SIGINT, SIGTERM};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::failure::Failure;

/// Whether the program ends by itself after Ctrl-C and SIGTERM.
static ENDS_CAUGHT: AtomicBool = AtomicBool::new(false);
/// Whether the program sees to SIGHUP by itself.
static HANGUPS_CAUGHT: AtomicBool = AtomicBool::new(false);

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
        ENDS_CAUGHT.store(true, Ordering::SeqCst);
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

/// What a SIGHUP is about.
pub(crate) enum Hangup {
    /// An operator has files read again.
    ReadAgain,
    /// The terminal of the program is gone, and with it whoever could stop it there.
    TerminalClosed,
}

/// SIGHUP, from the beginning on: one during the start is not lost. A program that is told to read its files never ends by it.
pub(crate) struct Hangups {
    signal: Signal,
    /// Whether the program was started in a terminal.
    in_terminal: bool,
    /// Whether one came that nobody was told of yet.
    is_left: bool,
}

impl Hangups {
    /// Begins to catch them.
    pub(crate) fn catch() -> Result<Self, Failure> {
        let signal = signal(SignalKind::hangup())?;
        HANGUPS_CAUGHT.store(true, Ordering::SeqCst);
        Ok(Self { signal, in_terminal: is_in_terminal(), is_left: false })
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) -> Hangup {
        if !self.is_left {
            self.signal.recv().await;
        }
        self.is_left = false;
        self.meant()
    }

    /// Waits until the terminal is closed. What an operator sends meanwhile is left for [`Hangups::next`].
    pub(crate) async fn terminal_closed(&mut self) {
        loop {
            self.signal.recv().await;
            match self.meant() {
                Hangup::TerminalClosed => return,
                Hangup::ReadAgain => self.is_left = true,
            }
        }
    }

    fn meant(&self) -> Hangup {
        if self.in_terminal && !is_in_terminal() { Hangup::TerminalClosed } else { Hangup::ReadAgain }
    }
}

/// A terminal that was closed is none any more.
fn is_in_terminal() -> bool {
    std::io::stdin().is_terminal() || std::io::stdout().is_terminal() || std::io::stderr().is_terminal()
}

/// Whether somebody waits for a signal, who then sees to what runs.
pub(crate) fn is_caught(signal: i32) -> bool {
    match signal {
        SIGINT | SIGTERM => ENDS_CAUGHT.load(Ordering::SeqCst),
        SIGHUP => HANGUPS_CAUGHT.load(Ordering::SeqCst),
        _ => false,
    }
}
