//! What this home remembers of a ledger beside its pin, and what follows from it for whoever acts: contradictions, doubts, offers.

use sealdesk_client::desk::{Desk, Memory};
use sealdesk_client::trust::pins::Pins;
use sealdesk_client::trust::remembered::file::RememberedFile;
use sealdesk_client::view::{Doubtful, Doubts};
use sealdesk_protocol::identity::{Beginning, Identity};
use sealdesk_protocol::text;
use tonic::transport::Channel;

use super::Context;
use crate::failure::{Failure, with_names};
use crate::prompt;

impl Context {
    /// The desk, held against what this home remembers of its ledger, and of agents of those that it followed to it.
    pub(super) fn with_remembered(&self, desk: Desk<Channel>, pins: &Pins) -> Result<Desk<Channel>, Failure> {
        let remembered = self.remembered_file(&desk.pin()).load()?;
        let mut desk = desk.with_remembered(remembered);
        let earlier: Vec<Identity> =
            desk.chain().ancestry.earlier().iter().map(Beginning::identity).collect();
        for identity in earlier {
            let followed = pins.of_identity(&identity).filter(|_| pins.followed(&identity).is_some());
            if let Some(pin) = followed {
                desk = desk.with_earlier_agents(&identity, &self.remembered_file(pin).load()?);
            }
        }
        Ok(desk)
    }

    /// The file of what this home remembers of a pinned ledger.
    pub(crate) fn remembered_file(&self, pin: &sealdesk_client::trust::Pin) -> RememberedFile {
        RememberedFile::of(self.home(), &pin.ledger.prefix, &pin.ledger.identity)
    }

    /// Keeps what a desk came to know of tickets, keys and votes. What cannot be kept is said, and changes nothing of what was done.
    pub(super) fn keep_remembered(&self, memory: &Memory) {
        let Some(remembered) = memory.take_remembered() else { return };
        if let Err(error) = self.remembered_file(&memory.pin()).keep(remembered) {
            self.output().note(&format!(
                "note: tickets and keys that were seen cannot be remembered: {}",
                Failure::from(error).beside()
            ));
        }
    }

    /// Offers to let in anew whoever has a ticket and could not be sealed for.
    pub(super) fn offer_renewals(&self, memory: &Memory) {
        for ended in memory.take_ended_grants() {
            let (ticket, assignee) = (ended.ticket, self.named(&ended.assignee));
            self.output().note(&format!(
                "{ticket} is assigned to {assignee}, who cannot read this: they have no valid grant any more.\n\
                 To give them access again: sealdesk tx support renew-grants {ticket}"
            ));
        }
    }

    /// Asks before a text is granted that names another place than where it stands. Where nobody can be asked, it is left out, unless
    /// somebody said before that it is to be granted.
    pub(crate) fn doubts(&self, grant_marked: bool) -> Doubts {
        let (output, people) = (self.output(), self.people().to_vec());
        let asks = output.is_interactive() && !self.settings.yes;
        Doubts::asked(move |doubtful| {
            let question = || {
                let reader = with_names(doubtful.reader.as_str(), &people);
                format!("{}.\nLet {reader} read it anyway?", in_words(doubtful, &people))
            };
            grant_marked || (asks && prompt::agrees(output, &question()))
        })
    }

    /// Says which texts were left out, and how they are granted anyway.
    pub(crate) fn say_left_out(&self, doubtful: &[Doubtful]) {
        for text in doubtful {
            self.output().note(&format!("left out: {}", in_words(text, self.people())));
        }
        if !doubtful.is_empty() {
            self.output()
                .note("hint: read them first; the same command with --grant-marked grants them, too");
        }
    }
}

/// A marked text in one line.
fn in_words(doubtful: &Doubtful, people: &[(String, String)]) -> String {
    let Doubtful { ticket, index, author, reader: _, marks } = doubtful;
    let what = match index {
        None => format!("the first message of {ticket}"),
        Some(index) => format!("reply {index} of {ticket}"),
    };
    let marks: Vec<String> = marks.iter().map(ToString::to_string).collect();
    text::line(&with_names(&format!("{what}, by {author}: {}", marks.join("; ")), people))
}
