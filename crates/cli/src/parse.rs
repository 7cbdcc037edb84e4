//! How tickets, people, resources, texts and messages are written on the command line.

use std::fmt;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use sealdesk_client::contacts::ContactName;
use sealdesk_node::feed::Cursor;
use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::json::read_cursor;
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::text::{check_one_line, deceives};
use sealdesk_protocol::ticket::{LinkKind, Priority};
use sealdesk_protocol::wire::virtengine::support::v1::ResourceReference;

use crate::context::Context;
use crate::failure::Failure;
use crate::message_text::MESSAGE_BYTES_MAX;
use crate::text_input;

/// Longest file with a subject that is read, in bytes.
const SUBJECT_BYTES_MAX: u64 = 65_536;

/// A message to seal.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Message {
    /// Message, sealed. Other users of this computer can see it while the program runs; --message-file hides it from them
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) message: Option<String>,
    /// File with the message, sealed; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) message_file: Option<PathBuf>,
}

/// A text to seal, or none.
#[derive(Debug, clap::Args)]
#[group(multiple = false)]
pub(crate) struct Comment {
    /// Comment, sealed. Other users of this computer can see it while the program runs; --comment-file hides it from them
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    comment: Option<String>,
    /// File with the comment, sealed; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    comment_file: Option<PathBuf>,
}

impl Comment {
    /// The text; `None` where there is none.
    pub(crate) fn read(self, context: &Context) -> Result<Option<String>, Failure> {
        let text = match (self.comment, self.comment_file) {
            (None, None) => return Ok(None),
            (Some(text), _) => text,
            (None, Some(path)) => text_input::text(context, &path, MESSAGE_BYTES_MAX)?.to_string(),
        };
        if text.trim().is_empty() {
            return Err(Failure::usage("the comment is empty", "write one, or leave it out"));
        }
        Ok(Some(text))
    }
}

/// What a ticket is about.
#[derive(Debug, clap::Args)]
pub(crate) struct Subject {
    /// Subject line, sealed [default: the first line of the message file]
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, required_unless_present_any = ["subject_file", "message_file"])]
    pub(crate) subject: Option<String>,
    /// File with the subject line, sealed; other users of this computer do not see it
    #[arg(long, value_name = "FILE", conflicts_with = "subject")]
    pub(crate) subject_file: Option<PathBuf>,
}

/// The subject that was given, if one was.
pub(crate) fn subject(
    context: &Context,
    given: Option<&str>,
    file: Option<&Path>,
) -> Result<Option<String>, Failure> {
    let subject = match (given, file) {
        (Some(subject), _) => subject.to_owned(),
        (None, Some(path)) => text_input::text(context, path, SUBJECT_BYTES_MAX)?.to_string(),
        (None, None) => return Ok(None),
    };
    one_line(subject).map(Some)
}

/// A subject, which has to be one line.
pub(crate) fn one_line(subject: String) -> Result<String, Failure> {
    check_one_line(&subject).map_err(|error| {
        Failure::usage(
            format!("the subject is not one line: {error}"),
            "write it in one line; put the rest in the message",
        )
    })?;
    Ok(subject)
}

/// A text's first line, and what stands below it; a text of one line is both.
pub(crate) fn first_line(text: &str) -> (String, String) {
    let text = text.trim_start_matches('\n');
    match text.split_once('\n') {
        Some((subject, rest)) if !rest.trim().is_empty() => {
            (subject.trim().to_owned(), rest.trim_start_matches('\n').to_owned())
        }
        _ => (text.trim().to_owned(), text.to_owned()),
    }
}

/// Somebody, by a name that this home knows or by an address; never nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person(String);

impl FromStr for Person {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim() {
            "" => Err("name somebody: an address, or a name that `sealdesk contacts list` shows".to_owned()),
            text => Ok(Self(text.to_owned())),
        }
    }
}

