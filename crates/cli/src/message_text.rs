//! Where a message comes from that is to be sealed: the command line, a file, an editor, the terminal, or standard input; and where it
//! stays when it could not be sent.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use sealdesk_client::actor::Actor;
use sealdesk_client::draft::{is_draft, open_draft, seal_draft};
use sealdesk_client::durable;
use sealdesk_protocol::ids::Prefix;
use zeroize::Zeroizing;

use crate::context::Context;
use crate::editor;
use crate::failure::{Failure, at};
use crate::text_input;

/// Longest message that is read, in bytes: more than an envelope can hold.
pub(crate) const MESSAGE_BYTES_MAX: u64 = 1_048_575;
/// Most drafts of one name that are kept.
const DRAFTS_MAX: u32 = 100;

/// A message that may be typed.
#[derive(Debug, clap::Args)]
#[group(multiple = false)]
pub(crate) struct Text {
    /// The message, sealed. Without one, $VISUAL or $EDITOR opens at a terminal; elsewhere standard input is read
    #[arg(value_name = "MESSAGE", allow_hyphen_values = true, value_parser = words)]
    words: Option<String>,
    /// The same as an option. Other users of this computer can see it while the program runs; --message-file hides it from them
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    message: Option<String>,
    /// File with the message, sealed, or a draft that was kept; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    message_file: Option<PathBuf>,
}

/// A message that has to be on the command line.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(crate) struct GivenText {
    /// The message, sealed. Other users of this computer can see it while the program runs; --message-file hides it from them
    #[arg(value_name = "MESSAGE", allow_hyphen_values = true, value_parser = words)]
    words: Option<String>,
    /// The same as an option
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    message: Option<String>,
    /// File with the message, sealed; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    message_file: Option<PathBuf>,
}

/// A message as it stands on the command line. It may begin with hyphens, as lists and signatures do; but an option that was mistyped must
/// not be sealed and sent as a message, so one word that looks like one needs the `--` before it that ends all options.
fn words(text: &str) -> Result<String, String> {
    // What follows is found in the whole line: only there the `--` is to be seen.
    let are_ended = || std::env::args_os().any(|word| word == "--");
    if looks_like_option(text) && !are_ended() {
        return Err(
            "this is not an option of the command; to send it as a message, write -- before it".to_owned()
        );
    }
    Ok(text.to_owned())
}

/// Whether a text could be meant as a long option: two hyphens, then letters without a blank; behind a `=` anything may stand.
fn looks_like_option(text: &str) -> bool {
    text.strip_prefix("--").is_some_and(|text| {
        let name = text.split_once('=').map_or(text, |(name, _)| name);
        name.starts_with(|first: char| first.is_ascii_alphabetic()) && !name.contains(char::is_whitespace)
    })
}

impl From<GivenText> for Text {
    fn from(GivenText { words, message, message_file }: GivenText) -> Self {
        Self { words, message, message_file }
    }
}

/// A message of which everything was read that is read before a passphrase is asked for.
pub(crate) enum Begun {
    /// It is there.
    Read(Written),
    /// A draft, which only a key opens.
    Draft(PathBuf, Zeroizing<Vec<u8>>),
    /// Its writer is asked for it.
    Asked,
}

/// A message, and where it would be lost from.
pub(crate) struct Written {
    pub(crate) text: String,
    origin: Origin,
}

enum Origin {
    /// Its writer still has it: in a file, or in the history of their shell.
    Elsewhere,
    /// It was typed, or came through a pipe.
    Nowhere,
    /// A draft, which has served its purpose once the text is sent.
    Draft(PathBuf),
}

impl Text {
    /// One that is given by an option.
    pub(crate) fn of_options(message: Option<String>, message_file: Option<PathBuf>) -> Self {
        Self { words: None, message, message_file }
    }

    /// Reads what can be read without anybody being asked.
    pub(crate) fn begin(&self, context: &Context) -> Result<Begun, Failure> {
        let written = match (self.words.as_ref().or(self.message.as_ref()), &self.message_file) {
            (Some(text), _) => Written { text: text.clone(), origin: Origin::Elsewhere },
            (None, Some(file)) if file.as_os_str() == "-" => piped(context)?,
            (None, Some(file)) => {
                let bytes = text_input::document(context, file, MESSAGE_BYTES_MAX)?;
                if is_draft(&bytes) {
                    return Ok(Begun::Draft(file.clone(), bytes));
                }
                let text = text_input::as_text(&file.display().to_string(), bytes)?.to_string();
                Written { text, origin: Origin::Elsewhere }
            }
            (None, None) if context.output().is_interactive() => return Ok(Begun::Asked),
            (None, None) => piped(context)?,
        };
        Ok(Begun::Read(written.filled()?))
    }
}

