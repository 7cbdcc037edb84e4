//! The circle of administrators, how it came about, and the ledgers before this one.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::super::GenesisError;
use super::super::records::{self, AppState};
use super::Place;
use crate::appointment::{Appointee, Appointment};
use crate::block::{ValidatorError, validator_set};
use crate::circle::{self, Circle, Ledger};
use crate::identity::{Ancestry, Beginning, Continues, Identity};
use crate::ids::{Address, ChainId};
use crate::messages::AssignableRole;
use crate::wire::sealdesk::ledger::v1::{CircleChange, MemberRecord, Validator};

/// What a client walks through.
pub(super) struct Trust {
    pub(super) circle: Circle,
    pub(super) changes: Vec<CircleChange>,
    pub(super) ancestry: Ancestry,
}

/// Reads all of it, and follows the circle from its first position to the administrators among `members`.
pub(super) fn read(
    state: &AppState,
    members: &BTreeMap<Address, MemberRecord>,
    validators: &[Validator],
    place: Place<'_>,
) -> Result<Trust, GenesisError> {
    let administrator = |record: &MemberRecord| record.role == AssignableRole::Administrator.to_wire();
    let listed =
        members.iter().filter(|(_, record)| administrator(record)).map(|(address, _)| address.clone());
    let first = Circle::first(listed).map_err(|error| GenesisError::at("app_state.members", error))?;
    let mut changes = state.circle.iter().enumerate().map(|(i, record)| change(i, record, place));
    let mut changes = changes.by_ref().collect::<Result<Vec<_>, _>>()?;
    let circle = match changes.last() {
        None => first.clone(),
        Some(last) => Circle::decode(place.prefix, &last.circle)
            .map_err(|error| GenesisError::at(format!("app_state.circle[{}]", changes.len() - 1), error))?,
    };
    if !same_members(&circle, &first) {
        let reason = "does not lead to the active administrators among the members";
        return Err(GenesisError::at("app_state.circle", reason));
    }
    let beginning = Beginning {
        chain_id: place.chain_id.clone(),
        prefix: place.prefix.clone(),
        circle: circle.clone(),
        validators_hash: validators_hash(validators)?,
        continues: state
            .continues
            .as_ref()
            .map(|record| continues("app_state.continues", record))
            .transpose()?,
    };
    let ancestry = ancestry(state, beginning, place)?;
    if changes.is_empty() {
        changes.push(genesis_change(&ancestry, &circle, place));
    } else {
        follow(&changes, &ancestry, place)?;
    }
    Ok(Trust { circle, changes, ancestry })
}

/// That each appointment among the members was signed by whom they name, for a circle that there was, here or on a ledger before this one.
pub(super) fn check_appointments(
    members: &BTreeMap<Address, MemberRecord>,
    trust: &Trust,
    place: Place<'_>,
) -> Result<(), GenesisError> {
    for (address, record) in members {
        let Some(wire) = &record.appointment else { continue };
        let path = format!("app_state.members: the appointment of {address}");
        let wrong = |reason: &str| GenesisError::at(&path, reason);
        let appointment =
            Appointment::read(wire).ok_or_else(|| wrong("has a key or signature of another length"))?;
        let role = AssignableRole::from_wire(record.role).ok_or_else(|| wrong("is for no role"))?;
        let member = place.address(&path, &record.assigned_by)?;
        let on = appointment.appointed_on.unwrap_or_else(|| trust.ancestry.identity());
        let on =
            trust.ancestry.find(&on).ok_or_else(|| wrong("is of a ledger that does not lead to this one"))?;
        let change = trust.changes.iter().find(|change| change.position == appointment.position);
        let circle = change.and_then(|change| Circle::decode(place.prefix, &change.circle).ok());
        let circle = circle.filter(|circle| circle.contains(&member));
        let circle = circle.ok_or_else(|| wrong("is not by an administrator of that time"))?;
        let (identity, appointee) = (on.identity(), Appointee { role, account: address });
        appointment
            .verify(&member, appointee, &on.chain_id, &circle.fingerprint(&identity))
            .map_err(|_| wrong("is not signed by the account said to have made it"))?;
    }
    Ok(())
}

fn same_members(a: &Circle, b: &Circle) -> bool {
    a.members().iter().map(|member| &member.address).eq(b.members().iter().map(|member| &member.address))
}

/// Position 0: nobody's change.
fn genesis_change(ancestry: &Ancestry, circle: &Circle, place: Place<'_>) -> CircleChange {
    CircleChange {
        changed_at: place.time,
        circle: circle.encode(),
        chain_id: place.chain_id.to_string(),
        identity: ancestry.identity().0.to_vec(),
        ..CircleChange::default()
    }
}

/// The hash of the validators as the first header names it.
fn validators_hash(validators: &[Validator]) -> Result<[u8; 32], GenesisError> {
    if validators.is_empty() {
        return Ok(Sha256::digest(b"").into());
    }
    let read = |validator: &Validator| {
        let key = validator.pub_key.as_slice().try_into().map_err(|_| ValidatorError::Key)?;
        let power = u32::try_from(validator.power);
        Ok((key, power.map_err(|_| ValidatorError::Power(validator.power.to_string()))?))
    };
    let list = validators.iter().map(read).collect::<Result<Vec<_>, ValidatorError>>();
    let set =
        list.and_then(|list| validator_set(&list)).map_err(|error| GenesisError::at("validators", error))?;
    set.hash().as_bytes().try_into().map_err(|_| GenesisError::at("validators", "have no hash"))
}

