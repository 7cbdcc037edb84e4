//! Who must and who may read a sealed record, and who may be let in later.

use super::desk::{Desk, GRACE, Given, Key, Refused, Role, State, support};
use super::plan::Letter;
use sealdesk_protocol::envelope::{Context, Kind};

/// Whose record it is about to be.
pub struct Audience<'a> {
    pub customer: &'a str,
    /// Whose it was before transfers.
    pub before: &'a [String],
    pub provider: Option<&'a str>,
    pub assignee: Option<&'a str>,
    pub collaborators: &'a [String],
    pub internal: bool,
    /// What a member told of it, and which of their keys signed that.
    pub imported: Option<(&'a super::imports::Imported, u32)>,
    /// Those on the ticket itself.
    pub grants: &'a [Given],
}

impl Desk {
    pub fn keys_of(&self, who: &str) -> &[Key] {
        self.keys.get(who).map_or(&[], Vec::as_slice)
    }

    pub fn has_active_key(&self, who: &str) -> bool {
        self.keys_of(who).iter().any(|key| key.revoked_at.is_none())
    }

    /// Active, or revoked not more than 60 seconds ago.
    pub fn usable(&self, key: &Key) -> bool {
        key.revoked_at.is_none_or(|at| self.now - at <= GRACE)
    }

    /// Who reads by the open queue: while nobody has the ticket the agents with a key whom a member appointed, as many as there is room for, by
    /// address; then the assignee, if they are one of these. Of a note nobody who is on the other side of the ticket.
    pub fn of_queue(&self, audience: &Audience<'_>) -> Vec<String> {
        let agent =
            |who: &str| self.role(who) == Some(Role::Agent) && self.is_active(who) && self.is_appointed(who);
        let reads = |who: &&String| agent(who) && self.has_active_key(who);
        if !self.params.open_queue {
            return Vec::new();
        }
        let agents: Vec<String> = match audience.assignee {
            Some(assignee) => agent(assignee).then(|| assignee.to_owned()).into_iter().collect(),
            None => self.members.keys().filter(reads).take(self.room()).cloned().collect(),
        };
        let outside = |who: &String| {
            audience.customer == who || audience.before.contains(who) || audience.provider == Some(who)
        };
        agents.into_iter().filter(|who| !(audience.internal && outside(who))).collect()
    }

    /// Readers beside the administrators and two others.
    fn room(&self) -> usize {
        let taken = self.administrators().len() + 2;
        usize::try_from(self.params.max_recipients).unwrap().saturating_sub(taken)
    }