impl Deref for Person {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A contract keeps no readable text at all.
pub(crate) fn no_public_text(text: Option<&str>, option: &str) -> Result<(), Failure> {
    match text {
        None => Ok(()),
        Some(_) => Err(Failure::usage(
            format!("a contract keeps no readable text, and {option} would be one"),
            format!("leave {option} out; `sealdesk reply` seals what you want to say"),
        )),
    }
}

/// Reads a ticket id as people write and paste it: `TKT-00000001`, `tkt-1`, `#1`, `1`, with blanks around it.
pub(crate) fn ticket(text: &str) -> Result<TicketId, String> {
    let bare = text.trim_matches(|c: char| c.is_whitespace() || deceives(c));
    let bare = bare.strip_prefix('#').unwrap_or(bare);
    let named = bare.get(..3).is_some_and(|begin| begin.eq_ignore_ascii_case("tkt"));
    let number = if named { bare[3..].trim_start_matches(['-', ' ', '#']) } else { bare };
    let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let id = if digits { number.parse().ok().and_then(TicketId::new) } else { None };
    id.ok_or_else(|| "a ticket id looks like TKT-00000001, or just 1".to_owned())
}

/// Reads a priority.
pub(crate) fn priority(text: &str) -> Result<Priority, String> {
    Priority::parse(text).ok_or_else(|| "use low, normal, high or urgent".to_owned())
}

/// Reads how a ticket stands to another.
pub(crate) fn link_kind(text: &str) -> Result<LinkKind, String> {
    let kind = LinkKind::parse(&text.replace('-', "_")).filter(|kind| kind.is_asked());
    kind.ok_or_else(|| "use related, duplicate_of or follows_up".to_owned())
}

/// What somebody is called.
pub(crate) fn contact_name(text: &str) -> Result<ContactName, String> {
    ContactName::parse(text).map_err(|error| error.to_string())
}

/// Reads a role that can be given.
pub(crate) fn role(text: &str) -> Result<AssignableRole, String> {
    AssignableRole::parse(text)
        .ok_or_else(|| "use administrator, support_agent, customer or gateway".to_owned())
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

/// A place in the feed of events.
pub(crate) fn event_cursor(text: &str) -> Result<Cursor, String> {
    let cursor = read_cursor(text).and_then(|bytes| Cursor::decode(&bytes));
    cursor.ok_or_else(|| "this is not a cursor: copy one from an earlier event".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_may_be_written_short_and_as_it_is_pasted() {
        let written = [
            "TKT-00000007",
            "TKT-7",
            "7",
            "#7",
            "tkt-7",
            "Tkt-7",
            "TKT-7 ",
            " 7\n",
            "TKT7",
            "TKT 7",
            "#TKT-7",
            "\u{feff}TKT-7\u{200b}",
            "0000000007",
        ];
        for text in written {
            assert_eq!(ticket(text).map(|id| id.number()), Ok(7), "{text:?}");
        }
        for text in [
            "",
            "TKT-",
            "0",
            "TKT-0",
            "TKT-+1",
            "TKT-00000000",
            "7x",
            "-7",
            "#",
            "tkt",
            "7 8",
            "99999999999999999999",
        ] {
            assert!(ticket(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_first_line_of_a_message_is_its_subject_where_no_other_is_given() {
        let parts = |text: &str| first_line(text);
        let pair = |subject: &str, text: &str| (subject.to_owned(), text.to_owned());
        assert_eq!(
            parts("It does not start\n\nSince this morning.\n- really"),
            pair("It does not start", "Since this morning.\n- really")
        );
        assert_eq!(parts("\nOne line only"), pair("One line only", "One line only"));
        assert_eq!(parts("One line\n\n"), pair("One line", "One line\n\n"));
    }

    #[test]
    fn nobody_is_not_a_person() {
        assert_eq!("alice ".parse::<Person>().map(|person| person.to_string()), Ok("alice".to_owned()));
        for nobody in ["", " "] {
            assert!(nobody.parse::<Person>().is_err());
        }
    }

    #[test]
    fn a_resource_is_a_type_and_an_id() {
        let lease = resource("lease:virtengine1x/1/2/3").unwrap();
        assert_eq!((lease.r#type.as_str(), lease.id.as_str()), ("lease", "virtengine1x/1/2/3"));
        assert!(resource("lease").is_err());
    }
}
