//! Whom a member of the circle appointed: an agent whom clients seal for, or a gateway.

use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::appointment::{Appointee, Appointment};
use sealdesk_protocol::circle::Circle;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::messages::AssignableRole;

use crate::verify::{Chain, Member, Proven};

/// Whether somebody is an agent in whom a client believes: active, and appointed by a member who has been in the circle ever since, by a
/// signature over the administrators as they were then. `facts` hold the change that led to these.
pub(crate) fn is_appointed_agent(
    chain: &Chain,
    circle: &Circle,
    address: &Address,
    member: &Member,
    facts: &Proven,
) -> bool {
    let is_agent = member.role == Some(AssignableRole::SupportAgent);
    is_agent
        && member.state == AccountState::Active
        && is_signed(chain, circle, address, member, facts).is_some()
}

fn is_signed(
    chain: &Chain,
    circle: &Circle,
    address: &Address,
    member: &Member,
    facts: &Proven,
) -> Option<()> {
    let appointment = Appointment::read(member.appointment.as_ref()?)?;
    let appointer = Address::parse(&chain.prefix, &member.assigned_by).ok()?;
    circle.contains_since(&appointer, appointment.position).then_some(())?;
    let on = match appointment.appointed_on {
        None => chain.ancestry.beginning(),
        Some(identity) => chain.ancestry.find(&identity)?,
    };
    // Only the circle that the member saw has the fingerprint that they signed, whatever the ledger shows.
    let then = facts.circle_change(appointment.position).ok()?;
    let then = Circle::decode(&chain.prefix, &then.circle).ok()?;
    let appointee = Appointee { role: member.role?, account: address };
    let fingerprint = then.fingerprint(&on.identity());
    appointment.verify(&appointer, appointee, &on.chain_id, &fingerprint).ok()
}
