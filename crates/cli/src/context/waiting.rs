//! What a person hears while a node keeps them waiting, and the invitation that they may show it.

use std::io::{ErrorKind, Read as _};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use sealdesk_client::node::{Attend, Waiting};
use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::invitation::InvitationCode;
use zeroize::Zeroizing;

use crate::config::{INVITATION_FILE, Settings};
use crate::failure::{Failure, at, at_home};
use crate::output::Output;
use crate::prompt;
use crate::text_input::first_line;

/// Longest file that is read for a code, in bytes.
const INVITATION_BYTES_MAX: u64 = 4_096;
/// How often the progress of work is said where no line can be written anew, in seconds.
const TELL_EVERY_SECONDS: u64 = 30;

/// See the module.
pub(super) struct Usher {
    output: Output,
    /// The code that was named. It is not cloned: what is handed out is read anew from here.
    code: Option<Zeroizing<String>>,
    /// The ledger that it is for; `None` = whoever named it knows.
    only_for: Option<Identity>,
    /// The file of a code that does not say for which ledger it is, as older programs wrote it.
    of_no_desk: Option<PathBuf>,
    /// The ledger that was met, once it has proven which one it is.
    met: Met,
}

/// The identity of the ledger that a command has met.
pub(super) type Met = Arc<OnceLock<Identity>>;

impl Usher {
    /// Reads the code of the file that was named, before anything is sent anywhere; else the one by which this home was connected, which is for
    /// that desk and shown to no other.
    pub(super) fn new(output: Output, settings: &Settings, met: Met) -> Result<Self, Failure> {
        let nothing = Self { output, code: None, only_for: None, of_no_desk: None, met };
        if let Some(path) = &settings.invitation_file {
            let open = std::fs::File::open(path).and_then(|file| first_line(file, INVITATION_BYTES_MAX));
            let code = open.map_err(|error| at(path, &error))?;
            InvitationCode::parse(&code).map_err(|error| {
                Failure::usage(
                    format!("{}: {error}", path.display()),
                    "write the code that the desk's operator gave you into its first line",
                )
            })?;
            return Ok(Self { code: Some(code), ..nothing });
        }
        let path = settings.home.join(INVITATION_FILE);
        match std::fs::File::open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(nothing),
            opened => {
                let text = opened.and_then(|file| bounded(file, INVITATION_BYTES_MAX));
                let text = text.map_err(|error| at_home(&path, &error))?;
                let mut lines = text.lines();
                let code = lines.next().map(|code| Zeroizing::new(code.to_owned()));
                let only_for = lines.next().and_then(Identity::parse);
                // One that does not say what it is for is shown to nobody.
                let of_no_desk = code.as_ref().filter(|_| only_for.is_none()).map(|_| path);
                Ok(Self { code: code.filter(|_| only_for.is_some()), only_for, of_no_desk, ..nothing })
            }
        }
    }

    /// Whether the code is for the desk that was met.
    fn is_for_it(&self) -> bool {
        self.only_for.is_none() || self.only_for.as_ref() == self.met.get()
    }
}

fn bounded(file: std::fs::File, max: u64) -> std::io::Result<Zeroizing<String>> {
    // With room for all of it: a text that grows leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(max.try_into().unwrap_or_default()));
    file.take(max).read_to_string(&mut text)?;
    Ok(text)
}

impl Attend for Usher {
    fn waits(&self, waiting: &Waiting) {
        match waiting {
            Waiting::Busy { why, seconds } => {
                let unit = if *seconds == 1 { "second" } else { "seconds" };
                self.output
                    .note(&format!("{why}\nwaiting {seconds} {unit} (--patience says how long at most) …"));
            }
            Waiting::Work { seconds: 0 } => {
                self.output.note(
                    "The desk asks new customers for a little work of their computer, a few seconds mostly …",
                );
            }
            Waiting::Work { seconds } if Output::writes_lines_anew() => {
                self.output.progress(&format!("working for {seconds} s …"));
            }
            Waiting::Work { seconds } if seconds % TELL_EVERY_SECONDS == 0 => {
                self.output.note(&format!("still working after {seconds} s …"));
            }
            Waiting::Work { .. } => {}
        }
    }

    fn worked(&self) {
        // Takes the line of the progress away.
        self.output.progress("");
    }

    fn invitation(&self, only: bool) -> Option<InvitationCode> {
        if let Some(code) = self.code.as_ref().filter(|_| self.is_for_it()) {
            return InvitationCode::parse(code).ok();
        }
        if let Some(path) = &self.of_no_desk {
            let path = path.display();
            self.output.note(&format!(
                "{path} does not say for which desk its code is, so this desk is not shown it; if it is for this one: --invitation-file {path}"
            ));
        }
        if !only || !self.output.is_interactive() {
            return None;
        }
        self.output.note("This desk takes new customers by invitation.");
        let typed = prompt::ask("Your invitation code: ").ok()?;
        match InvitationCode::parse(&typed) {
            Ok(code) => Some(code),
            Err(error) => {
                self.output.note(&error.to_string());
                None
            }
        }
    }
}
