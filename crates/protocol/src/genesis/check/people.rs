//! Parameters, members, accounts, keys, and what the limits know of customers.

use std::collections::BTreeMap;

use super::super::GenesisError;
use super::super::records;
use super::{Place, SigningKeys, ascending, attachments};
use crate::account::AccountState;
use crate::identity::{Ancestry, Identity};
use crate::ids::Address;
use crate::keys::{EncryptionKey, VerifyKey};
use crate::limits::{
    ACTIVE_KEYS_MAX, ADMINISTRATORS_LISTED_MAX, AGENTS_MAX, DAY_SECONDS, KEYS_PER_ADDRESS_MAX,
};
use crate::messages::AssignableRole;
use crate::ownership::{OwnershipError, verify_record};
use crate::params::Params;
use crate::signer::SignerKey;
use crate::text::check_public;
use crate::wire::sealdesk::ledger::v1::{AccountRecord, Appointment, CustomerRecord, KeyList, MemberRecord};
use crate::wire::virtengine::encryption::v1::RecipientKeyRecord;

pub(super) fn members(
    list: &[records::Member],
    params: &Params,
    place: Place<'_>,
) -> Result<BTreeMap<Address, MemberRecord>, GenesisError> {
    let members = ascending("members", list, |record, path| member(record, path, place))?;
    let administrators = |state: AccountState| {
        let is = |member: &&MemberRecord| {
            member.role == AssignableRole::Administrator.to_wire() && member.state == state.to_wire()
        };
        members.values().filter(is).count()
    };
    let active = administrators(AccountState::Active);
    let refuse = |reason: &str| Err(GenesisError::at("app_state.members", reason));
    if active == 0 {
        return refuse("no active administrator is among them");
    }
    if active > params.max_active_administrators() {
        return refuse("more active administrators than max_recipients - 2");
    }
    if active > ADMINISTRATORS_LISTED_MAX {
        return refuse("more administrators than a list holds");
    }
    let is_agent = |member: &&MemberRecord| {
        member.role == AssignableRole::SupportAgent.to_wire()
            && member.state != AccountState::Terminated.to_wire()
    };
    if members.values().filter(is_agent).count() > AGENTS_MAX {
        return refuse("more support agents than a ledger has");
    }
    Ok(members)
}

fn member(
    record: &records::Member,
    path: &str,
    place: Place<'_>,
) -> Result<(Address, MemberRecord), GenesisError> {
    let at = |field: &str, reason: &str| GenesisError::at(format!("{path}.{field}"), reason);
    let address = place.address(&format!("{path}.address"), &record.address)?;
    let state = AccountState::parse(&record.state)
        .ok_or_else(|| at("state", "is not active, suspended or terminated"))?;
    let role =
        match record.role.as_str() {
            "" => None,
            name => Some(AssignableRole::parse(name).ok_or_else(|| {
                at("role", "is not administrator, support_agent, customer, gateway or empty")
            })?),
        };
    if role.is_none() && state == AccountState::Active && !record.was_staff && record.last_appointed_at == 0 {
        return Err(at("role", "is empty and the account active: it needs no record"));
    }
    if role.is_some() != (record.assigned_at != 0) {
        return Err(at("assigned_at", "stands just where a role does"));
    }
    place.past(&format!("{path}.assigned_at"), record.assigned_at)?;
    let assigner = place.optional_address(&format!("{path}.assigned_by"), &record.assigned_by)?;
    if role.is_none() && assigner.is_some() {
        return Err(at("assigned_by", "stands only where a role does"));
    }
    if (state == AccountState::Suspended) != (record.suspended_at != 0) {
        return Err(at("suspended_at", "stands just where the account is suspended"));
    }
    place.past(&format!("{path}.suspended_at"), record.suspended_at)?;
    let is_staff = matches!(role, Some(AssignableRole::Administrator | AssignableRole::SupportAgent));
    if record.was_staff && is_staff {
        return Err(at("was_staff", "stands only where no staff role does"));
    }
    let last_appointed_at = last_appointed_at(record, path, place)?;
    let (state_number, suspended_at) = (state.to_wire(), record.suspended_at);
    // The circle has no members who are not active: who was suspended as an administrator comes without the role.
    if role == Some(AssignableRole::Administrator) && state != AccountState::Active {
        let was_staff = true;
        return Ok((
            address,
            MemberRecord {
                state: state_number,
                suspended_at,
                was_staff,
                last_appointed_at,
                ..MemberRecord::default()
            },
        ));
    }
    let wire = MemberRecord {
        role: role.map_or(0, AssignableRole::to_wire),
        state: state_number,
        assigned_by: record.assigned_by.clone(),
        assigned_at: record.assigned_at,
        suspended_at,
        appointment: appointment(record, role, path)?,
        was_staff: record.was_staff,
        last_appointed_at,
    };
    Ok((address, wire))
}