    /// The assignee and the collaborators.
    fn working<'a>(audience: &Audience<'a>) -> impl Iterator<Item = &'a str> {
        audience.assignee.into_iter().chain(audience.collaborators.iter().map(String::as_str))
    }

    /// The keys by which somebody is required: all of an administrator's, of the customer's who wrote it and of whoever reads by the open queue; of someone who is only the
    /// assignee or a collaborator, or to whom it was transferred, those that a counting grant names. It counts while its granter is a member and the key that signed it is not revoked.
    fn required_keys(&self, audience: &Audience<'_>, who: &str) -> impl Iterator<Item = &Key> {
        let by_any = self.is_administrator(who)
            || (who == audience.customer && audience.before.is_empty() && audience.imported.is_none())
            || self.of_queue(audience).iter().any(|agent| agent == who);
        let counts = |given: &&Given| {
            let version = usize::try_from(given.granter_version).unwrap();
            let key = self.keys_of(&given.granter).get(version - 1);
            self.is_administrator(&given.granter) && key.is_some_and(|key| key.revoked_at.is_none())
        };
        let mut named: Vec<String> =
            audience.grants.iter().filter(counts).map(|given| given.recipient.clone()).collect();
        // A member's envelope is the grant of the customer's keys that it names, until the ticket is another's.
        if let Some((imported, version)) = audience.imported
            && who == audience.customer
            && audience.before.is_empty()
            && self.is_administrator(&imported.by)
            && self.keys_of(&imported.by)[usize::try_from(version).unwrap() - 1].revoked_at.is_none()
        {
            named.extend(imported.keys.iter().cloned());
        }
        self.keys_of(who).iter().filter(move |key| by_any || named.contains(&key.fingerprint))
    }

    /// Whether a key of theirs is old enough to make them a required reader.
    pub fn has_settled_key(&self, who: &str) -> bool {
        self.keys_of(who).iter().any(|key| key.revoked_at.is_none() && self.now - key.registered_at >= GRACE)
    }

    fn reads(&self, who: &str, readers: &[String]) -> bool {
        self.keys_of(who).iter().any(|key| self.usable(key) && readers.contains(&key.fingerprint))
    }

    pub fn required(&self, audience: &Audience<'_>) -> Vec<String> {
        let active: Vec<String> =
            self.administrators().into_iter().filter(|who| self.is_active(who)).collect();
        // Collaborators for whom there is no room may read, and need not.
        let assignee = Self::working(audience)
            .take(1 + self.room())
            .filter(|who| self.is_active(who) && self.is_staff(who))
            .map(str::to_owned)
            .chain(self.of_queue(audience));
        let customer = (!audience.internal).then(|| audience.customer.to_owned());
        let mut people: Vec<String> = active.into_iter().chain(assignee).chain(customer).collect();
        if audience.internal {
            people.retain(|who| who != audience.customer);
        }
        people.retain(|who| {
            self.required_keys(audience, who)
                .any(|key| key.revoked_at.is_none() && self.now - key.registered_at >= GRACE)
        });
        people.dedup();
        people
    }

    /// The required people, suspended ones included, and the provider where it is no note.
    pub fn allowed(&self, audience: &Audience<'_>) -> Vec<String> {
        let not_terminated = |who: &&str| self.state(who) != State::Terminated;
        let administrators = self.administrators();
        let staff = administrators
            .iter()
            .map(String::as_str)
            .chain(Self::working(audience).filter(|who| self.is_staff(who)));
        let mut people: Vec<String> = staff.filter(not_terminated).map(str::to_owned).collect();
        people.extend(self.of_queue(audience));
        if audience.internal {
            people.retain(|who| who != audience.customer);
        } else {
            people.push(audience.customer.to_owned());
            people.extend(audience.provider.map(str::to_owned));
        }
        people
    }

    /// Judges an envelope at its place; returns which of the sender's keys signed it.
    pub fn judge_letter(
        &self,
        letter: Option<&Letter>,
        expected: &Context,
        audience: &Audience<'_>,
    ) -> Result<u32, Refused> {
        let letter = letter.ok_or(support(11))?;
        let too_big = letter.bytes > usize::try_from(self.params.max_envelope_bytes).unwrap();
        let too_many = letter.readers.len() > usize::try_from(self.params.max_recipients).unwrap();
        if letter.misshapen || too_big || too_many || letter.readers.is_empty() {
            return Err(support(11));
        }
        let administrators = self.administrators();
        let mut active = administrators.iter().filter(|who| self.is_active(who));
        if expected.kind == Kind::Ticket && !active.any(|who| self.has_active_key(who)) {
            return Err(support(41));
        }
        let satisfied = |who: &String| {
            self.required_keys(audience, who)
                .any(|key| self.usable(key) && letter.readers.contains(&key.fingerprint))
        };
        if !self.required(audience).iter().all(satisfied) {
            return Err(support(42));
        }
        let allowed = self.allowed(audience);
        let welcome = |reader: &String| {
            let one = std::slice::from_ref(reader);
            allowed.iter().any(|who| self.reads(who, one))
        };
        if !letter.readers.iter().all(welcome) {
            return Err(support(43));
        }
        if letter.tampered || letter.context != *expected {
            return Err(support(11));
        }
        self.signer_version(&expected.sender, &letter.signer).ok_or(support(11))
    }

    /// The version of one's active key with this signing half: the newest, where he registered it under several.
    pub fn signer_version(&self, who: &str, signer: &[u8; 32]) -> Option<u32> {
        let place =
            self.keys_of(who).iter().rposition(|key| key.revoked_at.is_none() && key.signing == *signer)?;
        Some(u32::try_from(place).unwrap() + 1)
    }

    /// Whether this is the active signing key of that version, which counts from 1.
    pub fn has_signing_key(&self, who: &str, version: u32, signer: &[u8; 32]) -> bool {
        let named = (1..).zip(self.keys_of(who)).find(|(number, _)| *number == version);
        named.is_some_and(|(_, key)| key.revoked_at.is_none() && key.signing == *signer)
    }

    /// Whether a grant of a record may name this key: an active key of an active administrator, of a party, or of the active agent named.
    pub fn may_be_granted(&self, audience: &Audience<'_>, recipient: &str, agent: &str) -> bool {
        let mut people: Vec<String> =
            self.administrators().into_iter().filter(|who| self.is_active(who)).collect();
        if audience.internal {
            people.retain(|who| who != audience.customer);
        }
        people.iter().any(|who| self.holds(who, recipient)) || self.is_partys_key(audience, recipient, agent)
    }

    /// Whether the assignee or a collaborator (suspended or not, as long as they are staff) has this active key, the active agent named or,
    /// where the record is no note, the customer or the provider.
    pub fn is_partys_key(&self, audience: &Audience<'_>, recipient: &str, agent: &str) -> bool {
        let has_it = |who: &&str| self.is_staff(who) && self.state(who) != State::Terminated;
        let mut people: Vec<&str> = Self::working(audience).filter(has_it).collect();
        let outside = audience.internal
            && (audience.before.iter().any(|before| before == agent) || audience.provider == Some(agent));
        if self.role(agent) == Some(Role::Agent) && self.is_active(agent) && !outside {
            people.push(agent);
        }
        if audience.internal {
            people.retain(|who| *who != audience.customer);
        } else {
            people.push(audience.customer);
            people.extend(audience.provider);
        }
        people.iter().any(|who| self.holds(who, recipient))
    }

    /// Whether an administrator who is not terminated ever registered this key: such grants have their own half of a target's
    /// room.
    pub fn is_administrators_key(&self, recipient: &str) -> bool {
        let listed = |who: &String| self.state(who) != State::Terminated;
        let mut all = self.administrators().into_iter().filter(listed);
        all.any(|who| self.keys_of(&who).iter().any(|key| key.fingerprint == recipient))
    }

    fn holds(&self, who: &str, fingerprint: &str) -> bool {
        self.keys_of(who).iter().any(|key| key.revoked_at.is_none() && key.fingerprint == fingerprint)
    }
}
