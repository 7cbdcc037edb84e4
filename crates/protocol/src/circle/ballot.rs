//! What a member signs when they vote, and the vote as records keep it.

use super::Change;
use crate::identity::Identity;
use crate::ids::{Address, ChainId};
use crate::keys::BadSignature;
use crate::signer::{self, KeySignature, SignerKey};
use crate::time::time_text;
use crate::wire::sealdesk::ledger::v1::MemberVote;

/// What is voted on: the last line of the text.
#[derive(Debug, Clone, Copy)]
pub enum Ballot<'a> {
    /// A change of the circle.
    Change(&'a Change),
    /// That the ledger of this identity continues the one that the text names.
    Continue(&'a Identity),
}

impl Ballot<'_> {
    /// What the wallet shows and the member signs. `ledger` and `fingerprint` are those of the ledger on which the circle stands (of a
    /// continuation: the old one), `position` is the number that the change would get, `made` is in Unix seconds.
    pub fn text(&self, ledger: &ChainId, fingerprint: &[u8; 32], position: u64, made: i64) -> String {
        let last = match self {
            Self::Change(change) => format!("{}: {}", change.name(), change.address()),
            Self::Continue(identity) => format!("continue: {identity}"),
        };
        // A time that no block can have is never signed; who asks for its text gets one that fits nothing.
        let made = time_text(made).unwrap_or_else(|| made.to_string());
        let fingerprint = hex::encode(fingerprint);
        format!(
            "Sealdesk administrators\nledger: {ledger}\ncircle: {fingerprint}\nchange: {position}\nmade: {made}\n{last}"
        )
    }
}

/// A member's vote as messages and records carry it. Whether it is good is for [`Vote::verify`] to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vote {
    /// Who votes.
    pub voter: Address,
    /// The time that was signed, in Unix seconds.
    pub made: i64,
    /// The voter's key, or keys.
    pub account_pub_key: SignerKey,
    /// ADR-36.
    pub signature: KeySignature,
}

impl Vote {
    /// Verifies that the voter signed this text.
    ///
    /// # Errors
    /// [`BadSignature`] where the key is not the voter's, or the signature not this text's.
    pub fn verify(&self, text: &str) -> Result<(), BadSignature> {
        self.account_pub_key.verify_text(&self.voter, text, &self.signature)
    }

    /// Reads a record; `None` where its voter is no address of this prefix or a length is wrong.
    pub fn read(prefix: &crate::ids::Prefix, wire: &MemberVote) -> Option<Self> {
        let voter = Address::parse(prefix, &wire.voter).ok()?;
        let (account_pub_key, signature) = signer::parts(&wire.account_pub_key, &wire.account_signature)?;
        Some(Self { voter, made: wire.made, account_pub_key, signature })
    }

    /// The record.
    pub fn to_wire(&self) -> MemberVote {
        MemberVote {
            voter: self.voter.to_string(),
            made: self.made,
            account_pub_key: self.account_pub_key.to_vec(),
            account_signature: self.signature.to_vec(),
        }
    }
}
