//! Members' votes for changes of the circle of administrators: who joins it, who leaves it.
//!
//! All open votes are for the next position. Once they decide it, the change is kept under that position with the votes that decided,
//! and all others end: they named a circle that is no more.

use std::collections::BTreeSet;

use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::circle::{Ballot, Change, Circle, Vote};
use sealdesk_protocol::codes::RolesError;
use sealdesk_protocol::events::Event;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::limits::{
    ADMINISTRATORS_LISTED_MAX, CIRCLE_CHANGES_PER_DAY_MAX, CIRCLE_VOTE_FRESH_SECONDS,
    CIRCLE_VOTE_SECONDS_MAX, CIRCLE_VOTES_PER_MEMBER_MAX, DAY_SECONDS,
};
use sealdesk_protocol::messages::{AssignableRole, SignedVote};
use sealdesk_protocol::wire::sealdesk::ledger::v1::{
    CircleChange, CircleProposal, CircleVotes, EventCircleVote, MemberVote,
};
use sealdesk_protocol::wire::virtengine::roles::v1 as roles;

use crate::call::Call;
use crate::errors::{Fatal, Stop};
use crate::state::Member;

/// Takes a member's vote; true if it decides. Permission has been judged.
pub(crate) fn vote(call: &mut Call<'_, '_>, change: &Change, signed: &SignedVote) -> Result<bool, Stop> {
    let circle = call.view.circle()?;
    check_change(call, &circle, change)?;
    check_position(&circle, signed)?;
    check_time(call, &signed.vote)?;
    let mut votes = call.view.circle_votes()?;
    drop_old(&mut votes, call.block.time);
    check_room(&votes, change, &signed.vote)?;
    let fingerprint = circle.fingerprint(call.machine.identity());
    let text =
        Ballot::Change(change).text(call.machine.chain_id(), &fingerprint, signed.change, signed.vote.made);
    check_signature(&signed.vote, &text, "change of these administrators")?;

    let deciding = cast(&mut votes, change, &signed.vote);
    let voters = voters(call, &deciding)?;
    let decided = circle.decides(change, &voters);
    if decided {
        check_day(&votes, call.block.time)?;
        apply(call, &circle, change, deciding)?;
        votes.proposals.clear();
        votes.changed_at.push(call.block.time);
    } else {
        emit_vote(call, &circle, change, deciding.len())?;
    }
    call.view.put_circle_votes(&votes);
    Ok(decided)
}

/// Whether the circle could change like that now, whoever votes.
fn check_change(call: &Call<'_, '_>, circle: &Circle, change: &Change) -> Result<(), Stop> {
    let address = change.address().clone();
    if change.removes() {
        if !circle.contains(&address) {
            let role = AssignableRole::Administrator.name().to_owned();
            return Err(RolesError::NoSuchRole { address, role }.into());
        }
        return if circle.members().len() > 1 { Ok(()) } else { Err(RolesError::LastAdministrator.into()) };
    }
    if circle.contains(&address) {
        return Err(RolesError::SameRole(address).into());
    }
    let member = call.view.member(&address)?;
    match (member.state, member.role) {
        (AccountState::Terminated, _) => return Err(RolesError::Terminated(address).into()),
        (AccountState::Suspended, _) => return Err(RolesError::NotActive(address).into()),
        // An agent who is added stops being an agent.
        (AccountState::Active, None | Some(AssignableRole::SupportAgent)) => {}
        (AccountState::Active, Some(_)) => return Err(RolesError::OtherRole(address).into()),
    }
    let now = call.view.params()?.max_active_administrators();
    let next = call.view.pending_params()?.map_or(now, |params| params.max_active_administrators());
    let most = now.min(next).min(ADMINISTRATORS_LISTED_MAX);
    if circle.members().len() < most { Ok(()) } else { Err(RolesError::TooManyAdministrators(most).into()) }
}

fn check_position(circle: &Circle, signed: &SignedVote) -> Result<(), RolesError> {
    let (expected, found) = (circle.next(), signed.change);
    if expected == found { Ok(()) } else { Err(RolesError::VotePosition { expected, found }) }
}

/// A vote is at most an hour older than its block, and never later.
pub(crate) fn check_time(call: &Call<'_, '_>, vote: &Vote) -> Result<(), RolesError> {
    let (made, now) = (vote.made, call.block.time);
    let fresh = now.saturating_sub(CIRCLE_VOTE_FRESH_SECONDS)..=now;
    if fresh.contains(&made) { Ok(()) } else { Err(RolesError::VoteTime { made, now }) }
}

/// What was signed, as the voter must have signed it.
pub(crate) fn check_signature(vote: &Vote, text: &str, fits: &'static str) -> Result<(), RolesError> {
    let bad = |_| RolesError::BadVote { voter: vote.voter.clone(), what: "vote", fits };
    vote.verify(text).map_err(bad)
}

/// A vote ends after 60 days, so that the votes of one change lie within them.
pub(crate) fn is_open(vote: &MemberVote, now: i64) -> bool {
    now.saturating_sub(vote.made) <= CIRCLE_VOTE_SECONDS_MAX
}

fn drop_old(votes: &mut CircleVotes, now: i64) {
    votes.proposals.iter_mut().for_each(|proposal| proposal.votes.retain(|vote| is_open(vote, now)));
    votes.proposals.retain(|proposal| !proposal.votes.is_empty());
    votes.changed_at.retain(|changed| *changed > now.saturating_sub(DAY_SECONDS));
}