fn hex32(path: &str, text: &str) -> Result<[u8; 32], GenesisError> {
    Identity::parse(text)
        .map(|identity| identity.0)
        .ok_or_else(|| GenesisError::at(path, "is not 64 lower-case hexadecimal digits"))
}

fn continues(path: &str, record: &records::Continues) -> Result<Continues, GenesisError> {
    Ok(Continues {
        identity: Identity(hex32(&format!("{path}.identity"), &record.identity)?),
        height: record.height,
        app_hash: hex32(&format!("{path}.app_hash"), &record.app_hash)?,
    })
}

fn ancestry(state: &AppState, beginning: Beginning, place: Place<'_>) -> Result<Ancestry, GenesisError> {
    let mut earlier = Vec::with_capacity(state.earlier.len());
    for (i, record) in state.earlier.iter().enumerate() {
        let path = format!("app_state.earlier[{i}]");
        let at = |field: &str, reason: &dyn ToString| {
            GenesisError::at(format!("{path}.{field}"), reason.to_string())
        };
        earlier.push(Beginning {
            chain_id: ChainId::parse(&record.chain_id).map_err(|error| at("chain_id", &error))?,
            prefix: place.prefix.clone(),
            circle: Circle::decode(place.prefix, &record.circle).map_err(|error| at("circle", &error))?,
            validators_hash: hex32(&format!("{path}.validators_hash"), &record.validators_hash)?,
            continues: record
                .continues
                .as_ref()
                .map(|record| continues(&format!("{path}.continues"), record))
                .transpose()?,
        });
    }
    if earlier.iter().any(|one| one.chain_id == *place.chain_id) {
        return Err(GenesisError::at("chain_id", "is that of a ledger before this one"));
    }
    Ancestry::new(beginning, earlier).map_err(|error| GenesisError::at("app_state.earlier", error))
}

fn change(i: usize, record: &records::CircleChange, place: Place<'_>) -> Result<CircleChange, GenesisError> {
    let path = format!("app_state.circle[{i}]");
    if usize::try_from(record.position).ok() != Some(i) {
        return Err(GenesisError::at(format!("{path}.position"), "positions are not counted from 0"));
    }
    place.past(&format!("{path}.changed_at"), record.changed_at)?;
    let votes = record.votes.iter().map(|vote| crate::wire::sealdesk::ledger::v1::MemberVote {
        voter: vote.voter.clone(),
        made: vote.made,
        account_pub_key: vote.account_pub_key.clone(),
        account_signature: vote.account_signature.clone(),
    });
    Ok(CircleChange {
        position: record.position,
        address: record.address.clone(),
        removes: record.removes,
        votes: votes.collect(),
        changed_at: record.changed_at,
        circle: record.circle.clone(),
        chain_id: record.chain_id.clone(),
        identity: hex32(&format!("{path}.identity"), &record.identity)?.to_vec(),
    })
}

/// Follows every change by its votes, as a client does, on the ledger where it was made.
fn follow(changes: &[CircleChange], ancestry: &Ancestry, place: Place<'_>) -> Result<(), GenesisError> {
    let mut circle: Option<Circle> = None;
    for (i, record) in changes.iter().enumerate() {
        let at =
            |reason: &dyn ToString| GenesisError::at(format!("app_state.circle[{i}]"), reason.to_string());
        let made_on = Identity::from_bytes(&record.identity).and_then(|identity| ancestry.find(&identity));
        let ledger = made_on.filter(|ledger| ledger.chain_id.as_str() == record.chain_id);
        let ledger = ledger.ok_or_else(|| at(&"was made on a ledger that does not lead to this one"))?;
        let ledger = Ledger {
            chain_id: ledger.chain_id.clone(),
            prefix: place.prefix.clone(),
            identity: ledger.identity(),
        };
        circle = Some(match circle {
            Some(before) => circle::step(&ledger, &before, record).map_err(|error| at(&error))?,
            None => begun(record, place).ok_or_else(|| at(&"is not the circle of a genesis"))?,
        });
    }
    Ok(())
}

/// The circle of position 0, which nobody voted for.
fn begun(record: &CircleChange, place: Place<'_>) -> Option<Circle> {
    let nobody = record.address.is_empty() && record.votes.is_empty() && !record.removes;
    Circle::decode(place.prefix, &record.circle).ok().filter(|circle| nobody && circle.position() == 0)
}

impl From<&CircleChange> for records::CircleChange {
    fn from(record: &CircleChange) -> Self {
        Self {
            position: record.position,
            address: record.address.clone(),
            removes: record.removes,
            votes: record
                .votes
                .iter()
                .map(|vote| records::MemberVote {
                    voter: vote.voter.clone(),
                    made: vote.made,
                    account_pub_key: vote.account_pub_key.clone(),
                    account_signature: vote.account_signature.clone(),
                })
                .collect(),
            changed_at: record.changed_at,
            circle: record.circle.clone(),
            chain_id: record.chain_id.clone(),
            identity: hex::encode(&record.identity),
        }
    }
}

impl From<&Continues> for records::Continues {
    fn from(continues: &Continues) -> Self {
        Self {
            identity: continues.identity.to_string(),
            height: continues.height,
            app_hash: hex::encode(continues.app_hash),
        }
    }
}

impl From<&Beginning> for records::Beginning {
    fn from(beginning: &Beginning) -> Self {
        Self {
            chain_id: beginning.chain_id.to_string(),
            circle: beginning.circle.encode(),
            validators_hash: hex::encode(beginning.validators_hash),
            continues: beginning.continues.as_ref().map(records::Continues::from),
        }
    }
}
