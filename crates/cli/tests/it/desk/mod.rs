//! A folder to live in, a shell that knows `sealdesk`, and desks that run in it.

pub mod exposition;
pub mod node;
pub mod session;
pub mod simulator;
pub mod story;

use std::io::{IsTerminal as _, stdin};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{LazyLock, Once};
use std::time::{SystemTime, UNIX_EPOCH};

use regex::Regex;
pub use sealdesk_testkit::waiting::{Logs, PATIENCE, free_addresses, wait_for, wait_until};

use node::Node;

/// How long the program waits for its node, in seconds: as long as a slow machine needs.
const PROGRAM_PATIENCE: &str = "120";

/// Until nothing that comes happens in the second of what was before.
pub fn let_a_second_pass() {
    let second = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let now = second();
    wait_until("the next second", || second() > now + 1);
}

/// The program under test.
pub fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_sealdesk"))
}

/// Keys that are unlocked are bound to a session. Where nobody is at a terminal, the session may have lost whoever began it, and the tests are
/// one of their own.
fn in_a_session() {
    static BEGUN: Once = Once::new();
    BEGUN.call_once(|| {
        if !stdin().is_terminal() {
            // Whoever leads a group of processes has begun it, in a session that is alive.
            let _ = rustix::process::setsid();
        }
    });
}

/// A command of the program or of the shell that sees nothing of the machine it runs on but PATH.
pub fn isolated(mut command: Command, home: &Path) -> Command {
    in_a_session();
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
    /// Where its desks listen, in place of the usual port.
    address: Option<String>,
}

/// Where a desk listens that is not told otherwise.
const USUAL_ADDRESS: &str = "127.0.0.1:9090";

impl Shell {
    pub fn new() -> Self {
        Self { home: tempfile::tempdir().unwrap(), nodes: Vec::new(), env: Vec::new(), address: None }
    }

    /// The same shell, where this is set.
    pub fn with_env(mut self, name: &'static str, value: &str) -> Self {
        self.env.push((name, value.to_owned()));
        self
    }

    /// The same shell, whose desks listen at a free port; who types the usual one means that.
    pub fn at_a_free_port(self) -> Self {
        let address = free_addresses().next().unwrap().to_string();
        Self { address: Some(address.clone()), ..self.with_env("SEALDESK_LISTEN", &address) }
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
        let address = self.address.as_deref().unwrap_or(USUAL_ADDRESS);
        let output = self.sh(&command.replace(USUAL_ADDRESS, address)).output().unwrap();
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
        FREE_PORT.replace_all(&printed, "$1:9090").into_owned()
    }

    /// Stops what still runs.
    pub fn stop(self) {
        for node in self.nodes {
            node.stop();
        }
    }
}

static FREE_PORT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(127\.0\.0\.1|localhost):\d{4,5}\b").unwrap());

/// What differs from run to run, by name.
static CHANGING: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let rules = [
        // The words of a ledger's identity.
        (r"in words( +|: )([a-z]+ ){11}[a-z]+", "in words WORDS"),
        (r"virtengine1[02-9ac-hj-np-z]{38}", "ADDRESS"),
        (r"virtengine1[02-9ac-hj-np-z]{3,10}…[02-9ac-hj-np-z]+", "ADDRESS…"),
        (r"\bS[PT][0-9A-HJKMNP-TV-Z]{28,39}", "ADDRESS"),
        (r"\bS[PT][0-9A-HJKMNP-TV-Z]{14}…[0-9a-z-]+|\bS[PT][0-9A-HJKMNP-TV-Z]{14}…[0-9A-Z]{4}", "ADDRESS…"),
        (r"\b0x[0-9a-f]{64}\b", "HASH"),
        // The line of an invitation.
        (r"&code=[0-9a-z-]{30}", "&code=CODE"),
        (r"&sum=[0-9a-f]{8}", "&sum=SUM"),
        (r"invite revoke [0-9a-f]{12}", "invite revoke ID"),
        (r"\b\d+\.\d+ STX", "FEE"),
        (r"\b\d+ bytes", "N bytes"),
        (r"desk-[0-9a-f]{16}", "CHAIN"),
        (r"\b([0-9a-f]{64}|[0-9A-F]{64})\b", "HASH"),
        (r"\b([0-9a-f]{40}|[0-9A-F]{40})\b", "FINGERPRINT"),
        (r"\bkey [0-9a-f]{8}\b", "key FINGERPRINT"),
        (r"[0-9A-Za-z+/]{43}=", "KEY"),
        (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?", "TIME"),
        (r"(?m)^( +[a-z]{3,8}){6}$", "WORDS"),
        (r#"(?i)(height"?:? *)\d+ *"#, "${1}HEIGHT "),
        (r"\b1[789]\d{8}\b", "SECONDS"),
        // What takes a slow machine longer says so.
        (r"(?m), in \d+ s$", ""),
        (r"(?m) +$", ""),
    ];
    rules.map(|(rule, name)| (Regex::new(rule).unwrap(), name)).into()
});

/// Text without what differs from run to run.
pub fn normal(text: &str) -> String {
    let replace = |text: String, (rule, name): &(Regex, &str)| rule.replace_all(&text, *name).into_owned();
    CHANGING.iter().fold(text.to_owned(), replace)
}
