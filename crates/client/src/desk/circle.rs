//! The administrators, as members' votes lead to them from the circle that this home trusts; and whether a state is new enough to
//! seal by it.

use sealdesk_envelope::content::SeenCircle;
use sealdesk_protocol::circle::{Ballot, Change, Circle, Vote};
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::messages::SignedVote;
use sealdesk_protocol::state::tree;

use super::Desk;
use crate::actor::Actor;
use crate::error::Result;
use crate::node::Transport;
use crate::trust::{Person, Step, Trust, next};
use crate::verify::{Proven, VerifyError};

impl<T: Transport> Desk<T> {
    /// The administrators, followed from the pin by their own votes.
    ///
    /// # Errors
    /// [`crate::Error`]; [`VerifyError::Circle`] where votes do not lead there.
    pub async fn circle(&self) -> Result<Circle> {
        let facts = self.records(vec![tree::ADMINISTRATORS.to_vec()]).await?;
        self.circle_of(&facts).await
    }

    /// The administrators of these facts. What was followed is kept as it goes, 128 changes at a time.
    pub(crate) async fn circle_of(&self, facts: &Proven) -> Result<Circle> {
        let found = facts.circle(self.prefix())?;
        if self.trust() == Trust::NodeTrusted {
            return Ok(found);
        }
        loop {
            let mut pin = self.pin();
            let Step::Ask(keys) = next(&pin, &found)? else { return Ok(found) };
            let changes = self.records(keys).await?;
            pin.follow(&changes, found.position())?;
            if pin.circle.position() == found.position() && pin.circle != found {
                return Err(VerifyError::Circle("the last change leads to others".to_owned()).into());
            }
            self.believed().follow(&pin);
        }
    }

    /// The members of the circle with their keys, and the facts that grew by them. For whoever seals or grants: too old a state
    /// is refused.
    pub(crate) async fn members(&self, facts: &mut Proven) -> Result<Vec<Person>> {
        let circle = self.circle_of(facts).await?;
        let addresses: Vec<Address> = circle.members().iter().map(|member| member.address.clone()).collect();
        let members = self.people(facts, &addresses).await?;
        self.check_age(facts)?;
        Ok(members)
    }

    /// Refuses to seal or to grant by facts that are too far from the clock, or that rest on a node's word.
    pub(crate) fn check_age(&self, facts: &Proven) -> Result<()> {
        self.check_times(facts.oldest(), facts.time())
    }

    /// As [`Desk::check_age`], by the times of the oldest and of the newest header.
    pub(crate) fn check_times(&self, oldest: i64, newest: i64) -> Result<()> {
        if self.trust() == Trust::NodeTrusted {
            return Err(VerifyError::NodeTrusted.into());
        }
        self.age.check(oldest)?;
        self.age.check(newest)?;
        Ok(())
    }

    /// A member's vote for the next change of the circle, signed by their account for these administrators and no others.
    pub(crate) async fn vote(&self, actor: &Actor, change: &Change) -> Result<SignedVote> {
        let facts = self.records(vec![tree::ADMINISTRATORS.to_vec()]).await?;
        let circle = self.circle_of(&facts).await?;
        self.check_age(&facts)?;
        let (position, made, voter) = (circle.next(), facts.time(), self.address_of(actor));
        let fingerprint = circle.fingerprint(&self.chain().identity());
        let text = Ballot::Change(change).text(&self.chain().chain_id, &fingerprint, position, made);
        let signature = actor.sign_text(&voter, &text).await?;
        let vote =
            Vote { voter, made, account_pub_key: (*actor.public_key()).into(), signature: signature.into() };
        Ok(SignedVote { change: position, vote })
    }

    /// What a text sealed by these facts says of the administrators that its writer's program knew.
    pub(crate) fn seen(&self, facts: &Proven) -> Result<SeenCircle> {
        let circle = facts.circle(self.prefix())?;
        let fingerprint = hex::encode(circle.fingerprint(&self.chain().identity()));
        Ok(SeenCircle { circle: circle.position(), fingerprint })
    }
}
