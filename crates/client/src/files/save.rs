//! Saving a file: what its author sealed of it, under the record that the ledger proves, piece by piece.

use std::io::Write;

use sealdesk_envelope::attachment::Opener;
use sealdesk_envelope::content::FileEntry;
use sealdesk_protocol::attachment::{Attachment, attachments_from_wire};
use sealdesk_protocol::ids::TicketId;

use super::FileError;
use super::upload::Progress;
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
    /// Finds file `number` of a ticket, counted from 1 over all messages in order, as `read` lists them.
    ///
    /// # Errors
    /// [`FileError`]: it does not exist, the reader cannot open it, its description is not one, or the ledger's record does not name it.
    pub async fn file(&self, actor: &Actor, ticket: TicketId, number: usize) -> Result<TicketFile> {
        let records = self.ticket_records(ticket).await?;
        let messages = records.open(self, actor).await?;
        let (mut all, mut closed) = (Vec::new(), 0);
        for (message, target) in messages.iter().zip(&records.targets) {
            if message.text().is_none() {
                closed += target.attachments.len();
            }
            all.extend(message.files().into_iter().map(|file| (file, &target.attachments)));
        }
        let files = all.len();
        let found = number.checked_sub(1).and_then(|place| all.into_iter().nth(place));
        let (entry, record) = found.ok_or_else(|| match nothing_opened(ticket, &messages) {
            Some(why) => why,
            None if closed > 0 => FileError::NotAmongOpened { number, files, closed },
            None => FileError::NoSuchFile { number, files },
        })?;
        let entry = entry.map_err(|_| FileError::NotDescribed(number))?;
        let named = attachments_from_wire(record).unwrap_or_default();
        let attachment = named.into_iter().find(|attachment| attachment.root() == entry.root());
        Ok(TicketFile { entry, attachment: attachment.ok_or(FileError::NotNamed(number))? })
    }

    /// Writes a file's bytes. What was written is the file only where this succeeds.
    ///
    /// # Errors
    /// [`FileError`], [`crate::Error::Node`].
    pub async fn save(&self, file: &TicketFile, out: &mut impl Write, progress: Progress<'_>) -> Result<()> {
        let TicketFile { entry, attachment } = file;
        let pieces = attachment.layout().chunks();
        let opener = Opener::new(entry.key(), entry.size(), entry.root(), attachment.clone());
        let mut opener = opener.map_err(FileError::from)?;
        let mut piece = 0;
        while let Some(hash) = opener.next_piece() {
            piece += 1;
            let blob = self.node().get_blob(&hash).await?.ok_or(FileError::Missing { piece, pieces })?;
            let opened = opener.open(&blob).map_err(FileError::from)?;
            out.write_all(&opened).map_err(FileError::from)?;
            progress(piece, pieces);
        }
        opener.finish().map_err(FileError::from)?;
        out.flush().map_err(FileError::from)?;
        Ok(())
    }
}
