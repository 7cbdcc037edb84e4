//! Grants, parameters, keys, roles and account states.

use sealdesk_protocol::events::Event;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::wire::virtengine::{
    encryption::v1 as encryption, roles::v1 as roles, support::v1 as wire,
};
use sealdesk_testkit::people::KeyPair;

use super::circle::Ballot;
use super::desk::{DAY, Desk, Done, Given, Key, Member, Refused, Role, State, support};
use super::plan::{GrantPlan, KeyFlaw};

const GRANTS_MAX: usize = 64;
const GRANTS_HALF: usize = 32;
const AGENTS_MAX: usize = 1_000;

fn role_of(name: &str) -> Role {
    match name {
        "administrator" => Role::Administrator,
        "support_agent" => Role::Agent,
        "gateway" => Role::Gateway,
        _ => Role::Customer,
    }
}

fn state_of(name: &str) -> State {
    match name {
        "suspended" => State::Suspended,
        "terminated" => State::Terminated,
        _ => State::Active,
    }
}

pub fn state_name(state: State) -> &'static str {
    ["active", "suspended", "terminated"][state as usize]
}

impl Desk {
    pub fn grant(&mut self, who: &str, id: &str, agent: &str, grants: &[GrantPlan]) -> Result<Done, Refused> {
        let (number, ticket) = self.find(id)?;
        if !self.is_administrator(who) && ticket.customer != who {
            return Err(support(7));
        }
        for grant in grants {
            let sealed = ticket.sealed(grant.wire.target).ok_or(support(18))?;
            if sealed.internal && !self.is_administrator(who) {
                return Err(support(7));
            }
        }
        let mut events = Vec::new();
        for grant in grants {
            events.push(self.grant_one((who, agent), number, grant)?);
        }
        Ok(Done { events, response: to_any(&wire::MsgGrantAccessResponse {}) })
    }

    fn grant_one(
        &mut self,
        (who, agent): (&str, &str),
        number: u64,
        grant: &GrantPlan,
    ) -> Result<Event, Refused> {
        let ticket = &self.tickets[&number];
        let target = grant.wire.target;
        let record = ticket.sealed(target).unwrap();
        let mut kept: Vec<Given> = record.grants.clone();
        kept.retain(|given| given.granter != who || given.recipient != grant.recipient);
        let replaces = kept.len() < record.grants.len();
        let audience = ticket.audience(record.internal);
        let allowed = self.may_be_granted(&audience, &grant.recipient, agent);
        // Administrators have one half of the room, everyone else the other; who is both takes a place of either.
        let (first, second): (Vec<&Given>, Vec<&Given>) =
            kept.iter().partition(|given| self.is_administrators_key(&given.recipient));
        let administrator = self.is_administrators_key(&grant.recipient);
        let other = !administrator || self.is_partys_key(&audience, &grant.recipient, agent);
        // The ticket's customer, unless they are an administrator, makes at most sixteen of each half.
        let customers = |half: &[&Given]| half.iter().filter(|one| one.granter == who).count();
        let room = |half: &[&Given]| {
            half.len() < GRANTS_HALF && (self.is_administrator(who) || customers(half) < 16)
        };
        let fits = administrator && room(&first) || other && room(&second);
        if !replaces && (kept.len() >= GRANTS_MAX || !fits) {
            return Err(support(44));
        }
        if grant.misshapen {
            return Err(support(11));
        }
        if !allowed {
            return Err(support(43));
        }
        if grant.tampered || grant.content != record.content || grant.granter != who {
            return Err(support(11));
        }
        let granter_version = grant.wire.granter_key_version;
        if !self.has_signing_key(who, granter_version, &grant.signer) {
            return Err(support(11));
        }
        let entry = grant.wire.entry.clone().unwrap();
        kept.push(Given {
            recipient: grant.recipient.clone(),
            wrapped_key: entry.wrapped_key,
            ephemeral: entry.ephemeral_pub_key,
            granter: who.to_owned(),
            signature: grant.wire.grant_signature.clone(),
            granter_version,
            height: self.height,
            at: self.now,
        });
        kept.sort_by(|a, b| (&a.recipient, &a.granter).cmp(&(&b.recipient, &b.granter)));
        // A grant changes who reads, and not when something last happened.
        let ticket = self.tickets.get_mut(&number).unwrap();
        match target {
            0 => ticket.first.grants = kept,
            n => ticket.responses[usize::try_from(n).unwrap() - 1].grants = kept,
        }
        Ok(Event::AccessGranted(wire::EventAccessGranted {
            ticket_id: super::desk::ticket_text(number),
            granted_by: who.to_owned(),
            recipient_id: grant.recipient.clone(),
            target,
            block_height: self.height_i64(),
            timestamp: self.now,
        }))
    }

