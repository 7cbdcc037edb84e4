//! Appointments as they are signed, and what the ledger proves of a document that was sent.

use std::time::Duration;

use sealdesk_protocol::appointment::{Appointee, Appointment};
use sealdesk_protocol::document::{DocumentName, DocumentPlace, Shelf, ShelfKind, body_digest};
use sealdesk_protocol::envelope::{Context, Envelope, EnvelopeLimits, Kind};
use sealdesk_protocol::signer::SignerKey;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::virtengine::support::v1::MsgPutDocument;

use super::Desk;
use super::inclusion::Attempt;
use crate::actor::Actor;
use crate::compose::ComposeError;
use crate::error::Result;
use crate::node::Transport;
use crate::time::sleep;

/// How long a new appointment of somebody waits at most until it can be later than the last one, in milliseconds. Where that is further ahead, a clock
/// is wrong, which the ledger says.
const EARLY_MILLIS_MAX: i64 = 2_000;
/// How far ahead of everything else that is known a last appointment may be, in seconds.
const AHEAD_SECONDS_MAX: i64 = 60;

impl<T: Transport> Desk<T> {
    /// A member's signature that somebody is an agent or a gateway, for the administrators as they are now.
    pub(crate) async fn appointment(&self, actor: &Actor, appointee: Appointee<'_>) -> Result<Appointment> {
        let keys = vec![tree::ADMINISTRATORS.to_vec(), tree::member(appointee.account)];
        let facts = self.records(keys).await?;
        let circle = self.circle_of(&facts).await?;
        self.check_age(&facts)?;
        // Of somebody who left, a new appointment is later than all that ended with that, or nobody could tell it from those.
        let ended = self
            .believed()
            .remembered
            .agent(appointee.account)
            .filter(|seen| seen.is_gone())
            .map_or(i64::MIN, |seen| seen.ended);
        let last = facts.member(appointee.account)?.last_appointed_at;
        let made = facts.time().max(ended).max(last.saturating_add(1));
        // It is in a block no earlier than that: where it ended within this second, the next one is waited for.
        let early = made.saturating_mul(1_000).saturating_sub(self.now_millis());
        // A ledger that names a time far ahead would have it signed, and be believed by it later.
        if made > facts.time().max(ended).saturating_add(AHEAD_SECONDS_MAX) {
            let address = appointee.account.to_string();
            return Err(ComposeError::AppointedAhead { address, last }.into());
        }
        if made > facts.time() && (0..=EARLY_MILLIS_MAX).contains(&early) {
            sleep(Duration::from_millis(early.unsigned_abs().saturating_add(1))).await;
        }
        let member = self.address_of(actor);
        let fingerprint = circle.fingerprint(&self.chain().identity());
        let text = appointee.text(&self.chain().chain_id, &fingerprint, made);
        let signature = actor.sign_text(&member, &text).await?;
        let (position, account_pub_key) = (circle.position(), SignerKey::from(*actor.public_key()));
        Ok(Appointment { made, position, account_pub_key, signature: signature.into(), appointed_on: None })
    }

    /// Whether what a message put somewhere stands there, or what it removed is gone.
    pub(super) async fn is_put(&self, attempt: &Attempt, message: MsgPutDocument) -> Result<bool> {
        let Some(place) = place(attempt, &message) else { return Ok(false) };
        let head = self.records(vec![tree::document(&place)]).await?.document(&place)?;
        let Some(head) = head else { return Ok(message.remove) };
        let digest = match place.shelf.kind() {
            ShelfKind::Public => Some(body_digest(&message.body)),
            ShelfKind::Own | ShelfKind::Staff => self.sealed_digest(attempt, &place, message),
        };
        Ok(digest.is_some_and(|digest| digest[..] == head.digest))
    }

    fn sealed_digest(
        &self,
        attempt: &Attempt,
        place: &DocumentPlace,
        message: MsgPutDocument,
    ) -> Option<[u8; 32]> {
        let is_it = |sent: &prost_types::Any| prost::Message::encode_to_vec(&message) == sent.value;
        let index = attempt.messages.iter().position(is_it)?;
        let envelope =
            Envelope::from_wire(message.envelope.as_ref()?, EnvelopeLimits::WIDEST_DOCUMENT).ok()?;
        let context = Context {
            chain_id: self.chain().chain_id.to_string(),
            ticket_id: place.to_string(),
            kind: Kind::Document,
            sender: attempt.sender.to_string(),
            sequence: attempt.sequence,
            index: u32::try_from(index).ok()?,
        };
        Some(envelope.digests(&context).envelope)
    }
}

fn place(attempt: &Attempt, message: &MsgPutDocument) -> Option<DocumentPlace> {
    let kind = ShelfKind::named(&message.shelf).ok()?;
    let name = DocumentName::parse(&message.name).ok()?;
    Some(DocumentPlace { shelf: Shelf::of(kind, &attempt.sender), name })
}
