//! What the contract answers.

use super::fields::{AnswerError, Fields, bool, optional, uint};
use super::refusal::Refusal;
use super::values::{Priority, Status};
use crate::limits::{CATEGORY_BYTES_MAX, COMMENTS_MAX, PAGE_IDS_MAX};
use crate::principal::Principal;
use crate::value::{Kind, Value};

/// A ticket, as the contract keeps it. Times are heights of burn blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Who wrote it.
    pub owner: Principal,
    /// Who has it.
    pub assignee: Option<Principal>,
    /// One of the desk's categories.
    pub category: String,
    /// How urgent.
    pub priority: Priority,
    /// Where it stands.
    pub status: Status,
    /// SHA-256 of the sealed envelope.
    pub payload_hash: [u8; 32],
    /// Comments and notes so far.
    pub comment_count: u64,
    /// When it was written.
    pub created_at: u64,
    /// When anything last happened to it.
    pub updated_at: u64,
    /// When it was resolved, while it is.
    pub resolved_at: Option<u64>,
    /// When it was closed, while it is.
    pub closed_at: Option<u64>,
}

/// A comment or a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Who wrote it.
    pub author: Principal,
    /// Whether not the ticket's owner did.
    pub is_staff: bool,
    /// Whether it is a note that the customer shall not read.
    pub internal: bool,
    /// SHA-256 of the sealed envelope.
    pub payload_hash: [u8; 32],
    /// The height of the burn block.
    pub created_at: u64,
}

/// A key in the contract's directory. The contract has checked lengths only: whether it is a key, clients judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredKey {
    /// X25519.
    pub public_key: [u8; 32],
    /// Ed25519.
    pub signing_key: [u8; 32],
    /// That the holder of the signing key means this address, contract and encryption key.
    pub proof: [u8; 64],
    /// The height of the burn block.
    pub registered_at: u64,
    /// Since which height it must not be used.
    pub revoked_at: Option<u64>,
}

/// A page of ticket numbers, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// How many there are on all pages.
    pub total: u64,
    /// At most twenty.
    pub ids: Vec<u64>,
}

/// A value that a read-only function answered, to be read as what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer(pub Value);

impl Answer {
    /// Of `get-ticket`.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub fn ticket(self) -> Result<Option<Ticket>, AnswerError> {
        let Some(value) = optional("get-ticket", self.0)? else { return Ok(None) };
        let mut fields = Fields::of("a ticket", value)?;
        let ticket = Ticket {
            owner: fields.principal("owner")?,
            assignee: fields.optional_principal("assignee")?,
            category: fields.ascii("category", CATEGORY_BYTES_MAX)?,
            priority: fields.named("priority", Priority::from_number)?,
            status: fields.named("status", Status::from_number)?,
            payload_hash: fields.exact("payload-hash")?,
            comment_count: fields.named("comment-count", |count| (count <= COMMENTS_MAX).then_some(count))?,
            created_at: fields.uint("created-at")?,
            updated_at: fields.uint("updated-at")?,
            resolved_at: fields.optional_uint("resolved-at")?,
            closed_at: fields.optional_uint("closed-at")?,
        };
        fields.finish()?;
        Ok(Some(ticket))
    }

    /// Of `get-ticket-comment`.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub fn comment(self) -> Result<Option<Comment>, AnswerError> {
        let Some(value) = optional("get-ticket-comment", self.0)? else { return Ok(None) };
        let mut fields = Fields::of("a comment", value)?;
        let comment = Comment {
            author: fields.principal("author")?,
            is_staff: fields.bool("is-staff")?,
            internal: fields.bool("internal")?,
            payload_hash: fields.exact("payload-hash")?,
            created_at: fields.uint("created-at")?,
        };
        fields.finish()?;
        Ok(Some(comment))
    }

    /// Of `get-key`.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub fn key(self) -> Result<Option<RegisteredKey>, AnswerError> {
        let Some(value) = optional("get-key", self.0)? else { return Ok(None) };
        let mut fields = Fields::of("a key", value)?;
        let key = RegisteredKey {
            public_key: fields.exact("public-key")?,
            signing_key: fields.exact("signing-key")?,
            proof: fields.exact("proof")?,
            registered_at: fields.uint("registered-at")?,
            revoked_at: fields.optional_uint("revoked-at")?,
        };
        fields.finish()?;
        Ok(Some(key))
    }

    /// Of `get-tickets-by-owner` and `get-tickets-by-owner-page`.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub fn page(self) -> Result<Page, AnswerError> {
        let mut fields = Fields::of("a page", self.0)?;
        let total = fields.uint("total")?;
        let wrong = AnswerError::Unexpected { what: "ids", expected: "a list of at most twenty numbers" };
        let ids = match fields.take("ids")?.into_kind() {
            Kind::List(entries) if entries.len() <= PAGE_IDS_MAX => entries,
            _ => return Err(wrong),
        };
        fields.finish()?;
        let ids = ids.iter().map(|id| uint("ids", id)).collect::<Result<_, _>>()?;
        Ok(Page { total, ids })
    }

    /// Of `get-ticket-count` and `get-key-count`.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub fn count(self) -> Result<u64, AnswerError> {
        uint("a count", &self.0)
    }

    /// Of `is-staff`, `is-administrator` and `can-manage-ticket`.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub fn truth(self) -> Result<bool, AnswerError> {
        bool("the answer", &self.0)
    }
}

/// What a public function came to: the number that `(ok u…)` gives, nothing for `(ok true)`, or the refusal.
///
/// # Errors
/// [`AnswerError`] where the value is no response of the desk's contract.
pub fn answer_of(result: &Value) -> Result<Result<Option<u64>, Refusal>, AnswerError> {
    match result.kind() {
        Kind::Ok(inner) => match inner.kind() {
            Kind::Bool(true) => Ok(Ok(None)),
            _ => Ok(Ok(Some(uint("the result", inner)?))),
        },
        Kind::Err(inner) => Ok(Err(Refusal::from_number(uint("the refusal", inner)?))),
        _ => Err(AnswerError::Unexpected { what: "the result", expected: "a response" }),
    }
}
