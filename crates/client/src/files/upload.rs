//! Bringing a file to the node: each piece is sealed, signed for, and brought until the node has it.

use std::io::Read;

use bytes::Bytes;
use rand_core::TryRng as _;
use sealdesk_envelope::attachment::{FileKey, SealedPiece, Sealer};
use sealdesk_envelope::content::FileEntry;
use sealdesk_protocol::attachment::Attachment;
use sealdesk_protocol::upload::{SignedUpload, Upload};
use serde_json::Value;
use zeroize::Zeroizing;

use super::FileError;
use crate::actor::Actor;
use crate::compose::sign_text;
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

/// A file that the node has: what is sealed of it, and what the message says of it to everyone.
pub struct Attached {
    pub(crate) entry: Value,
    pub(crate) attachment: Attachment,
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
        let mut key = Zeroizing::new([0; 32]);
        getrandom::SysRng
            .try_fill_bytes(&mut *key)
            .map_err(|error| FileError::Io(std::io::Error::other(error.to_string())))?;
        let mut sealer = Sealer::new(FileKey::take(&mut key), file.size).map_err(FileError::from)?;
        let pieces = sealer.layout().chunks();
        let mut done = 0;
        while let Some(takes) = sealer.takes() {
            let mut part = Zeroizing::new(vec![0; usize::try_from(takes).unwrap_or(usize::MAX)]);
            file.read.read_exact(&mut part).map_err(FileError::from)?;
            let piece = sealer.seal(&part).map_err(FileError::from)?;
            self.bring(actor, piece).await?;
            done += 1;
            progress(done, pieces);
        }
        if file.read.read(&mut [0]).map_err(FileError::from)? != 0 {
            return Err(FileError::Seal(sealdesk_envelope::attachment::SealFileError::Changed).into());
        }
        let sealed = sealer.finish().map_err(FileError::from)?;
        let entry = FileEntry::describe(&sealed, &file.name, &file.media_type).map_err(FileError::from)?;
        Ok(Attached { entry, attachment: sealed.attachment })
    }

    /// Brings one piece, again where the node is away or busy: what it has already it does not take twice.
    async fn bring(&self, actor: &Actor, piece: SealedPiece) -> Result<()> {
        let (hash, bytes) = (piece.name, Bytes::from(piece.bytes));
        let mut pause = PAUSE;
        let mut tries = 1;
        loop {
            let authorization = self.signed_upload(actor, &hash, bytes.len())?;
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

    fn signed_upload(&self, actor: &Actor, blob: &[u8; 32], bytes: usize) -> Result<String> {
        let (chain, account) = (self.chain(), self.address_of(actor));
        let made = self.now_millis() / 1_000;
        let identity = chain.ancestry.identity();
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let upload = Upload { ledger: &chain.chain_id, identity: &identity, blob, bytes };
        let signature = sign_text(actor.account(), &account, &upload.text(&account, made))?;
        let public_key = actor.account().public_key();
        Ok(SignedUpload { account, made, public_key, signature }.to_header())
    }
}
