//! Waiting for what comes: as long as a slow machine needs, and with words where it never comes.

#![allow(clippy::print_stderr, reason = "a test that fails shows the logs")]

use std::fmt::Display;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Longest wait for anything, on a machine that has much else to do. It is reached only where something never comes.
pub const PATIENCE: Duration = Duration::from_secs(300);
/// Lines of each log that a failing test shows.
const LOG_LINES: usize = 30;

/// Looks until there is what is waited for, and gives it. A look in vain says what was there instead.
#[track_caller]
pub fn wait_for<T, S: Display>(what: &str, mut look: impl FnMut() -> Result<T, S>) -> T {
    let begun = Instant::now();
    loop {
        match look() {
            Ok(found) => return found,
            Err(seen) => {
                assert!(begun.elapsed() < PATIENCE, "waited {PATIENCE:?} for {what}; last seen: {seen}");
            }
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Waits for a condition of which there is nothing more to say.
#[track_caller]
pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    wait_for(what, || if holds() { Ok(()) } else { Err("it does not hold") });
}

/// Addresses on this machine that nobody listens at, none of them given twice. Their ports are below those that the system gives to
/// whoever asks for any, so that nobody takes one before the test does; and every process begins elsewhere.
pub fn free_addresses() -> impl Iterator<Item = SocketAddr> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let own = std::process::id().wrapping_mul(251);
    let ports = std::iter::repeat_with(move || own.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)));
    let ports = ports.map(|n| u16::try_from(10_000 + n % 22_000).unwrap());
    ports.map(|port| SocketAddr::from(([127, 0, 0, 1], port))).filter(|free| TcpListener::bind(free).is_ok())
}

/// Shows the end of every log under a folder, if the test fails while this is there.
pub struct Logs(pub PathBuf);

impl Drop for Logs {
    fn drop(&mut self) {
        if std::thread::panicking() {
            show_logs(&self.0);
        }
    }
}

fn show_logs(dir: &Path) {
    for path in std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            show_logs(&path);
        } else if path.extension().is_some_and(|end| end == "log") {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap_or_default()).into_owned();
            let lines: Vec<&str> = text.lines().collect();
            let end = lines[lines.len().saturating_sub(LOG_LINES)..].join("\n");
            eprintln!("--- the end of {}\n{end}", path.display());
        }
    }
}
