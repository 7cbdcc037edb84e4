//! What the ledger proves of a document that was sent, and the staff's documents beside a change of the staff.

use sealdesk_protocol::appointment::{Appointee, Appointment};
use sealdesk_protocol::document::{DocumentName, DocumentPlace, Shelf, ShelfKind, body_digest};
use sealdesk_protocol::envelope::{Context, Envelope, EnvelopeLimits, Kind};
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::virtengine::support::v1::MsgPutDocument;

use super::Desk;
use super::inclusion::Attempt;
use crate::actor::Actor;
use crate::compose::{TxBuilder, sign_text};
use crate::documents::{Renewed, StaffChange};
use crate::error::Result;
use crate::node::Transport;

impl<T: Transport> Desk<T> {
    /// A member's signature that somebody is an agent or a gateway, for the administrators as they are now.
    pub(crate) async fn appointment(&self, actor: &Actor, appointee: Appointee<'_>) -> Result<Appointment> {
        let facts = self.records(vec![tree::ADMINISTRATORS.to_vec()]).await?;
        let circle = self.circle_of(&facts).await?;
        self.check_age(&facts)?;
        let (made, member) = (facts.time(), self.address_of(actor));
        let fingerprint = circle.fingerprint(&self.chain().identity());
        let text = appointee.text(&self.chain().chain_id, &fingerprint, made);
        let signature = sign_text(actor.account(), &member, &text)?;
        let (position, account_pub_key) = (circle.position(), *actor.public_key());
        Ok(Appointment { made, position, account_pub_key, signature, appointed_on: None })
    }

    /// Adds to a transaction that changes the staff what fits of its documents, sealed for the staff after it. Nobody stays or leaves for want
    /// of that: what fails is told, and made good later.
    pub(crate) async fn renew_beside(
        &self,
        actor: &Actor,
        builder: &mut TxBuilder,
        change: Option<&StaffChange>,
    ) -> Renewed {
        let Some(change) = change else { return Renewed::default() };
        let renewed = self.push_staff_documents(actor, builder, change, &[]).await;
        renewed.unwrap_or_default()
    }

    /// Seals for the new staff what did not fit beside the change, and says what became of its documents.
    pub(crate) async fn renew_after(&self, actor: &Actor, beside: Renewed, about: &Address) {
        let after = self.renew_staff_documents(actor, &beside.done).await;
        let again = "`sealdesk documents renew` does it once more";
        match after {
            Err(error) => {
                self.note(format!("the staff's documents are not all sealed anew since {about} joined or left: {error}; {again}"));
            }
            Ok(after) => {
                let done = beside.done.len().saturating_add(after.done.len());
                if done > 0 {
                    self.note(format!(
                        "{done} of the staff's documents are sealed anew, for the staff as it is now"
                    ));
                }
                for place in after.unopened {
                    self.note(format!(
                        "{place} cannot be opened, so that it is not sealed anew: whoever can does it"
                    ));
                }
            }
        }
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
