//! What the desk seals: a ticket's, a message's or a document's JSON, with limits that are judged before anything is parsed.
//!
//! The types here hold plaintext, so they cannot be printed with `{:?}`, and no error repeats a piece of it.

mod document;
mod files;
mod tags;

use sealdesk_protocol::limits::ATTACHMENTS_PER_MESSAGE_MAX;
use sealdesk_protocol::text::{NotOneLine, check_one_line};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;
use zeroize::Zeroizing;

pub use document::{DocumentContent, DocumentEntry};
pub use files::{FILE_NAME_BYTES_MAX, FILE_TYPE_BYTES_MAX, FileEntry, NotAFile, files};
pub use tags::{TAG_LETTERS_MAX, TAGS_MAX, is_tag};

/// The most bytes of a content.
pub const CONTENT_BYTES_MAX: usize = 64 * 1024;
/// The most arrays and objects inside each other, the outermost counted.
pub const CONTENT_DEPTH_MAX: usize = 8;
/// The version of the content's form.
pub const CONTENT_VERSION: u64 = 1;

/// Why bytes are not a content. Says where, never what stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ContentError {
    /// More than [`CONTENT_BYTES_MAX`].
    #[error("the content has {actual} bytes, more than {CONTENT_BYTES_MAX}")]
    TooLarge {
        /// Its length, in bytes.
        actual: usize,
    },
    /// Nested more than [`CONTENT_DEPTH_MAX`] deep.
    #[error("the content is nested more than {CONTENT_DEPTH_MAX} deep")]
    TooDeep,
    /// Not JSON, not UTF-8, or a field is missing or of another type.
    #[error("the content is not of the expected form (line {line}, column {column})")]
    Form {
        /// The line of the first mistake, from 1; 0 if it has none.
        line: usize,
        /// The column of the first mistake.
        column: usize,
    },
    /// A subject that is to be sealed breaks its line.
    #[error("the subject is not one line: {0}")]
    Subject(#[from] NotOneLine),
    /// More files than a message may have.
    #[error("the message has {actual} files, at most {ATTACHMENTS_PER_MESSAGE_MAX}")]
    TooManyFiles {
        /// How many it has.
        actual: usize,
    },
    /// `v` is another number.
    #[error("the content is of version {actual}, and this program reads version {CONTENT_VERSION}")]
    Version {
        /// The version given.
        actual: u64,
    },
}

/// Which circle of administrators the writer's program had followed when it sealed a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenCircle {
    /// How many changes had led to it.
    pub circle: u64,
    /// Its fingerprint, lower-case hex.
    pub fingerprint: String,
}

/// Who wrote an imported text, and when, as the system has it that it came from: told by whoever imported it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedFrom {
    /// The writer, by whatever name they have there.
    pub author: String,
    /// Whether they wrote as staff.
    #[serde(default)]
    pub by_staff: bool,
    /// When, in Unix seconds; `None` where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<i64>,
    /// In a ticket's first text: whose ticket it is, by address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
}

/// The content of a ticket's first envelope.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct TicketContent {
    v: u64,
    /// The subject line.
    pub subject: String,
    /// What the customer writes.
    pub description: String,
    /// How else the customer can be reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Value>,
    /// The provider who shall read, by address: only the writer's own word makes them a reader.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Which administrators the writer's program knew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<SeenCircle>,
    /// Who wrote it elsewhere, where it was imported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported: Option<ImportedFrom>,
    /// Words to sort by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Attached files, as the client that wrote them describes them: [`files`] reads them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Value>,
    /// Fields that this program does not know, kept as they are.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

/// The content of a response or of an internal note.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct MessageContent {
    v: u64,
    /// The text.
    pub message: String,
    /// Which ticket it answers: the digest of the ticket's own envelope, lower-case hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// Which administrators the writer's program knew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<SeenCircle>,
    /// Who wrote it elsewhere, where it was imported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported: Option<ImportedFrom>,
    /// Attached files, as the client that wrote them describes them: [`files`] reads them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Value>,
    /// Fields that this program does not know, kept as they are.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

impl TicketContent {
    /// A ticket of a subject and a description, without the optional fields.
    pub fn new(subject: impl Into<String>, description: impl Into<String>) -> Self {
        Self {
            v: CONTENT_VERSION,
            subject: subject.into(),
            description: description.into(),
            contact: None,
            provider: None,
            seen: None,
            imported: None,
            tags: Vec::new(),
            attachments: Vec::new(),
            unknown: Map::new(),
        }
    }

    /// Reads an opened envelope's plaintext.
    ///
    /// # Errors
    /// [`ContentError`].
    pub fn parse(plaintext: &[u8]) -> Result<Self, ContentError> {
        parse(plaintext)
    }

    /// The bytes to seal, held to the limits that every reader applies. The subject has to be one line: another could pose as a line of
    /// whatever shows it. Readers take what others wrote, and show it escaped.
    ///
    /// # Errors
    /// [`ContentError`].
    pub fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, ContentError> {
        check_one_line(&self.subject)?;
        check_files(&self.attachments)?;
        to_bytes(self)
    }
}

impl MessageContent {
    /// A message of one text.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            v: CONTENT_VERSION,
            message: message.into(),
            ticket: None,
            seen: None,
            imported: None,
            attachments: Vec::new(),
            unknown: Map::new(),
        }
    }

    /// Reads an opened envelope's plaintext.
    ///
    /// # Errors
    /// [`ContentError`].
    pub fn parse(plaintext: &[u8]) -> Result<Self, ContentError> {
        parse(plaintext)
    }

    /// The bytes to seal, held to the limits that every reader applies.
    ///
    /// # Errors
    /// [`ContentError`].
    pub fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, ContentError> {
        check_files(&self.attachments)?;
        to_bytes(self)
    }
}

/// What is sealed says which version of its form it has.
trait Versioned: DeserializeOwned {
    fn version(&self) -> u64;
}

impl Versioned for TicketContent {
    fn version(&self) -> u64 {
        self.v
    }
}

impl Versioned for MessageContent {
    fn version(&self) -> u64 {
        self.v
    }
}

fn parse<T: Versioned>(plaintext: &[u8]) -> Result<T, ContentError> {
    check_limits(plaintext)?;
    let content: T = serde_json::from_slice(plaintext).map_err(|error| form(&error))?;
    match content.version() {
        CONTENT_VERSION => Ok(content),
        actual => Err(ContentError::Version { actual }),
    }
}

fn to_bytes(content: &impl Serialize) -> Result<Zeroizing<Vec<u8>>, ContentError> {
    let bytes = Zeroizing::new(serde_json::to_vec(content).map_err(|error| form(&error))?);
    check_limits(&bytes)?;
    Ok(bytes)
}

fn check_files(attachments: &[Value]) -> Result<(), ContentError> {
    let actual = attachments.len();
    if actual > ATTACHMENTS_PER_MESSAGE_MAX { Err(ContentError::TooManyFiles { actual }) } else { Ok(()) }
}

/// serde's own message quotes the value that it did not expect, which is plaintext: only the place is kept.
fn form(error: &serde_json::Error) -> ContentError {
    ContentError::Form { line: error.line(), column: error.column() }
}

fn check_limits(bytes: &[u8]) -> Result<(), ContentError> {
    if bytes.len() > CONTENT_BYTES_MAX {
        return Err(ContentError::TooLarge { actual: bytes.len() });
    }
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > CONTENT_DEPTH_MAX {
            return Err(ContentError::TooDeep);
        }
    }
    Ok(())
}
