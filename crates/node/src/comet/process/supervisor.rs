//! Runs CometBFT: starts it, keeps its last words, starts it again when it dies, and stops it.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::home::{CometHome, replace};
use crate::comet::error::CometError;
use crate::home::SECRET_VARIABLES;

/// Deaths in a row after which it is given up.
const DEATHS_MAX: u32 = 5;
/// How long it has to live for an earlier death to be forgotten.
const HEALTHY_AFTER: Duration = Duration::from_secs(30);
/// How long it may take to stop by itself.
const STOP_WAIT: Duration = Duration::from_secs(10);
/// Pause before it is started again.
const RESTART_PAUSE: Duration = Duration::from_millis(500);
/// How long one of an earlier life, whose application is gone, may take to notice that.
const ORPHAN_WAIT: Duration = Duration::from_secs(5);
/// Lines kept to say why it died, and the longest of them.
const LAST_WORDS_LINES: usize = 12;
const LINE_BYTES_MAX: usize = 2_048;
/// Length at which its log is begun anew; the one before is kept.
const LOG_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// A running CometBFT and the task that looks after it.
#[derive(Debug)]
pub(in crate::comet) struct Process {
    stop: DropGuard,
    task: tokio::task::JoinHandle<Result<(), CometError>>,
}

impl Process {
    /// Starts the program on its directory. `restarted` is called each time it is started again, `died` when it is given up.
    pub(in crate::comet) fn start(
        program: PathBuf,
        home: CometHome,
        restarted: impl Fn() + Send + Sync + 'static,
        died: impl FnOnce(&CometError) + Send + 'static,
    ) -> Self {
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let task = tokio::spawn(async move {
            let done = supervise(&program, &home, &restarted, &stopped).await;
            if let Err(error) = &done {
                died(error);
            }
            done
        });
        Self { stop: stop.drop_guard(), task }
    }

    /// Stops it, and waits for that.
    pub(in crate::comet) async fn stop(self) -> Result<(), CometError> {
        drop(self.stop);
        self.task.await.unwrap_or_else(|error| Err(CometError::Stopped(error.to_string())))
    }
}

async fn supervise(
    program: &Path,
    home: &CometHome,
    restarted: &(impl Fn() + Sync),
    stopped: &CancellationToken,
) -> Result<(), CometError> {
    end_orphan(home).await;
    let mut deaths = 0;
    loop {
        let begun = Instant::now();
        home.clear_the_way();
        let mut child = spawn(program, home)?;
        let words = listen(&mut child, home.log_file());
        let exit = tokio::select! {
            exit = child.wait() => exit,
            () = stopped.cancelled() => {
                end(&mut child).await;
                // Whoever starts CometBFT by another hand next finds nothing in its way either.
                home.clear_the_way();
                let _ = std::fs::remove_file(home.pid_file());
                return Ok(());
            }
        };
        let last_words = words.await.unwrap_or_default();
        deaths = if begun.elapsed() > HEALTHY_AFTER { 1 } else { deaths + 1 };
        let how = exit.map_or_else(|error| error.to_string(), how_it_ended);
        tracing::error!("cometbft died ({how}); its log is {}", home.log_file().display());
        if deaths >= DEATHS_MAX {
            return Err(CometError::Died { deaths, how, last_words });
        }
        tokio::select! {
            () = sleep(RESTART_PAUSE * deaths) => {}
            () = stopped.cancelled() => return Ok(()),
        }
        restarted();
    }
}

/// Whether a variable is for this node alone.
fn is_secret(name: &OsStr) -> bool {
    SECRET_VARIABLES.iter().any(|secret| name == *secret)
}

fn spawn(program: &Path, home: &CometHome) -> Result<Child, CometError> {
    let io = |error| CometError::Io { path: program.to_owned(), error };
    let mut command = Command::new(program);
    std::env::vars_os()
        .map(|(name, _)| name)
        .filter(|name| decides_otherwise(name) || is_secret(name))
        .for_each(|name| {
            command.env_remove(name);
        });
    let child = command
        .arg("start")
        .arg("--home")
        .arg(home.dir())
        .current_dir(home.dir())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // Ctrl-C on a terminal reaches the whole group; this process says itself when the other one stops.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(io)?;
    if let Some(pid) = child.id() {
        replace(&home.pid_file(), pid.to_string().as_bytes())?;
    }
    Ok(child)
}

