//! Seals, opens and grants the envelopes of a Sealdesk ledger. Bytes and keys in, bytes out; randomness is an argument.
//!
//! This is the crate to audit for confidentiality: nothing below it in the workspace can decrypt, and nothing above it
//! does cryptography on messages. It has no I/O, no clock and no global state. Read it in this order:
//!
//! 1. `secret`: the types that hold secrets, and what they promise (wiped when dropped, neither printed nor cloned).
//! 2. `backend`: the primitives, the all-zero check after X25519, and where the implementation is chosen.
//! 3. `schedule`: the three keys that follow from a data key, and why there is a commitment.
//! 4. `padding`: what a length tells.
//! 5. `wrap`: one reader's entry.
//! 6. [`seal()`]: all of it together, then the signatures.
//! 7. [`Received`] and [`Opened`]: the order of the checks; plaintext leaves last.
//! 8. [`Grant`]: a later reader. [`PlacesSeen`]: a copied record.
//! 9. [`Disclosure`]: one message for a third party, who holds a receipt.
//! 10. [`identity`]: every secret from one recovery phrase.
//! 11. [`content`]: what the desk puts inside, and the limits before it is parsed.
//! 12. [`attachment`]: files, piece by piece, under a key that the content carries.
//! 13. [`known_answers`]: vectors and attacks, for this implementation and for others.
//!
//! What everyone can check without a secret (form, context, digests, signatures) is in `sealdesk_protocol::envelope`
//! and `sealdesk_protocol::keys`; read those first. What is deliberately absent: sealing with a chosen data key (it
//! stays private, since a data key that is used twice breaks both envelopes), a second algorithm, a fallback to older
//! wire versions, and errors that say why something did not open.
//!
//! # A message's way
//! ```
//! # use sealdesk_envelope::*;
//! # use sealdesk_protocol::envelope::{AccountKey, Context, EnvelopeLimits, Kind};
//! # use chacha20::{ChaCha20Rng, rand_core::SeedableRng};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let mut rng = ChaCha20Rng::from_seed([1; 32]);
//! let sender = Identity::of(&Phrase::generate(PhraseLength::TwentyFour, &mut rng)?);
//! let reader = Identity::of(&Phrase::generate(PhraseLength::Twelve, &mut rng)?).encryption(0)?;
//! let context = Context {
//!     chain_id: "desk-00112233aabbccdd".into(),
//!     ticket_id: String::new(),
//!     kind: Kind::Ticket,
//!     sender: "virtengine19rl4cm2hmr8afy4kldpxz3fka4jguq0a6mvv5p".into(),
//!     sequence: 0,
//!     index: 0,
//! };
//! let signing = sender.signing(0)?;
//! let envelope = seal(
//!     &Message {
//!         context: &context,
//!         plaintext: b"It is on fire",
//!         readers: &[*reader.public()],
//!         client_id: "",
//!         limits: EnvelopeLimits::WIDEST,
//!     },
//!     &Signers { signing: &signing, account: None },
//!     &mut rng,
//! )?;
//! let expected =
//!     Expected { context: &context, signing_key: signing.public(), account: AccountKey::OfSender };
//! let received = Received::verify(&envelope.to_wire(), &expected)?;
//! assert_eq!(received.open(&reader, &[])?.plaintext(), b"It is on fire");
//! # Ok(())
//! # }
//! ```

pub mod attachment;
mod backend;
pub mod content;
mod disclose;
mod grant;
pub mod identity;
pub mod known_answers;
mod open;
mod padding;
mod replay;
mod schedule;
mod seal;
mod secret;
mod wrap;

pub use backend::runs_graviola;
pub use disclose::{DISCLOSURE_BYTES_MAX, DisclosedPlace, Disclosure, DisclosureError};
pub use grant::Grant;
pub use identity::{Identity, IdentityError, Phrase, PhraseError, PhraseLength};
pub use open::{CannotOpen, Expected, Opened, Received};
pub use replay::{PlaceUsedTwice, PlacesSeen};
pub use seal::{Message, SealError, Signers, seal};
pub use secret::{AccountSecret, EncryptionSecret, SigningFailed, SigningSecret};

#[cfg(test)]
mod tests;
