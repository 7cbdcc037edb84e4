//! `MsgContinueLedger`: a member votes that this ledger continues the one which its beginning names.

use sealdesk_protocol::circle::Ballot;
use sealdesk_protocol::codes::RolesError;
use sealdesk_protocol::events::Event;
use sealdesk_protocol::messages::ContinueLedger;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{self as wire, EventContinueVote};

use super::{actor, permit_roles};
use crate::access::Act;
use crate::ballot;
use crate::call::Call;
use crate::errors::{Fatal, Stop};

pub(super) fn run(
    call: &mut Call<'_, '_>,
    message: &ContinueLedger,
) -> Result<wire::MsgContinueLedgerResponse, Stop> {
    permit_roles(call, actor(call)?, Act::ContinueLedger)?;
    let ancestry = call.view.ancestry()?;
    let beginning = ancestry.beginning();
    let circle = &beginning.circle;
    let old = ancestry.earlier().last().ok_or(RolesError::ContinuesNone)?;
    if !circle.contains(&message.sender) {
        let text = format!("{} was not an administrator when this ledger began", message.sender);
        return Err(RolesError::Unauthorized(text).into());
    }
    ballot::check_time(call, &message.vote)?;
    let fingerprint = circle.fingerprint(&old.identity());
    let text = Ballot::Continue(call.machine.identity()).text(
        &old.chain_id,
        &fingerprint,
        circle.next(),
        message.vote.made,
    );
    ballot::check_signature(&message.vote, &text, "continuation of the ledger before this one")?;

    let mut record = call.view.continue_votes()?;
    let decided = circle.has_majority(&ballot::voters(call, &record.votes)?);
    let now = call.block.time;
    // What has been decided stays so; until then old votes end, as those for changes do.
    if !decided {
        record.votes.retain(|vote| ballot::is_open(vote, now));
        ballot::put_vote(&mut record.votes, &message.vote);
    }
    let applied = circle.has_majority(&ballot::voters(call, &record.votes)?);
    let members = circle.members().len();
    call.view.put_continue_votes(&record);
    emit(call, record.votes.len(), members)?;
    Ok(wire::MsgContinueLedgerResponse { applied })
}

fn emit(call: &mut Call<'_, '_>, votes: usize, members: usize) -> Result<(), Fatal> {
    let event = EventContinueVote {
        voted_by: call.signer.address.to_string(),
        votes: ballot::count(votes)?,
        members: ballot::count(members)?,
        block_height: call.height()?,
        timestamp: call.block.time,
    };
    call.emit(Event::ContinueVote(event));
    Ok(())
}