fn piped(context: &Context) -> Result<Written, Failure> {
    let text = text_input::text(context, Path::new("-"), MESSAGE_BYTES_MAX)?.to_string();
    Ok(Written { text, origin: Origin::Nowhere })
}

impl Begun {
    /// The message, for which its writer is asked now where it is not there; `about` says in a line what it is.
    pub(crate) fn finish(self, context: &Context, me: &Actor, about: &str) -> Result<Written, Failure> {
        match self {
            Self::Read(written) => Ok(written),
            Self::Draft(path, bytes) => match open_draft(me, context.prefix(), &bytes) {
                Some(text) => Ok(Written { text: text.to_string(), origin: Origin::Draft(path) }),
                None => Err(Failure::usage(
                    format!("{} is a draft that this key does not open", context.shown(&path)),
                    "act with the key of its author (--from)",
                )),
            },
            Self::Asked => {
                let text = match editor::edit(context, about)? {
                    Some(text) => text,
                    None => typed(context, about)?,
                };
                Written { text, origin: Origin::Nowhere }.filled()
            }
        }
    }
}

/// What somebody types at the terminal.
fn typed(context: &Context, about: &str) -> Result<String, Failure> {
    context.output().note(&format!("{about}. Type it; Ctrl-D on a line of its own ends it:"));
    let mut bytes = Zeroizing::new(Vec::new());
    std::io::stdin().take(MESSAGE_BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(text_input::as_text("what was typed", bytes)?.to_string())
}

impl Written {
    fn filled(self) -> Result<Self, Failure> {
        if !self.text.trim().is_empty() {
            return Ok(self);
        }
        Err(Failure::usage(
            "the message is empty, so nothing was sent",
            "write it after the ticket, or give it with --message, --message-file or through a pipe",
        ))
    }

    /// The same with another text: what is left of it where its first line is the subject.
    pub(crate) fn with(self, text: String) -> Self {
        Self { text, ..self }
    }

    /// Ends a command that was to send it: a draft that was sent goes, and a text that would be lost is kept, sealed for its writer.
    pub(crate) fn ended<T>(
        self,
        context: &Context,
        me: &Actor,
        about: &str,
        sent: Result<T, Failure>,
    ) -> Result<T, Failure> {
        match (&sent, &self.origin) {
            (Ok(_), Origin::Draft(path)) => {
                // The text is sent: a draft that stays by is no harm.
                let _ = std::fs::remove_file(path);
            }
            (Err(Failure::Unsigned(_)), _) | (Ok(_), _) | (Err(_), Origin::Elsewhere) => {}
            (Err(_), Origin::Draft(path)) => {
                context.output().note(&format!("Your draft stays in {}.", context.shown(path)));
            }
            (Err(_), Origin::Nowhere) => match kept(context, me, about, &self.text) {
                Ok(path) => context.output().note(&format!(
                    "Your text is kept, sealed for your key: the same command with --message-file {} sends it.",
                    context.shown(&path)
                )),
                Err(failure) => context.output().note(&format!("Your text could not be kept: {failure}")),
            },
        }
        sent
    }
}

/// Keeps a text below the home.
fn kept(context: &Context, me: &Actor, about: &str, text: &str) -> Result<PathBuf, Failure> {
    let prefix: &Prefix = context.prefix();
    let sealed = seal_draft(me, prefix, text).map_err(sealdesk_client::Error::from)?;
    let folder = context.home().join("drafts");
    editor::private_folder(&folder).map_err(|error| at(&folder, &error))?;
    let name = about.replace(' ', "-");
    let mut tried = Ok(());
    for number in 1..=DRAFTS_MAX {
        let path = folder.join(format!("{name}-{number}.sealed"));
        tried = durable::create_private(&path, &sealed);
        match &tried {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(_) => break,
        }
    }
    tried.map(|()| folder.clone()).map_err(|error| at(&folder, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_signatures_are_messages_and_mistyped_options_are_not() {
        for text in [
            "- list item",
            "-x",
            "-",
            "--",
            "-- \nBob",
            "---",
            "--1",
            "--internal, she said",
            "--in short: a = b",
        ] {
            assert_eq!(words(text).as_deref(), Ok(text));
        }
        for text in
            ["--intrenal", "--mesage=hello", "--yes", "--subjcet=Printer is broken", "--mesage=two\nlines"]
        {
            assert!(words(text).unwrap_err().contains("not an option"), "{text}");
        }
    }
}
