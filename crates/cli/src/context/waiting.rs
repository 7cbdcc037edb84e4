//! What a person hears while a node keeps them waiting, and the invitation that they may show it.

use std::path::PathBuf;

use sealdesk_client::node::{Attend, Waiting};
use sealdesk_protocol::invitation::InvitationCode;
use zeroize::Zeroizing;

use crate::failure::{Failure, at};
use crate::output::Output;
use crate::outside::first_line;
use crate::prompt;

/// Longest file that is read for a code, in bytes.
const INVITATION_BYTES_MAX: u64 = 4_096;
/// How often the progress of work is said where no line can be written anew, in seconds.
const TELL_EVERY_SECONDS: u64 = 30;

/// See the module.
pub(super) struct Usher {
    output: Output,
    /// The code of the file that was named. It is not cloned: what is handed out is read anew from here.
    code: Option<Zeroizing<String>>,
}

impl Usher {
    /// Reads the code of the file that was named, before anything is sent anywhere.
    pub(super) fn new(output: Output, file: Option<&PathBuf>) -> Result<Self, Failure> {
        let Some(path) = file else { return Ok(Self { output, code: None }) };
        let open = std::fs::File::open(path).and_then(|file| first_line(file, INVITATION_BYTES_MAX));
        let code = open.map_err(|error| at(path, &error))?;
        InvitationCode::parse(&code).map_err(|error| {
            Failure::usage(
                format!("{}: {error}", path.display()),
                "write the code that the desk's operator gave you into its first line",
            )
        })?;
        Ok(Self { output, code: Some(code) })
    }
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
        if let Some(code) = &self.code {
            return InvitationCode::parse(code).ok();
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
