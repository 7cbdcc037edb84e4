//! `watch --exec`: a command that is run for each event.
//!
//! Events hold texts that strangers wrote. They go to the command's standard input, as JSON: never into its arguments, and into no shell.

use std::ffi::OsString;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use sealdesk_client::view::{HistoryEvent, Time};
use sealdesk_protocol::text;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};

use crate::context::Context;
use crate::failure::Failure;

/// How often a command is run for one event before the watch ends.
const TRIES_MAX: u32 = 3;
/// The pause before the second try; each later one is twice as long.
const PAUSE: Duration = Duration::from_secs(1);

/// A command, and how long it may take.
pub(crate) struct EventCommand {
    /// The program and its arguments, as they were typed.
    pub(crate) words: Vec<OsString>,
    /// After this it is ended, and has failed.
    pub(crate) limit: Duration,
}

impl EventCommand {
    /// Runs the command for an event until it succeeds, at most [`TRIES_MAX`] times. Each failure is told.
    ///
    /// # Errors
    /// [`Failure`] once it has failed for good.
    pub(crate) async fn handle(&self, context: &Context, event: &HistoryEvent) -> Result<(), Failure> {
        let mut pause = PAUSE;
        for tries in 1.. {
            let Err(why) = self.once(event).await else { return Ok(()) };
            let name = self.words.first().map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
            let said = format!("the command '{}' {why}, for {}", text::line(&name), about(event));
            if tries == TRIES_MAX {
                return Err(Failure::hinted(
                    format!("{said}; it was run {TRIES_MAX} times"),
                    go_on_hint(event),
                ));
            }
            context.output().note(&format!("{said}; running it again in {} s", pause.as_secs()));
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        Ok(())
    }

    /// Runs it once; why it failed, if it did.
    async fn once(&self, event: &HistoryEvent) -> Result<(), String> {
        let (program, arguments) = self.words.split_first().ok_or("is empty")?;
        let json = serde_json::to_string(event).map_err(|error| error.to_string())?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .envs(variables(event))
            .stdin(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        let mut child = Group(command.spawn().map_err(|error| format!("cannot be run ({error})"))?);
        let ended = tokio::time::timeout(self.limit, child.fed(&text::escaped_json(&json))).await;
        match ended {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(format!("ended with {status}")),
            Ok(Err(error)) => Err(format!("cannot be waited for ({error})")),
            Err(_) => Err(format!("took more than {} s and was ended", self.limit.as_secs())),
        }
    }
}

/// A running command. Where nobody waits for it any more it is ended, with everything that it began.
struct Group(Child);

impl Group {
    /// Gives it its input, and waits for its end. A command may end without having read.
    async fn fed(&mut self, input: &str) -> std::io::Result<ExitStatus> {
        let mut pipe = self.0.stdin.take();
        let feeding = async {
            if let Some(pipe) = &mut pipe {
                let written = async {
                    pipe.write_all(input.as_bytes()).await?;
                    pipe.write_all(b"\n").await
                };
                drop(written.await);
            }
            drop(pipe);
        };
        let ((), status) = tokio::join!(feeding, self.0.wait());
        status
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let group =
            self.0.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
        if let Some(group) = group {
            // It may have ended meanwhile.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

/// What of an event stands in the environment: what its ledger made of it, and nothing that people wrote.
fn variables(event: &HistoryEvent) -> Vec<(&'static str, String)> {
    let time = match event.at {
        Time::Unix(seconds) => sealdesk_protocol::json::time(seconds).unwrap_or_default(),
        Time::BurnBlock(height) => height.to_string(),
    };
    vec![
        ("SEALDESK_EVENT_TYPE", event.name.clone()),
        ("SEALDESK_EVENT_TICKET", event.ticket.map(|ticket| ticket.to_string()).unwrap_or_default()),
        ("SEALDESK_EVENT_TIME", time),
        ("SEALDESK_EVENT_HEIGHT", event.height.map(|height| height.to_string()).unwrap_or_default()),
        ("SEALDESK_EVENT_TXHASH", event.txhash.clone().unwrap_or_default()),
        ("SEALDESK_EVENT_CURSOR", event.cursor.clone().unwrap_or_default()),
    ]
}

/// An event, by its name and ticket.
pub(crate) fn about(event: &HistoryEvent) -> String {
    let name = text::line(event.name.rsplit('.').next().unwrap_or_default());
    event.ticket.map(|ticket| format!("{name} of {ticket}")).unwrap_or(name)
}

/// How to go on with the event that failed.
pub(crate) fn go_on_hint(event: &HistoryEvent) -> String {
    let after = event.cursor.as_deref().unwrap_or_default();
    format!(
        "fix it and watch again: with --cursor-file that event comes first; `--cursor {}` continues after it",
        text::line(after)
    )
}