/// A member's open votes are bounded; a vote that replaces their own takes no more room.
fn check_room(votes: &CircleVotes, change: &Change, vote: &Vote) -> Result<(), RolesError> {
    let voter = vote.voter.as_str();
    let others = votes.proposals.iter().filter(|proposal| key(proposal) != key_of(change));
    let own = others.filter(|proposal| proposal.votes.iter().any(|vote| vote.voter == voter));
    if own.count() < CIRCLE_VOTES_PER_MEMBER_MAX {
        return Ok(());
    }
    Err(RolesError::TooManyVotes(CIRCLE_VOTES_PER_MEMBER_MAX))
}

fn key(proposal: &CircleProposal) -> (&str, bool) {
    (&proposal.address, proposal.removes)
}

fn key_of(change: &Change) -> (&str, bool) {
    (change.address().as_str(), change.removes())
}

/// Puts a vote in its place, over the voter's last one on the same change; gives all votes on it.
fn cast(votes: &mut CircleVotes, change: &Change, vote: &Vote) -> Vec<MemberVote> {
    let place = votes.proposals.binary_search_by(|proposal| key(proposal).cmp(&key_of(change)));
    let place = place.unwrap_or_else(|place| {
        let (address, removes) = (change.address().to_string(), change.removes());
        votes.proposals.insert(place, CircleProposal { address, removes, votes: Vec::new() });
        place
    });
    let proposal = &mut votes.proposals[place];
    put_vote(&mut proposal.votes, vote);
    proposal.votes.clone()
}

/// Votes stand ascending by voter, one of each.
pub(crate) fn put_vote(votes: &mut Vec<MemberVote>, vote: &Vote) {
    match votes.binary_search_by(|other| other.voter.as_str().cmp(vote.voter.as_str())) {
        Ok(place) => votes[place] = vote.to_wire(),
        Err(place) => votes.insert(place, vote.to_wire()),
    }
}

/// Who cast these votes.
pub(crate) fn voters(call: &Call<'_, '_>, votes: &[MemberVote]) -> Result<BTreeSet<Address>, Fatal> {
    let key = sealdesk_protocol::state::tree::CIRCLE_VOTES;
    votes.iter().map(|vote| call.view.address(key, &vote.voter)).collect()
}

fn check_day(votes: &CircleVotes, now: i64) -> Result<(), RolesError> {
    let max = CIRCLE_CHANGES_PER_DAY_MAX;
    let oldest = votes.changed_at.len().checked_sub(max).and_then(|place| votes.changed_at.get(place));
    match oldest {
        Some(oldest) => {
            let next = oldest.saturating_add(DAY_SECONDS).max(now);
            Err(RolesError::TooManyChanges { max, next })
        }
        None => Ok(()),
    }
}

fn apply(
    call: &mut Call<'_, '_>,
    circle: &Circle,
    change: &Change,
    votes: Vec<MemberVote>,
) -> Result<(), Stop> {
    let broken = |error| Fatal::Broken(format!("a change that is decided leads to a circle: {error}"));
    let after = circle.after(change).map_err(broken)?;
    let record = CircleChange {
        position: after.position(),
        address: change.address().to_string(),
        removes: change.removes(),
        votes,
        changed_at: call.block.time,
        circle: after.encode(),
        chain_id: call.machine.chain_id().to_string(),
        identity: call.machine.identity().0.to_vec(),
    };
    call.view.change_circle(&after, &record);
    if change.removes() { leave(call, change.address()) } else { join(call, change.address()) }
}

fn join(call: &mut Call<'_, '_>, address: &Address) -> Result<(), Stop> {
    let role = AssignableRole::Administrator;
    let assigned_by = call.signer.address.to_string();
    let member = Member {
        role: Some(role),
        assigned_by: assigned_by.clone(),
        assigned_at: call.block.time,
        ..Member::NOBODY
    };
    call.view.put_member(address, &member)?;
    let event = roles::EventRoleAssigned {
        address: address.to_string(),
        role: role.name().to_owned(),
        assigned_by,
        block_height: call.height()?,
        timestamp: call.block.time,
    };
    call.emit(Event::RoleAssigned(event));
    Ok(())
}

/// Who leaves loses the role, their votes for validators, and the agents whom they appointed.
fn leave(call: &mut Call<'_, '_>, address: &Address) -> Result<(), Stop> {
    call.view.put_member(address, &Member::NOBODY)?;
    call.view.unlist_appointed_by(address)?;
    let mut proposals = call.view.proposals()?;
    proposals.iter_mut().for_each(|proposal| proposal.voters.retain(|voter| voter != address.as_str()));
    proposals.retain(|proposal| !proposal.voters.is_empty());
    call.view.put_proposals(proposals);
    let event = roles::EventRoleRevoked {
        address: address.to_string(),
        role: AssignableRole::Administrator.name().to_owned(),
        revoked_by: call.signer.address.to_string(),
        block_height: call.height()?,
        timestamp: call.block.time,
    };
    call.emit(Event::RoleRevoked(event));
    Ok(())
}

fn emit_vote(call: &mut Call<'_, '_>, circle: &Circle, change: &Change, votes: usize) -> Result<(), Fatal> {
    let event = EventCircleVote {
        address: change.address().to_string(),
        change: change.name().to_owned(),
        position: circle.next(),
        voted_by: call.signer.address.to_string(),
        votes: count(votes)?,
        members: count(circle.members().len())?,
        block_height: call.height()?,
        timestamp: call.block.time,
    };
    call.emit(Event::CircleVote(event));
    Ok(())
}

/// A number of members, as events have it.
pub(crate) fn count(members: usize) -> Result<u32, Fatal> {
    u32::try_from(members).map_err(|_| Fatal::Broken("a circle has few members".to_owned()))
}
