//! A text that could not be sent, kept on disk for its writer alone: sealed for their own key, so that it is nowhere in clear.
//!
//! The chain id of its place is not one of any ledger, so that it opens as nothing that a ledger holds.

use prost::Message as _;
use sealdesk_envelope::{Expected, Message, Received, Signers, seal};
use sealdesk_protocol::envelope::{AccountKey, Context, EnvelopeLimits, Kind};
use sealdesk_protocol::ids::Prefix;
use sealdesk_protocol::wire::virtengine::encryption::v1::MultiRecipientEnvelope;
use zeroize::Zeroizing;

use crate::actor::Actor;
use crate::compose::{CLIENT_ID, ComposeError};

/// What the file of a draft begins with.
const MAGIC: &[u8] = b"sealdesk draft 1\n";
/// In place of a ledger's name, and of a ticket's. No ledger has it: a generated one ends in 16 digits, and a given one has a letter.
const NOWHERE: &str = "draft";

/// Whether a file is a draft.
pub fn is_draft(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// Seals a text for whoever wrote it, by the first pair of keys of their phrase.
///
/// # Errors
/// [`ComposeError::Seal`] for a text longer than an envelope holds, [`ComposeError::Identity`].
pub fn seal_draft(actor: &Actor, prefix: &Prefix, text: &str) -> Result<Vec<u8>, ComposeError> {
    let (pair, context) = (actor.pair(0)?, place(actor, prefix));
    let message = Message {
        context: &context,
        plaintext: text.as_bytes(),
        readers: &[*pair.encryption.public()],
        client_id: CLIENT_ID,
        limits: EnvelopeLimits::WIDEST,
    };
    let signers = Signers { signing: &pair.signing, account: None };
    let envelope = seal(&message, &signers, &mut getrandom::SysRng)?;
    Ok([MAGIC, &envelope.to_wire().encode_to_vec()].concat())
}

/// Opens a draft of one's own; `None` where it is somebody else's, damaged, or none.
pub fn open_draft(actor: &Actor, prefix: &Prefix, bytes: &[u8]) -> Option<Zeroizing<String>> {
    let wire = MultiRecipientEnvelope::decode(bytes.strip_prefix(MAGIC)?).ok()?;
    let (pair, context) = (actor.pair(0).ok()?, place(actor, prefix));
    let signing_key = pair.signing.public();
    let expected = Expected { context: &context, signing_key, account: AccountKey::OfSender };
    let received = Received::verify(&wire, &expected).ok()?;
    let opened = received.open(&pair.encryption, &[]).ok()?;
    std::str::from_utf8(opened.plaintext()).ok().map(|text| Zeroizing::new(text.to_owned()))
}

fn place(actor: &Actor, prefix: &Prefix) -> Context {
    Context {
        chain_id: NOWHERE.to_owned(),
        ticket_id: NOWHERE.to_owned(),
        kind: Kind::Document,
        sender: actor.address(prefix).to_string(),
        sequence: 0,
        index: 0,
    }
}

#[cfg(test)]
mod tests {
    use sealdesk_envelope::{Phrase, PhraseLength};

    use super::*;

    fn somebody() -> Actor {
        Actor::of(&Phrase::generate(PhraseLength::Twelve, &mut getrandom::SysRng).unwrap()).unwrap()
    }

    #[test]
    fn a_draft_opens_for_its_writer_alone_and_holds_no_word_in_clear() {
        let (prefix, me, other) = (Prefix::parse(Prefix::DEFAULT).unwrap(), somebody(), somebody());
        let text = "canary-in-a-draft, with ü";
        let bytes = seal_draft(&me, &prefix, text).unwrap();
        assert!(is_draft(&bytes) && !is_draft(text.as_bytes()));
        assert!(!bytes.windows(6).any(|window| window == b"canary"));
        assert_eq!(open_draft(&me, &prefix, &bytes).unwrap().as_str(), text);
        assert!(open_draft(&other, &prefix, &bytes).is_none());
        for place in (0..bytes.len()).step_by(7) {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            assert!(open_draft(&me, &prefix, &changed).is_none(), "byte {place}");
        }
        assert!(open_draft(&me, &prefix, &bytes[..bytes.len() - 1]).is_none());
    }
}
