//! A file as the sealed content describes it: `{"name", "type", "size", "key", "root", "chunks"}`.
//!
//! Who reads takes each description by itself: one that is wrong takes neither the message nor the other files with it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealdesk_protocol::attachment::Layout;
use sealdesk_protocol::limits::ATTACHMENTS_PER_MESSAGE_MAX;
use sealdesk_protocol::text::{deceives, file_name};
use serde_json::{Value, json};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::attachment::{FileKey, SealedFile};

/// Bytes of a file's name.
pub const FILE_NAME_BYTES_MAX: usize = 255;
/// Bytes of a file's media type.
pub const FILE_TYPE_BYTES_MAX: usize = 127;

/// A description is not that of a file. Says nothing of what stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "the file is not described as one: a name of 1 to {FILE_NAME_BYTES_MAX} bytes without slashes or hidden characters, \
     a type of at most {FILE_TYPE_BYTES_MAX} bytes, size, key, root and number of pieces"
)]
pub struct NotAFile;

/// A file of a message that has been opened.
pub struct FileEntry {
    name: String,
    media_type: String,
    size: u64,
    key: FileKey,
    root: [u8; 32],
}

impl FileEntry {
    /// What to put into the content of the message that a sealed file belongs to.
    ///
    /// # Errors
    /// [`NotAFile`] for a name or a type that no reader would show as it is.
    pub fn describe(file: &SealedFile, name: &str, media_type: &str) -> Result<Value, NotAFile> {
        if name.len() > FILE_NAME_BYTES_MAX || name.is_empty() || file_name(name) != name {
            return Err(NotAFile);
        }
        if media_type.len() > FILE_TYPE_BYTES_MAX || media_type.chars().any(deceives) {
            return Err(NotAFile);
        }
        Ok(json!({
            "name": name,
            "type": media_type,
            "size": file.size,
            "key": STANDARD.encode(file.key.to_bytes()),
            "root": hex::encode(file.attachment.root()),
            "chunks": file.attachment.layout().chunks(),
        }))
    }

    /// Reads a description that somebody wrote.
    ///
    /// # Errors
    /// [`NotAFile`].
    pub fn read(value: &Value) -> Result<Self, NotAFile> {
        let text = |field: &str, bytes_max: usize| {
            let text = value.get(field).and_then(Value::as_str).ok_or(NotAFile)?;
            if text.len() > bytes_max { Err(NotAFile) } else { Ok(text) }
        };
        let number = |field: &str| value.get(field).and_then(Value::as_u64).ok_or(NotAFile);
        let (name, size) = (text("name", FILE_NAME_BYTES_MAX)?, number("size")?);
        let layout = Layout::of_file(size).ok_or(NotAFile)?;
        if number("chunks")? != u64::from(layout.chunks()) {
            return Err(NotAFile);
        }
        let root = text("root", 64)?;
        if root.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(NotAFile);
        }
        let root = hex::decode(root).ok().and_then(|root| root.try_into().ok()).ok_or(NotAFile)?;
        Ok(Self {
            name: file_name(name),
            media_type: text("type", FILE_TYPE_BYTES_MAX)?.to_owned(),
            size,
            key: file_key(text("key", 44)?)?,
            root,
        })
    }

    /// Its name, as [`file_name`] makes every name harmless.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its media type, as its author says; may be empty. To be shown escaped.
    pub fn media_type(&self) -> &str {
        &self.media_type
    }

    /// Its size, in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Its key.
    pub fn key(&self) -> &FileKey {
        &self.key
    }

    /// What names it in the record.
    pub fn root(&self) -> &[u8; 32] {
        &self.root
    }
}

fn file_key(text: &str) -> Result<FileKey, NotAFile> {
    let bytes = Zeroizing::new(STANDARD.decode(text).map_err(|_| NotAFile)?);
    let mut key = Zeroizing::new([0; 32]);
    if bytes.len() != key.len() {
        return Err(NotAFile);
    }
    key.copy_from_slice(&bytes);
    Ok(FileKey::take(&mut key))
}

/// The files of a message, at most [`ATTACHMENTS_PER_MESSAGE_MAX`] of them: no message can have more.
pub fn files(attachments: &[Value]) -> Vec<Result<FileEntry, NotAFile>> {
    attachments.iter().take(ATTACHMENTS_PER_MESSAGE_MAX).map(FileEntry::read).collect()
}
