//! The files of a ticket: what their authors sealed of them, under the records that the ledger proves.

use sealdesk_envelope::attachment::Opener;
use sealdesk_envelope::content::FileEntry;
use sealdesk_protocol::attachment::{Attachment, attachments_from_wire};
use sealdesk_protocol::ids::TicketId;

use super::FileError;
use crate::actor::Actor;
use crate::desk::Desk;
use crate::error::Result;
use crate::node::Transport;
use crate::view::{Body, Message};

/// A file of a ticket, which its reader can open.
pub struct TicketFile {
    entry: FileEntry,
    attachment: Attachment,
}

impl TicketFile {
    /// Its name, made harmless.
    pub fn name(&self) -> &str {
        self.entry.name()
    }

    /// Its size, in bytes.
    pub fn size(&self) -> u64 {
        self.entry.size()
    }

    /// How many pieces it has: at least one.
    pub fn pieces(&self) -> u32 {
        self.attachment.layout().chunks()
    }

    /// Opens its pieces, in order, wherever they come from.
    ///
    /// # Errors
    /// [`FileError::CannotOpen`] where what its author sealed and what the ledger names are not of one file.
    pub fn opener(&self) -> std::result::Result<Opener, FileError> {
        let Self { entry, attachment } = self;
        Ok(Opener::new(entry.key(), entry.size(), entry.root(), attachment.clone())?)
    }
}

/// A file that a message of a ticket speaks of.
pub struct FoundFile {
    /// The response that it belongs to; `None` = the ticket's first message.
    pub response: Option<u32>,
    /// The file, or why it cannot be opened.
    pub file: std::result::Result<TicketFile, FileError>,
}

/// All files of a ticket that one reader is told of, numbered from 1 over all messages in order, as `read` lists them.
pub struct TicketFiles {
    found: Vec<FoundFile>,
    /// Files of messages that they cannot open, by the ledger's record.
    closed: usize,
    nothing: Option<FileError>,
}

impl TicketFiles {
    /// Every file, in its order: the first has number 1.
    pub fn all(&self) -> &[FoundFile] {
        &self.found
    }

    /// Takes file `number` out.
    ///
    /// # Errors
    /// [`FileError`]: it does not exist, the reader cannot open it, its description is not one, or the ledger's record does not name it.
    pub fn take(self, number: usize) -> std::result::Result<TicketFile, FileError> {
        let Self { found, closed, nothing } = self;
        let files = found.len();
        let found = number.checked_sub(1).and_then(|place| found.into_iter().nth(place));
        let found = found.ok_or(match nothing {
            Some(why) => why,
            None if closed > 0 => FileError::NotAmongOpened { number, files, closed },
            None => FileError::NoSuchFile { number, files },
        })?;
        found.file
    }
}

/// Why nothing of a ticket can be opened; `None` where something can.
fn nothing_opened(ticket: TicketId, messages: &[Message]) -> Option<FileError> {
    if messages.iter().any(|message| message.text().is_some()) {
        return None;
    }
    if messages.iter().any(|message| message.body == Body::NotForYou) {
        return Some(FileError::NotForYou(ticket));
    }
    let why = messages.first().and_then(Message::reason)?.to_owned();
    Some(FileError::NotOpened { ticket, why })
}

impl<T: Transport> Desk<T> {
    /// Every file of a ticket that the reader is told of.
    ///
    /// # Errors
    /// As [`Desk::read`].
    pub async fn files(&self, actor: &Actor, ticket: TicketId) -> Result<TicketFiles> {
        let records = self.ticket_records(ticket).await?;
        let messages = records.open(self, actor).await?;
        let (mut found, mut closed) = (Vec::new(), 0);
        for (message, target) in messages.iter().zip(&records.targets) {
            if message.text().is_none() {
                closed += target.attachments.len();
            }
            let named = attachments_from_wire(&target.attachments).unwrap_or_default();
            for entry in message.files() {
                let number = found.len() + 1;
                let file = entry.map_err(|_| FileError::NotDescribed(number)).and_then(|entry| {
                    let attachment = named.iter().find(|attachment| attachment.root() == entry.root());
                    let attachment = attachment.ok_or(FileError::NotNamed(number))?.clone();
                    Ok(TicketFile { entry, attachment })
                });
                found.push(FoundFile { response: message.index, file });
            }
        }
        Ok(TicketFiles { nothing: nothing_opened(ticket, &messages), found, closed })
    }

    /// Finds file `number` of a ticket, counted from 1 over all messages in order, as `read` lists them.
    ///
    /// # Errors
    /// As [`Desk::files`] and [`TicketFiles::take`].
    pub async fn file(&self, actor: &Actor, ticket: TicketId, number: usize) -> Result<TicketFile> {
        Ok(self.files(actor, ticket).await?.take(number)?)
    }
}