    pub fn update_params(&mut self, who: &str, params: &wire::Params) -> Result<Done, Refused> {
        if !self.is_administrator(who) {
            return Err(support(7));
        }
        let most = (usize::try_from(params.max_recipients).unwrap() - 2).min(30);
        if self.active_administrators() > most {
            return Err(support(14));
        }
        self.next_params = Some(params.clone());
        let event = Event::ParamsUpdated(wire::EventParamsUpdated {
            authority: who.to_owned(),
            block_height: self.height_i64(),
            timestamp: self.now,
        });
        Ok(Done { events: vec![event], response: to_any(&wire::MsgUpdateParamsResponse {}) })
    }

    pub fn register(
        &mut self,
        who: &str,
        key: &KeyPair,
        label: &str,
        flaw: KeyFlaw,
    ) -> Result<Done, Refused> {
        if self.crowd.of_address(who).unwrap().is_several() {
            return Err(("encryption", 10));
        }
        let keys = self.keys_of(who);
        match flaw {
            KeyFlaw::LowOrder => return Err(("encryption", 2)),
            KeyFlaw::Proof => return Err(("encryption", 3)),
            KeyFlaw::Owner if self.crowd.get("pia").text != who => return Err(("encryption", 11)),
            _ => {}
        }
        if keys.iter().any(|old| old.fingerprint == key.fingerprint) {
            return Err(("encryption", 5));
        }
        if keys.len() >= 256 {
            return Err(("encryption", 9));
        }
        if keys.iter().filter(|old| old.revoked_at.is_none()).count() >= 5 {
            return Err(("encryption", 7));
        }
        if keys.iter().filter(|old| old.registered_at > self.now - DAY).count() >= 5 {
            return Err(("encryption", 8));
        }
        let version = u32::try_from(keys.len()).unwrap() + 1;
        let record = Key {
            fingerprint: key.fingerprint.clone(),
            public: key.public,
            signing: key.signing_public(),
            registered_at: self.now,
            revoked_at: None,
            label: label.to_owned(),
            owner: self.owns(who, key),
        };
        self.keys.entry(who.to_owned()).or_default().push(record);
        let event = Event::RecipientKeyRegistered(encryption::EventRecipientKeyRegistered {
            address: who.to_owned(),
            key_fingerprint: key.fingerprint.clone(),
            key_version: version,
            block_height: self.height_i64(),
            timestamp: self.now,
        });
        let response =
            encryption::MsgRegisterRecipientKeyResponse { key_fingerprint: key.fingerprint.clone() };
        Ok(Done { events: vec![event], response: to_any(&response) })
    }

    /// The account's signature that these keys are its own.
    pub fn owns(&self, who: &str, key: &KeyPair) -> Vec<u8> {
        let chain_id = sealdesk_protocol::ids::ChainId::parse(&self.chain_id).unwrap();
        let person = self.crowd.of_address(who).unwrap();
        person.own(&chain_id, &self.council.identity, &key.public, &key.signing_public())
    }

    pub fn revoke(&mut self, who: &str, fingerprint: &str, named: &str) -> Result<Done, Refused> {
        let active = |key: &Key| key.revoked_at.is_none() && key.fingerprint == fingerprint;
        let mut owners = Vec::new();
        if (named.is_empty() || named == who) && self.keys_of(who).iter().any(active) {
            owners.push(who.to_owned());
        } else if self.is_administrator(who) && !named.is_empty() {
            let was_staff = self.ever_staff.contains(named) && !self.is_administrator(named);
            if was_staff && self.keys_of(named).iter().any(active) {
                owners.push(named.to_owned());
            }
        } else if self.is_administrator(who) {
            let holders = self.keys.iter().filter(|(_, keys)| keys.iter().any(active));
            // Who is terminated is no agent any more; members revoke their own keys only.
            let agent = |owner: &String| {
                self.role(owner) == Some(Role::Agent) && self.state(owner) != State::Terminated
            };
            owners.extend(holders.map(|(owner, _)| owner.clone()).filter(agent));
        }
        let owner = owners.first().ok_or(("encryption", 6))?.clone();
        let now = self.now;
        let keys = self.keys.get_mut(&owner).unwrap();
        keys.iter_mut().find(|key| active(key)).unwrap().revoked_at = Some(now);
        let event = Event::RecipientKeyRevoked(encryption::EventRecipientKeyRevoked {
            address: owner,
            key_fingerprint: fingerprint.to_owned(),
            block_height: self.height_i64(),
            timestamp: now,
        });
        Ok(Done { events: vec![event], response: to_any(&encryption::MsgRevokeRecipientKeyResponse {}) })
    }

    /// Active administrators that neither these parameters nor the next block's forbid.
    pub fn administrators_max(&self) -> usize {
        let next = self.next_params.as_ref().unwrap_or(&self.params);
        (usize::try_from(self.params.max_recipients.min(next.max_recipients)).unwrap() - 2).min(30)
    }

