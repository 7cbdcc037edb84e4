//! Envelopes and grants whose signatures were verified before, so that nobody verifies them twice.
//!
//! Verifying is a pure function of the envelope or grant, its place and its keys, and by far the dearest part of judging it. Whoever has a spare
//! core verifies ahead of the block and hands over what was good; execution asks by all that the answer depends on, and verifies what it
//! does not find. The only way in is a verification that succeeded, and nothing else is derived from what is in here: the answer is the
//! same with all of it, with some of it, and with none.

use std::collections::BTreeSet;

use super::context::Context;
use super::digests::Digests;
use super::shape::{Envelope, EnvelopeError, WrappedKey};
use super::signatures::{AccountKey, grant_message, verify_grant, verify_signatures};
use super::transcript::Transcript;
use crate::keys::{ACCOUNT_KEY_BYTES, VerifyKey};

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownSignatures(BTreeSet<[u8; 32]>);

impl KnownSignatures {
    /// Verifies the signatures of an envelope of a transaction that `account` signed, and keeps them where they are good.
    ///
    /// # Errors
    /// As [`verify_signatures`]; nothing is kept then.
    pub fn learn(
        &mut self,
        envelope: &Envelope,
        context: &Context,
        client: &VerifyKey,
        account: &[u8; ACCOUNT_KEY_BYTES],
    ) -> Result<(), EnvelopeError> {
        let digests = verify_signatures(envelope, context, client, AccountKey::Is(account))?;
        self.0.insert(place(envelope, &digests, client.as_bytes(), account));
        Ok(())
    }

    /// What [`verify_signatures`] gives for these, where that is known; `None` says nothing of them.
    pub fn find(
        &self,
        envelope: &Envelope,
        context: &Context,
        client: &[u8],
        account: &[u8; ACCOUNT_KEY_BYTES],
    ) -> Option<Digests> {
        if self.0.is_empty() {
            return None;
        }
        let digests = envelope.digests(context);
        self.0.contains(&place(envelope, &digests, client, account)).then_some(digests)
    }

    /// Verifies the signature of a grant, and keeps it where it is good.
    ///
    /// # Errors
    /// As [`verify_grant`]; nothing is kept then.
    pub fn learn_grant(&mut self, grant: &SignedGrant<'_>, key: &VerifyKey) -> Result<(), EnvelopeError> {
        grant.verify(key)?;
        self.0.insert(grant.place(key));
        Ok(())
    }

    /// [`verify_grant`], at once where the answer is known.
    ///
    /// # Errors
    /// As there.
    pub fn verify_grant(&self, grant: &SignedGrant<'_>, key: &VerifyKey) -> Result<(), EnvelopeError> {
        if !self.0.is_empty() && self.0.contains(&grant.place(key)) {
            return Ok(());
        }
        grant.verify(key)
    }
}

/// What a grant's signature is over, and the signature: see [`verify_grant`].
#[derive(Debug, Clone, Copy)]
pub struct SignedGrant<'a> {
    /// The `content` digest of the envelope that it opens.
    pub content: &'a [u8; 32],
    /// Whose it is.
    pub granter: &'a str,
    /// What was wrapped for the reader.
    pub entry: &'a WrappedKey,
    /// The granter's, as it came.
    pub signature: &'a [u8],
}

impl SignedGrant<'_> {
    fn verify(&self, key: &VerifyKey) -> Result<(), EnvelopeError> {
        verify_grant(self.content, self.granter, self.entry, key, self.signature)
    }

    /// As the place of an envelope.
    fn place(&self, key: &VerifyKey) -> [u8; 32] {
        Transcript::new("known-grants")
            .field(&grant_message(self.content, self.granter, self.entry))
            .raw(key.as_bytes())
            .field(self.signature)
            .finish()
    }
}

/// A digest of everything that the answer depends on: what was signed, by whom it has to be, and the signatures.
fn place(
    envelope: &Envelope,
    digests: &Digests,
    client: &[u8],
    account: &[u8; ACCOUNT_KEY_BYTES],
) -> [u8; 32] {
    let user = envelope.user().map_or(&[][..], |user| &user.signature);
    Transcript::new("known-signatures")
        .raw(&digests.envelope)
        .field(client)
        .raw(envelope.client_signature())
        .raw(account)
        .field(envelope.user_key_bytes())
        .field(user)
        .finish()
}