/// When the newest appointment was made that they ever had. Exports of older programs do not say it: then it is that of the one which
/// they have, so that none that is earlier can follow.
fn last_appointed_at(record: &records::Member, path: &str, place: Place<'_>) -> Result<i64, GenesisError> {
    let path = format!("{path}.last_appointed_at");
    place.past(&path, record.last_appointed_at)?;
    let signed = record.appointment.as_ref().map_or(0, |appointment| appointment.made).min(place.time);
    match record.last_appointed_at {
        0 => Ok(signed),
        last if last < signed => Err(GenesisError::at(path, "is earlier than their appointment")),
        last => Ok(last),
    }
}

/// What a record says of an appointment; who signed it is judged once the circle is known.
fn appointment(
    record: &records::Member,
    role: Option<AssignableRole>,
    path: &str,
) -> Result<Option<Appointment>, GenesisError> {
    let Some(appointment) = &record.appointment else { return Ok(None) };
    let at = |reason: &str| GenesisError::at(format!("{path}.appointment"), reason);
    if !role.is_some_and(AssignableRole::is_appointed) {
        return Err(at("stands only where a role is given by a signature"));
    }
    let appointed_on = match appointment.appointed_on.as_str() {
        "" => Vec::new(),
        text => Identity::parse(text).ok_or_else(|| at("names no ledger's identity"))?.0.to_vec(),
    };
    Ok(Some(Appointment {
        made: appointment.made,
        position: appointment.position,
        account_pub_key: appointment.account_pub_key.clone(),
        account_signature: appointment.account_signature.clone(),
        appointed_on,
    }))
}

pub(super) fn accounts(
    list: &[records::Account],
    place: Place<'_>,
) -> Result<BTreeMap<Address, AccountRecord>, GenesisError> {
    ascending("accounts", list, |record, path| {
        let at = |field: &str, reason: &str| GenesisError::at(format!("{path}.{field}"), reason);
        let address = place.address(&format!("{path}.address"), &record.address)?;
        if record.sequence == 0 {
            return Err(at("sequence", "is 0: it needs no record"));
        }
        let wrong = || at("pub_key", "is not that of the address");
        let key = SignerKey::read(&record.pub_key).ok_or_else(wrong)?;
        if !key.is_on_curve() || key.address(place.prefix) != address {
            return Err(wrong());
        }
        let wire = AccountRecord { sequence: record.sequence, pub_key: record.pub_key.clone() };
        Ok((address, wire))
    })
}

pub(super) fn keys(
    list: &[records::Keys],
    place: Place<'_>,
    ancestry: &Ancestry,
) -> Result<(BTreeMap<Address, KeyList>, SigningKeys), GenesisError> {
    let mut signing = SigningKeys::new();
    let lists = ascending("keys", list, |record, path| {
        let address = place.address(&format!("{path}.address"), &record.address)?;
        if record.keys.is_empty() || record.keys.len() > KEYS_PER_ADDRESS_MAX {
            return Err(GenesisError::at(path, "no key, or more than an address may have"));
        }
        let mut keys: Vec<RecipientKeyRecord> = Vec::with_capacity(record.keys.len());
        for (i, key) in record.keys.iter().enumerate() {
            let path = format!("{path}.keys[{i}]");
            let (wire, verify) = self::key(key, &address, &path, place)?;
            let wire = owned(wire, &address, &path, ancestry, place)?;
            let version = u32::try_from(i).ok().and_then(|i| i.checked_add(1));
            if Some(wire.key_version) != version {
                return Err(GenesisError::at(path, "versions are not counted from 1"));
            }
            if keys.iter().any(|earlier| earlier.key_fingerprint == wire.key_fingerprint) {
                return Err(GenesisError::at(path, "the same key stands earlier"));
            }
            if keys.last().is_some_and(|earlier| earlier.registered_at > wire.registered_at) {
                return Err(GenesisError::at(path, "is older than the key before it"));
            }
            signing.insert((address.clone(), wire.key_version), verify);
            keys.push(wire);
        }
        if keys.iter().filter(|key| key.revoked_at == 0).count() > ACTIVE_KEYS_MAX {
            return Err(GenesisError::at(path, "more active keys than an address may have"));
        }
        Ok((address, KeyList { keys }))
    })?;
    Ok((lists, signing))
}

