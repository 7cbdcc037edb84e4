//! How a command that runs until it is stopped hears that it is.

use std::io::IsTerminal as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use signal_hook::consts::signal::{SIGHUP, SIGINT, SIGTERM};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::failure::Failure;
use crate::process_status;

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

/// How often the program looks whether its terminal is still there.
const LOOK_AT_TERMINAL: Duration = Duration::from_secs(2);

/// What a SIGHUP, or the end of a terminal, is about.
pub(crate) enum Hangup {
    /// An operator has files read again.
    ReadAgain,
    /// The terminal of the program was closed, and with it whoever could stop it there.
    TerminalClosed,
    /// The terminal is gone and no signal came with that, as where a shell leaves its background jobs alone: the program outlives it.
    Outlived,
}

/// SIGHUP, from the beginning on: one during the start is not lost. The program ends only by one that comes as its terminal is closed.
pub(crate) struct Hangups {
    signal: Signal,
    /// Whether the program is in a terminal whose end is to end it.
    in_terminal: bool,
    /// Whether the terminal was gone at the last look.
    is_gone: bool,
    /// Whether one came that nobody was told of yet.
    is_left: bool,
}

impl Hangups {
    /// Begins to catch them.
    pub(crate) fn catch() -> Result<Self, Failure> {
        // Who has it ignored, as `nohup` does, wants the program to outlive the terminal. It reads its files again all the same.
        let outlives = is_ignored(SIGHUP);
        let signal = signal(SignalKind::hangup())?;
        HANGUPS_CAUGHT.store(true, Ordering::SeqCst);
        Ok(Self { signal, in_terminal: !outlives && is_in_terminal(), is_gone: false, is_left: false })
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) -> Hangup {
        if std::mem::take(&mut self.is_left) {
            return self.meant();
        }
        loop {
            tokio::select! {
                _ = self.signal.recv() => return self.meant(),
                () = tokio::time::sleep(LOOK_AT_TERMINAL), if self.in_terminal => {
                    let was_gone = std::mem::replace(&mut self.is_gone, !is_in_terminal());
                    // The signal of a terminal that is being closed may still be on its way at the first look.
                    if was_gone && self.is_gone {
                        self.in_terminal = false;
                        return Hangup::Outlived;
                    }
                }
            }
        }
    }

    /// Waits until the terminal is closed. What an operator sends meanwhile is left for [`Hangups::next`].
    pub(crate) async fn terminal_closed(&mut self) {
        loop {
            self.signal.recv().await;
            match self.meant() {
                Hangup::TerminalClosed => return,
                Hangup::ReadAgain | Hangup::Outlived => self.is_left = true,
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

/// Whether whoever began this program wants a signal ignored, as `nohup` does with SIGHUP.
pub(crate) fn is_ignored(signal: i32) -> bool {
    let mask = process_status::field("SigIgn").and_then(|hex| u64::from_str_radix(&hex, 16).ok());
    mask.unwrap_or(0) & (1 << (signal - 1)) != 0
}

/// Whether somebody waits for a signal, who then sees to what runs.
pub(crate) fn is_caught(signal: i32) -> bool {
    match signal {
        SIGINT | SIGTERM => ENDS_CAUGHT.load(Ordering::SeqCst),
        SIGHUP => HANGUPS_CAUGHT.load(Ordering::SeqCst),
        _ => false,
    }
}