/// Whether a variable would overrule the configuration that this node wrote for CometBFT, or tell it what is only ours to know.
fn decides_otherwise(name: &OsStr) -> bool {
    [b"CMT".as_slice(), b"SEALDESK_"].iter().any(|prefix| name.as_encoded_bytes().starts_with(prefix))
}

/// Asks it to end, and makes it.
async fn end(child: &mut Child) {
    let pid = child.id().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw);
    let asked = pid.is_some_and(|pid| kill_process(pid, Signal::TERM).is_ok());
    if !asked || timeout(STOP_WAIT, child.wait()).await.is_err() {
        let _ = child.kill().await;
    }
}

/// A CometBFT of a node that was killed ends by itself as soon as it misses its application; one that does not would hold the
/// database and sign beside the new one.
async fn end_orphan(home: &CometHome) {
    let Some(pid) = orphan(home) else { return };
    let begun = Instant::now();
    while orphan(home).is_some() && begun.elapsed() < ORPHAN_WAIT {
        sleep(Duration::from_millis(50)).await;
    }
    if orphan(home).is_some() {
        let _ = kill_process(pid, Signal::KILL);
        sleep(Duration::from_millis(200)).await;
    }
}

/// The process of the note, if it is still the CometBFT of this directory.
fn orphan(home: &CometHome) -> Option<Pid> {
    let text = std::fs::read_to_string(home.pid_file()).ok()?;
    let pid = Pid::from_raw(text.trim().parse().ok()?)?;
    test_kill_process(pid).ok()?;
    let command = std::fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero())).ok()?;
    let dir = home.dir().to_str()?.as_bytes();
    let ours = command.split(|byte| *byte == 0).any(|word| word == dir);
    ours.then_some(pid)
}

fn how_it_ended(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt as _;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("killed by signal {signal}"),
        (None, None) => "no reason known".to_owned(),
    }
}

/// Writes what it says to its log, and gives the end of that when it has nothing more to say.
fn listen(child: &mut Child, log: PathBuf) -> tokio::task::JoinHandle<String> {
    let (lines, mut said) = mpsc::channel::<String>(256);
    let streams: [Option<Box<dyn AsyncRead + Send + Unpin>>; 2] = [
        child.stdout.take().map(|stream| Box::new(stream) as Box<_>),
        child.stderr.take().map(|stream| Box::new(stream) as Box<_>),
    ];
    for stream in streams.into_iter().flatten() {
        let lines = lines.clone();
        tokio::spawn(async move {
            let mut reader = BufReader::new(stream);
            let mut line = Vec::new();
            while reader.read_until(b'\n', &mut line).await.is_ok_and(|read| read > 0) {
                line.truncate(LINE_BYTES_MAX);
                let text = String::from_utf8_lossy(&line).trim_end().to_owned();
                line.clear();
                if lines.send(text).await.is_err() {
                    return;
                }
            }
        });
    }
    tokio::spawn(async move {
        let mut last = VecDeque::new();
        let mut file = Log::open(log).await;
        while let Some(line) = said.recv().await {
            file.write(&line).await;
            if last.len() == LAST_WORDS_LINES {
                last.pop_front();
            }
            last.push_back(line);
        }
        Vec::from(last).join("\n")
    })
}

/// A file of lines that does not grow for ever. A log that cannot be written does not stop the node.
struct Log {
    path: PathBuf,
    file: Option<tokio::fs::File>,
    bytes: u64,
}

impl Log {
    async fn open(path: PathBuf) -> Self {
        let file = tokio::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(&path).await.ok();
        let bytes = match &file {
            Some(file) => file.metadata().await.map_or(0, |meta| meta.len()),
            None => 0,
        };
        Self { path, file, bytes }
    }

    async fn write(&mut self, line: &str) {
        if self.bytes > LOG_BYTES_MAX {
            let _ = tokio::fs::rename(&self.path, self.path.with_extension("log.1")).await;
            *self = Self::open(self.path.clone()).await;
        }
        if let Some(file) = &mut self.file {
            let _ = file.write_all(format!("{line}\n").as_bytes()).await;
            let _ = file.flush().await;
        }
        self.bytes = self.bytes.saturating_add(u64::try_from(line.len()).unwrap_or(0));
    }
}