fn key(
    record: &records::Key,
    address: &Address,
    path: &str,
    place: Place<'_>,
) -> Result<(RecipientKeyRecord, VerifyKey), GenesisError> {
    let at =
        |field: &str, reason: &dyn ToString| GenesisError::at(format!("{path}.{field}"), reason.to_string());
    let encryption = EncryptionKey::parse(&record.public_key).map_err(|error| at("public_key", &error))?;
    let signing = VerifyKey::parse(&record.signing_key).map_err(|error| at("signing_key", &error))?;
    if record.fingerprint != encryption.fingerprint().to_string() {
        return Err(at("fingerprint", &"is not that of public_key"));
    }
    check_public("label", &record.label).map_err(|error| at("label", &error))?;
    place.past(&format!("{path}.registered_at"), record.registered_at)?;
    place.past(&format!("{path}.revoked_at"), record.revoked_at)?;
    if record.revoked_at != 0 && record.revoked_at < record.registered_at {
        return Err(at("revoked_at", &"lies before registered_at"));
    }
    let wire = RecipientKeyRecord {
        address: address.to_string(),
        public_key: record.public_key.clone(),
        key_fingerprint: record.fingerprint.clone(),
        key_version: record.version,
        algorithm_id: crate::envelope::ALGORITHM_ID.to_owned(),
        registered_at: record.registered_at,
        revoked_at: record.revoked_at,
        label: record.label.clone(),
        signing_key: record.signing_key.clone(),
        account_pub_key: record.account_pub_key.clone(),
        account_signature: record.account_signature.clone(),
        registered_on: match record.registered_on.as_str() {
            "" => Vec::new(),
            text => Identity::parse(text)
                .map(|identity| identity.0.to_vec())
                .ok_or_else(|| at("registered_on", &"is not 64 lower-case hexadecimal digits"))?,
        },
    };
    Ok((wire, signing))
}

/// A key counts by its owner's signature, on this ledger or one that leads to it. One that nobody signed, or that was registered
/// elsewhere, comes in revoked; a signature that is not the owner's is no key of a ledger at all.
fn owned(
    mut key: RecipientKeyRecord,
    address: &Address,
    path: &str,
    ancestry: &Ancestry,
    place: Place<'_>,
) -> Result<RecipientKeyRecord, GenesisError> {
    let found = match key.registered_on.as_slice() {
        [] => Some(ancestry.beginning()),
        bytes => Identity::from_bytes(bytes).and_then(|identity| ancestry.find(&identity)),
    };
    let verified = found.map_or(Err(OwnershipError::Unsigned), |on| {
        verify_record(&key, address, &on.chain_id, &on.identity())
    });
    match verified {
        Ok(()) => {}
        Err(OwnershipError::Unsigned) if key.revoked_at == 0 => key.revoked_at = place.time,
        Err(OwnershipError::Unsigned) => {}
        Err(OwnershipError::Signature) => {
            return Err(GenesisError::at(format!("{path}.account_signature"), OwnershipError::Signature));
        }
    }
    Ok(key)
}

pub(super) fn customers(
    list: &[records::Customer],
    place: Place<'_>,
) -> Result<BTreeMap<Address, CustomerRecord>, GenesisError> {
    ascending("customers", list, |record, path| {
        let at = |field: &str, reason: &str| GenesisError::at(format!("{path}.{field}"), reason);
        let address = place.address(&format!("{path}.address"), &record.address)?;
        place.past(&format!("{path}.last_created_at"), record.last_created_at)?;
        if !record.created_at.is_sorted() {
            return Err(at("created_at", "is not ascending"));
        }
        if let (Some(first), Some(last)) = (record.created_at.first(), record.created_at.last())
            && (*last > record.last_created_at || last.saturating_sub(*first) >= DAY_SECONDS)
        {
            return Err(at("created_at", "is not of the day before the last creation"));
        }
        let wire = CustomerRecord {
            open_tickets: record.open_tickets,
            last_created_at: record.last_created_at,
            created_at: record.created_at.clone(),
            attached: attachments::hours(&record.attached, path, place)?,
        };
        Ok((address, wire))
    })
}