    /// An administrator gives and takes roles, a gateway that of customers.
    fn may_manage(&self, who: &str, role: &str) -> bool {
        self.is_administrator(who) || role == "customer" && self.role(who) == Some(Role::Gateway)
    }

    pub fn assign_role(
        &mut self,
        who: &str,
        address: &str,
        role: &str,
        ballot: Option<&Ballot>,
    ) -> Result<Done, Refused> {
        if !self.may_manage(who, role) {
            return Err(("roles", 4));
        }
        if let Some(ballot) = ballot.filter(|_| role == "administrator") {
            let (applied, events) = self.vote(who, (address, false), ballot)?;
            return Ok(Self::appointed(applied, events));
        }
        match self.state(address) {
            State::Terminated => return Err(("roles", 9)),
            State::Suspended => return Err(("roles", 13)),
            State::Active => {}
        }
        let new = role_of(role);
        match self.role(address) {
            Some(old) if old == new && (new == Role::Customer || self.is_appointed(address)) => {
                return Err(("roles", 7));
            }
            Some(old) if old == new => {}
            Some(_) => return Err(("roles", 5)),
            None => {}
        }
        let is_agent =
            |who: &&String| self.role(who) == Some(Role::Agent) && self.state(who) != State::Terminated;
        let joins = new == Role::Agent && self.role(address).is_none();
        if joins && self.members.keys().filter(is_agent).count() >= AGENTS_MAX {
            return Err(("roles", 22));
        }
        let appointment = ballot.map(|ballot| self.appointment(who, (address, role), ballot)).transpose()?;
        if let Some(signed) = &appointment {
            self.last_appointed.insert(address.to_owned(), signed.made);
        }
        let member = Member {
            role: Some(new),
            state: State::Active,
            assigned_by: who.to_owned(),
            assigned_at: self.now,
            suspended_at: None,
            appointment,
        };
        self.members.insert(address.to_owned(), member);
        if new == Role::Agent {
            self.ever_staff.insert(address.to_owned());
        }
        let event = Event::RoleAssigned(roles::EventRoleAssigned {
            address: address.to_owned(),
            role: role.to_owned(),
            assigned_by: who.to_owned(),
            block_height: self.height_i64(),
            timestamp: self.now,
        });
        Ok(Done { events: vec![event], response: to_any(&roles::MsgAssignRoleResponse { applied: true }) })
    }

    pub fn revoke_role(
        &mut self,
        who: &str,
        address: &str,
        role: &str,
        ballot: Option<&Ballot>,
    ) -> Result<Done, Refused> {
        if !self.may_manage(who, role) {
            return Err(("roles", 4));
        }
        if let Some(ballot) = ballot {
            let (applied, events) = self.vote(who, (address, true), ballot)?;
            return Ok(Done { events, response: to_any(&roles::MsgRevokeRoleResponse { applied }) });
        }
        if self.role(address) != Some(role_of(role)) {
            return Err(("roles", 6));
        }
        self.forget_role(address);
        let event = Event::RoleRevoked(roles::EventRoleRevoked {
            address: address.to_owned(),
            role: role.to_owned(),
            revoked_by: who.to_owned(),
            block_height: self.height_i64(),
            timestamp: self.now,
        });
        Ok(Done { events: vec![event], response: to_any(&roles::MsgRevokeRoleResponse { applied: true }) })
    }

    pub fn set_state(&mut self, who: &str, address: &str, name: &str, reason: &str) -> Result<Done, Refused> {
        if !self.is_administrator(who) {
            return Err(("roles", 4));
        }
        if who == address {
            return Err(("roles", 10));
        }
        let (previous, state) = (self.state(address), state_of(name));
        if previous == State::Terminated {
            return Err(("roles", 9));
        }
        if previous == state {
            return Err(("roles", 8));
        }
        if self.council.contains(address) {
            return Err(("roles", 14));
        }
        let since = self.members.get(address).and_then(|member| member.suspended_at);
        if state == State::Terminated && since.is_none_or(|at| self.now < at + DAY) {
            return Err(("roles", 20));
        }
        let suspended_at = (state == State::Suspended).then_some(self.now);
        let (assigned_by, appointment) = (String::new(), None);
        let none = Member { role: None, state, assigned_by, assigned_at: 0, suspended_at, appointment };
        let member = self.members.entry(address.to_owned()).or_insert(none);
        (member.state, member.suspended_at) = (state, suspended_at);
        if member.role.is_none() && state == State::Active {
            self.forget_role(address);
        }
        let event = Event::AccountStateChanged(roles::EventAccountStateChanged {
            address: address.to_owned(),
            previous_state: state_name(previous).to_owned(),
            state: name.to_owned(),
            changed_by: who.to_owned(),
            reason: reason.to_owned(),
            block_height: self.height_i64(),
            timestamp: self.now,
        });
        Ok(Done { events: vec![event], response: to_any(&roles::MsgSetAccountStateResponse {}) })
    }
}
