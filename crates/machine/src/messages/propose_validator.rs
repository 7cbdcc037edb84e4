//! `MsgProposeValidator`: administrators decide by majority which validators make blocks.
//!
//! A vote is for a key's power. It counts while its voter is a member of the circle of administrators; whoever leaves it loses theirs.
//! With more than half of the circle it is applied, and every vote on that key goes.

use sealdesk_protocol::codes::SdkError;
use sealdesk_protocol::events::Event;
use sealdesk_protocol::limits::{VALIDATOR_VOTES_PER_ADMINISTRATOR_MAX, VALIDATORS_MAX};
use sealdesk_protocol::messages::ProposeValidator;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{self as wire, Validator, ValidatorProposal};

use super::{actor, permit_or};
use crate::access::Act;
use crate::call::Call;
use crate::errors::{Fatal, Stop};

pub(super) fn run(
    call: &mut Call<'_, '_>,
    message: &ProposeValidator,
) -> Result<wire::MsgProposeValidatorResponse, Stop> {
    permit_or(call, actor(call)?, Act::ProposeValidator, |text| SdkError::Unauthorized(text).into())?;
    let mut validators = call.view.validators()?;
    let previous = power_of(&validators, message);
    let members = members(call)?;
    let mut proposals = call.view.proposals()?;
    proposals.iter_mut().for_each(|proposal| proposal.voters.retain(|voter| members.contains(voter)));
    let had_vote = take_vote(&mut proposals, message);

    let mut applied = false;
    if previous == i64::from(message.power) {
        if !had_vote {
            return Err(refuse(format!("{} has the power {previous} already", key_text(message))));
        }
    } else {
        change(&mut validators, message);
        check_set(&validators)?;
        check_room(&proposals, message)?;
        applied = vote(&mut proposals, message).saturating_mul(2) > members.len();
    }
    emit_proposed(call, message)?;
    let is_over = |proposal: &ValidatorProposal| applied && proposal.pub_key == message.pub_key.as_bytes();
    proposals.retain(|proposal| !proposal.voters.is_empty() && !is_over(proposal));
    if applied {
        call.view.put_validators(validators)?;
        emit_changed(call, message, previous)?;
    }
    call.view.put_proposals(proposals);
    Ok(wire::MsgProposeValidatorResponse { applied })
}

fn members(call: &Call<'_, '_>) -> Result<Vec<String>, Fatal> {
    Ok(call.view.circle()?.members().iter().map(|member| member.address.to_string()).collect())
}

/// Takes the sender's vote on this key away: the newest vote replaces it, and a vote for the present power only takes it back.
fn take_vote(proposals: &mut [ValidatorProposal], message: &ProposeValidator) -> bool {
    let mut had_vote = false;
    for proposal in proposals.iter_mut().filter(|other| other.pub_key == message.pub_key.as_bytes()) {
        let before = proposal.voters.len();
        proposal.voters.retain(|voter| voter != message.sender.as_str());
        had_vote |= proposal.voters.len() < before;
    }
    had_vote
}

fn power_of(validators: &[Validator], message: &ProposeValidator) -> i64 {
    let found = validators.iter().find(|validator| validator.pub_key == message.pub_key.as_bytes());
    found.map_or(0, |validator| validator.power)
}

/// The validators as they would be.
fn change(validators: &mut Vec<Validator>, message: &ProposeValidator) {
    let pub_key = message.pub_key.as_bytes();
    let place = validators.binary_search_by(|validator| validator.pub_key.as_slice().cmp(pub_key));
    let changed = Validator {
        pub_key: pub_key.to_vec(),
        power: message.power.into(),
        moniker: message.moniker.clone(),
    };
    match place {
        Ok(place) if message.power == 0 => drop(validators.remove(place)),
        Ok(place) => validators[place] = changed,
        Err(place) => validators.insert(place, changed),
    }
}

fn check_set(validators: &[Validator]) -> Result<(), Stop> {
    if validators.is_empty() {
        return Err(refuse("the last validator cannot be removed: add another first".to_owned()));
    }
    if validators.len() > VALIDATORS_MAX {
        return Err(refuse(format!("at most {VALIDATORS_MAX} validators: remove one first")));
    }
    Ok(())
}

fn check_room(proposals: &[ValidatorProposal], message: &ProposeValidator) -> Result<(), Stop> {
    let own =
        proposals.iter().filter(|proposal| proposal.voters.iter().any(|v| v == message.sender.as_str()));
    if own.count() < VALIDATOR_VOTES_PER_ADMINISTRATOR_MAX {
        return Ok(());
    }
    Err(refuse(format!(
        "at most {VALIDATOR_VOTES_PER_ADMINISTRATOR_MAX} open votes an administrator: take one back first, by proposing the power that its key has"
    )))
}

/// Adds the sender's vote, and counts those that agree.
fn vote(proposals: &mut Vec<ValidatorProposal>, message: &ProposeValidator) -> usize {
    let (pub_key, power) = (message.pub_key.as_bytes(), i64::from(message.power));
    let place =
        proposals.binary_search_by(|other| (other.pub_key.as_slice(), other.power).cmp(&(pub_key, power)));
    let place = place.unwrap_or_else(|place| {
        let fresh = ValidatorProposal { pub_key: pub_key.to_vec(), power, ..ValidatorProposal::default() };
        proposals.insert(place, fresh);
        place
    });
    let proposal = &mut proposals[place];
    proposal.moniker.clone_from(&message.moniker);
    proposal.voters.push(message.sender.to_string());
    proposal.voters.sort_unstable();
    proposal.voters.len()
}

fn emit_proposed(call: &mut Call<'_, '_>, message: &ProposeValidator) -> Result<(), Fatal> {
    let event = wire::EventValidatorProposed {
        pub_key: key_text(message),
        power: message.power.into(),
        moniker: message.moniker.clone(),
        proposed_by: message.sender.to_string(),
        block_height: call.height()?,
        timestamp: call.block.time,
    };
    call.emit(Event::ValidatorProposed(event));
    Ok(())
}

fn emit_changed(
    call: &mut Call<'_, '_>,
    message: &ProposeValidator,
    previous_power: i64,
) -> Result<(), Fatal> {
    let event = wire::EventValidatorChanged {
        pub_key: key_text(message),
        previous_power,
        power: message.power.into(),
        moniker: message.moniker.clone(),
        block_height: call.height()?,
        timestamp: call.block.time,
    };
    call.emit(Event::ValidatorChanged(event));
    Ok(())
}

fn key_text(message: &ProposeValidator) -> String {
    message.pub_key.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn refuse(text: String) -> Stop {
    SdkError::InvalidRequest(text).into()
}
