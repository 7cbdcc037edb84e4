//! How tickets, people, resources, texts and messages are written on the command line.

use std::io::Read as _;
use std::path::PathBuf;

use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::ticket::Priority;
use sealdesk_protocol::wire::virtengine::support::v1::ResourceReference;

use crate::context::Context;
use crate::error::{Failure, at};

/// Longest message that is read, in bytes: more than an envelope can hold.
const MESSAGE_BYTES_MAX: u64 = 1_048_575;

/// A message to seal.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Message {
    /// Message, sealed. Other users of this computer can see it while the program runs; --message-file hides it from them
    #[arg(long, value_name = "TEXT")]
    message: Option<String>,
    /// File with the message, sealed; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    message_file: Option<PathBuf>,
}

impl Message {
    /// The text.
    pub(crate) fn read(&self, context: &Context) -> Result<String, Failure> {
        let text = match (&self.message, &self.message_file) {
            (Some(text), _) => text.clone(),
            (None, Some(path)) if path.as_os_str() == "-" => {
                context.takes_stdin();
                take("standard input", std::io::stdin())?
            }
            (None, Some(path)) => {
                let file = std::fs::File::open(path).map_err(|error| at(path, &error))?;
                take(&path.display().to_string(), file)?
            }
            (None, None) => String::new(),
        };
        if text.trim().is_empty() {
            return Err(Failure::usage(
                "the message is empty",
                "give some text with --message or --message-file",
            ));
        }
        Ok(text)
    }
}

fn take(name: &str, input: impl std::io::Read) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    input
        .take(MESSAGE_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::new(format!("{name}: {error}")))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > MESSAGE_BYTES_MAX) {
        return Err(Failure::hinted(
            format!("{name}: a megabyte or more is too long for a message"),
            "shorten it, or split it into several responses; `sealdesk query support params` has max_envelope_bytes",
        ));
    }
    let text = String::from_utf8(bytes).map_err(|_| {
        Failure::hinted(
            format!("{name}: this is no text in UTF-8"),
            "a message is text; write another kind of file as base64",
        )
    })?;
    Ok(text.trim_end_matches('\n').to_owned())
}

/// A text that a ledger of one's own keeps for everyone to read.
pub(crate) fn public_text(text: Option<String>, option: &str) -> Result<String, Failure> {
    text.ok_or_else(|| {
        Failure::usage(
            format!("{option} is missing"),
            format!("add {option} TEXT; it is PUBLIC, at most 128 bytes"),
        )
    })
}

/// A contract keeps no readable text at all.
pub(crate) fn no_public_text(text: Option<&str>, option: &str) -> Result<(), Failure> {
    match text {
        None => Ok(()),
        Some(_) => Err(Failure::usage(
            format!("a contract keeps no readable text, and {option} would be one"),
            format!("leave {option} out; `sealdesk tx support respond` seals what you want to say"),
        )),
    }
}

/// Reads a ticket id; people may leave out the zeros and write `TKT-1` or `1`.
pub(crate) fn ticket(text: &str) -> Result<TicketId, String> {
    let digits = text.strip_prefix("TKT-").unwrap_or(text);
    let short = !digits.is_empty() && digits.len() < 8 && digits.bytes().all(|b| b.is_ascii_digit());
    let number = if short { digits.parse().ok() } else { None };
    number
        .and_then(TicketId::new)
        .map_or_else(|| TicketId::parse(text).map_err(|error| error.to_string()), Ok)
}

/// Reads a priority.
pub(crate) fn priority(text: &str) -> Result<Priority, String> {
    Priority::parse(text).ok_or_else(|| "use low, normal, high or urgent".to_owned())
}

/// Reads a role that can be given.
pub(crate) fn role(text: &str) -> Result<AssignableRole, String> {
    AssignableRole::parse(text).ok_or_else(|| "use administrator, support_agent or customer".to_owned())
}

/// Reads an account state.
pub(crate) fn account_state(text: &str) -> Result<AccountState, String> {
    AccountState::parse(text).ok_or_else(|| "use active, suspended or terminated".to_owned())
}

/// Reads `TYPE:ID`.
pub(crate) fn resource(text: &str) -> Result<ResourceReference, String> {
    let (kind, id) = text.split_once(':').ok_or("write it as TYPE:ID, for example lease:OWNER/1/1/1")?;
    Ok(ResourceReference { r#type: kind.to_owned(), id: id.to_owned(), owner: String::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_may_be_written_short() {
        for text in ["TKT-00000007", "TKT-7", "7"] {
            assert_eq!(ticket(text).unwrap().number(), 7, "{text}");
        }
        for text in ["", "TKT-", "0", "TKT-0", "TKT-+1", "tkt-7", "TKT-00000000", "7x", "-7"] {
            assert!(ticket(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_resource_is_a_type_and_an_id() {
        let lease = resource("lease:virtengine1x/1/2/3").unwrap();
        assert_eq!((lease.r#type.as_str(), lease.id.as_str()), ("lease", "virtengine1x/1/2/3"));
        assert!(resource("lease").is_err());
    }
}
