//! A running `sealdesk start`, stopped at the latest when the test lets go of it.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use super::wait_for;

/// What `sealdesk start` prints last before it serves.
const READY: &str = "Ctrl-C";

/// A running desk.
pub struct Node {
    child: Child,
    printed: Option<BufReader<ChildStdout>>,
}

impl Node {
    /// Starts a desk, and waits until it serves.
    pub fn start(command: Command) -> Self {
        Self::start_shown(command).0
    }

    /// The same, with what it printed until then.
    pub fn start_shown(mut command: Command) -> (Self, String) {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut printed = String::new();
        while !printed.lines().last().unwrap_or_default().contains(READY) {
            let read = lines.read_line(&mut printed).unwrap();
            assert!(read > 0, "the desk ended before it served:\n{printed}{:?}", child.wait());
        }
        (Self { child, printed: Some(lines) }, printed)
    }

    /// Process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it without warning, as a power cut would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end, and checks that it does so well.
    pub fn stop(mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let stopped = || self.child.try_wait().unwrap().ok_or("it runs");
        let status = wait_for("the desk to stop", stopped);
        assert!(status.success(), "the desk ended with {status}");
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.printed = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
