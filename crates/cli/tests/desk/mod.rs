//! A folder to live in, a shell that knows `sealdesk`, and desks that run in it.
#![allow(dead_code, unreachable_pub)] // each test file uses another part of it
#![allow(clippy::print_stderr)] // a test that fails shows the logs

pub mod exposition;
pub mod node;
pub mod session;
pub mod simulator;
pub mod story;

use std::fmt::Display;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use regex::Regex;

use node::Node;

/// Longest wait for anything, on a machine that has much else to do. It is reached only where something never comes.
pub const PATIENCE: Duration = Duration::from_secs(300);
/// The same for the program, which waits for its node no longer than it is told to, in seconds.
const PROGRAM_PATIENCE: &str = "120";
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

/// Addresses on this machine that nobody listens at, none of them given twice. Their ports are below those that the system gives to
/// whoever asks for any, so that nobody takes one before the test does; and every process begins elsewhere.
pub fn free_addresses() -> impl Iterator<Item = SocketAddr> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let own = std::process::id().wrapping_mul(251);
    let ports = std::iter::repeat_with(move || own.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)));
    let ports = ports.map(|n| u16::try_from(10_000 + n % 22_000).unwrap());
    ports.map(|port| SocketAddr::from(([127, 0, 0, 1], port))).filter(|free| TcpListener::bind(free).is_ok())
}

/// The program under test.
pub fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_sealdesk"))
}

/// A command of the program or of the shell that sees nothing of the machine it runs on but PATH.
pub fn isolated(mut command: Command, home: &Path) -> Command {
    let path = std::env::var("PATH").unwrap_or_default();
    let programs = program().parent().unwrap().display();
    command
        .env_clear()
        .env("PATH", format!("{programs}:{path}"))
        .env("HOME", home)
        .env("SEALDESK_LISTEN", "127.0.0.1:0")
        .env("SEALDESK_PATIENCE", PROGRAM_PATIENCE)
        .current_dir(home)
        .stdin(Stdio::null());
    command
}

/// A shell in a folder of its own. What is started with `&` is stopped at the end, and must end well.
pub struct Shell {
    home: tempfile::TempDir,
    nodes: Vec<Node>,
    env: Vec<(&'static str, String)>,
}

impl Shell {
    pub fn new() -> Self {
        Self { home: tempfile::tempdir().unwrap(), nodes: Vec::new(), env: Vec::new() }
    }

    /// The same shell, where this is set.
    pub fn with_env(mut self, name: &'static str, value: &str) -> Self {
        self.env.push((name, value.to_owned()));
        self
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Types a command, and gives what it printed. It must succeed; a story shows a failure with `; echo "exit code $?"`.
    pub fn run(&mut self, command: &str) -> String {
        if let Some(started) = command.strip_suffix('&') {
            let (node, printed) = Node::start_shown(self.sh(&format!("exec {started}")));
            self.nodes.push(node);
            return self.told(&printed);
        }
        if command == "kill %1" {
            self.nodes.remove(0).stop();
            return String::new();
        }
        let output = self.sh(command).output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "$ {command}\n{printed}{}", output.status);
        self.told(&printed)
    }

    fn sh(&self, command: &str) -> Command {
        let mut sh = Command::new("sh");
        sh.arg("-c").arg(format!("exec 2>&1; {command}"));
        let mut sh = isolated(sh, self.home());
        sh.envs(self.env.iter().map(|(name, value)| (name, value)));
        sh
    }

    /// What was printed, with this shell's home written as everyone writes his own.
    fn told(&self, printed: &str) -> String {
        let printed = printed.replace(self.home().to_str().unwrap(), "~");
        // The usual port is what a reader gets; here each desk takes one that is free.
        FREE_PORT.replace_all(&printed, "127.0.0.1:9090").into_owned()
    }

    /// Stops what still runs.
    pub fn stop(self) {
        for node in self.nodes {
            node.stop();
        }
    }
}

static FREE_PORT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"127\.0\.0\.1:\d{4,5}\b").unwrap());

/// What differs from run to run, by name.
static CHANGING: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let rules = [
        (r"virtengine1[02-9ac-hj-np-z]{38}", "ADDRESS"),
        (r"virtengine1[02-9ac-hj-np-z]{3,10}…[02-9ac-hj-np-z]+", "ADDRESS…"),
        (r"\bS[PT][0-9A-HJKMNP-TV-Z]{28,39}", "ADDRESS"),
        (r"\bS[PT][0-9A-HJKMNP-TV-Z]{14}…[0-9a-z-]+|\bS[PT][0-9A-HJKMNP-TV-Z]{14}…[0-9A-Z]{4}", "ADDRESS…"),
        (r"\b0x[0-9a-f]{64}\b", "HASH"),
        (r"\b\d+\.\d+ STX", "FEE"),
        (r"\b\d+ bytes", "N bytes"),
        (r"desk-[0-9a-f]{16}", "CHAIN"),
        (r"\b([0-9a-f]{64}|[0-9A-F]{64})\b", "HASH"),
        (r"\b([0-9a-f]{40}|[0-9A-F]{40})\b", "FINGERPRINT"),
        (r"\bkey [0-9a-f]{8}\b", "key FINGERPRINT"),
        (r"[0-9A-Za-z+/]{43}=", "KEY"),
        (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?", "TIME"),
        (r"(?m)^( +[a-z]{3,8}){6}$", "WORDS"),
        (r#"(?i)(height"?:? +)\d+ *"#, "${1}HEIGHT "),
        (r"\b1[789]\d{8}\b", "SECONDS"),
        (r"(?m) +$", ""),
    ];
    rules.map(|(rule, name)| (Regex::new(rule).unwrap(), name)).into()
});

/// Text without what differs from run to run.
pub fn normal(text: &str) -> String {
    let replace = |text: String, (rule, name): &(Regex, &str)| rule.replace_all(&text, *name).into_owned();
    CHANGING.iter().fold(text.to_owned(), replace)
}
