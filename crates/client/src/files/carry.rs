//! Bringing a file to the node, and fetching one: each piece until the node has it, or gives it.

use std::io::{Read, Write};

use bytes::Bytes;
use sealdesk_envelope::attachment::{SealFileError, SealedPiece};
use zeroize::Zeroizing;

use super::{Attached, FileError, FileToSeal, TicketFile};
use crate::actor::Actor;
use crate::desk::Desk;
use crate::error::Result;
use crate::node::blobs::Brought;
use crate::node::{NodeError, Transport};
use crate::time::sleep;

/// How often a piece is brought again to a node that is away or busy, and the first pause, which doubles.
const TRIES: u32 = 8;
const PAUSE: std::time::Duration = std::time::Duration::from_millis(250);

/// A file to seal. `read` gives exactly `size` bytes.
pub struct FileToAttach<R> {
    /// Its name, as its readers see it.
    pub name: String,
    /// Its media type; may be empty.
    pub media_type: String,
    /// Its size, in bytes.
    pub size: u64,
    /// Where its bytes come from.
    pub read: R,
}

/// Told after each piece: how many of how many are there.
pub type Progress<'a> = &'a (dyn Fn(u32, u32) + Sync);

impl<T: Transport> Desk<T> {
    /// Seals a file and brings it to the node. Nobody can open it before a message that holds its key is sealed for them.
    ///
    /// # Errors
    /// [`FileError`]; [`crate::Error::Node`] where the node stayed away.
    pub async fn attach<R: Read>(
        &self,
        actor: &Actor,
        mut file: FileToAttach<R>,
        progress: Progress<'_>,
    ) -> Result<Attached> {
        let mut sealing = FileToSeal::new(&file.name, &file.media_type, file.size)?;
        let pieces = sealing.pieces();
        let mut done = 0;
        while let Some(takes) = sealing.takes() {
            let mut part = Zeroizing::new(vec![0; usize::try_from(takes).unwrap_or(usize::MAX)]);
            file.read.read_exact(&mut part).map_err(FileError::from)?;
            let piece = sealing.seal(&part)?;
            self.bring(actor, piece).await?;
            done += 1;
            progress(done, pieces);
        }
        if file.read.read(&mut [0]).map_err(FileError::from)? != 0 {
            return Err(FileError::Seal(SealFileError::Changed).into());
        }
        Ok(sealing.finish()?)
    }

    /// Brings one piece, again where the node is away or busy: what it has already it does not take twice.
    async fn bring(&self, actor: &Actor, piece: SealedPiece) -> Result<()> {
        let (hash, bytes) = (piece.name, Bytes::from(piece.bytes));
        let mut pause = PAUSE;
        let mut tries = 1;
        loop {
            let authorization = self.sign_upload(actor, &hash, bytes.len()).await?;
            let error = match self.node().put_blob(&hash, bytes.clone(), &authorization).await {
                Ok(Brought::Kept) => return Ok(()),
                Ok(Brought::Refused(why)) => return Err(FileError::Refused(why).into()),
                Err(error) => error,
            };
            if tries >= TRIES {
                return Err(error.into());
            }
            tries += 1;
            sleep(pause).await;
            pause *= 2;
            // The answer may have been lost, and not the piece.
            if !matches!(error, NodeError::Answer { .. })
                && self.node().has_blob(&hash).await.unwrap_or(false)
            {
                return Ok(());
            }
        }
    }

    /// Writes a file's bytes. What was written is the file only where this succeeds.
    ///
    /// # Errors
    /// [`FileError`], [`crate::Error::Node`].
    pub async fn save(&self, file: &TicketFile, out: &mut impl Write, progress: Progress<'_>) -> Result<()> {
        let pieces = file.pieces();
        let mut opener = file.opener()?;
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
