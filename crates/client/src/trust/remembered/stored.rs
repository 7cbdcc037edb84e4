//! The form in which it is kept: JSON, which a browser can keep as well as a file.

use std::collections::BTreeMap;

use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::in_order::InOrder as _;
use serde::{Deserialize, Serialize};

use super::{
    CastVote, Named, RECORD_BYTES, Remembered, SeenAgent, SeenKey, SeenPerson, UsedTicket, VoteState,
};

/// What follows a key that is revoked.
const REVOKED: char = '!';

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    identity: String,
    /// By id: customer, digest, day.
    tickets: BTreeMap<String, (String, String, i64)>,
    people: BTreeMap<String, StoredPerson>,
    votes: Vec<StoredVote>,
    /// By address: when the newest appointment was made, before when they ended, height, day.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    agents: BTreeMap<String, (i64, i64, u64, i64)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    administrators: Option<(i64, Vec<String>)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredPerson {
    keys: Vec<String>,
    height: u64,
    day: i64,
    sealed: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredVote {
    voter: String,
    change: u64,
    address: String,
    removes: bool,
    made: i64,
    over: bool,
}

impl<A: Named> Remembered<A> {
    /// What is remembered of the ledger of this identity, as it is kept.
    pub fn to_json(&self, identity: &Identity) -> Vec<u8> {
        // Maps with text as keys, and lists: nothing of it can fail to be written.
        serde_json::to_vec(&Stored::of(self, identity)).unwrap_or_default()
    }

    /// Reads what is remembered of the ledger of this identity, where people are named so: by its prefix, on a ledger of one's own.
    ///
    /// # Errors
    /// What is wrong with the bytes, in words; also where they are of another ledger.
    pub fn from_json(bytes: &[u8], names: &A::Of, identity: &Identity) -> Result<Self, String> {
        let stored: Stored = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if stored.identity != identity.to_string() {
            return Err(format!("it is of the ledger {}", stored.identity));
        }
        stored.read(names)
    }
}

impl Stored {
    fn read<A: Named>(self, names: &A::Of) -> Result<Remembered<A>, String> {
        let address = |text: &str| A::named(names, text);
        let mut found = Remembered::default();
        for (id, (customer, digest, day)) in self.tickets {
            let id = TicketId::parse(&id).map_err(|error| error.to_string())?;
            let used = UsedTicket { customer: address(&customer)?, digest: bytes(&digest)?, day };
            found.tickets.insert(id, used);
        }
        for (person, StoredPerson { keys, height, day, sealed }) in self.people {
            let key = |text: &String| {
                let revoked = text.ends_with(REVOKED);
                let record = bytes::<RECORD_BYTES>(text.trim_end_matches(REVOKED))?;
                Ok::<_, String>(SeenKey { record, revoked })
            };
            let keys = keys.iter().map(key).collect::<Result<_, _>>()?;
            found.people.insert(address(&person)?, SeenPerson { keys, height, day, sealed });
        }
        for vote in self.votes {
            let StoredVote { voter, change, address: whom, removes, made, over } = vote;
            let cast = CastVote { voter: address(&voter)?, change, address: address(&whom)?, removes };
            found.votes.insert(cast, VoteState { made, over });
        }
        for (who, (made, ended, height, day)) in self.agents {
            found.agents.insert(address(&who)?, SeenAgent { made, ended, height, day });
        }
        if let Some((day, administrators)) = self.administrators {
            let administrators = administrators.iter().map(|one| address(one)).collect::<Result<_, _>>()?;
            found.administrators = (day, administrators);
        }
        Ok(found)
    }

    fn of<A: Named>(remembered: &Remembered<A>, identity: &Identity) -> Self {
        let Remembered { tickets, people, votes, agents, administrators } = remembered;
        let ticket = |(id, used): (&TicketId, &UsedTicket<A>)| {
            (id.to_string(), (used.customer.to_string(), hex::encode(used.digest), used.day))
        };
        let key = |key: &SeenKey| {
            let mut text = hex::encode(key.record);
            text.extend(key.revoked.then_some(REVOKED));
            text
        };
        let person = |(address, person): (&A, &SeenPerson)| {
            let SeenPerson { keys, height, day, sealed } = person;
            let keys = keys.iter().map(key).collect();
            (address.to_string(), StoredPerson { keys, height: *height, day: *day, sealed: *sealed })
        };
        let vote = |(cast, state): (&CastVote<A>, &VoteState)| StoredVote {
            voter: cast.voter.to_string(),
            change: cast.change,
            address: cast.address.to_string(),
            removes: cast.removes,
            made: state.made,
            over: state.over,
        };
        let agent =
            |(who, seen): (&A, &SeenAgent)| (who.to_string(), (seen.made, seen.ended, seen.height, seen.day));
        Self {
            identity: identity.to_string(),
            tickets: tickets.iter().map(ticket).into_map(),
            people: people.iter().map(person).into_map(),
            votes: votes.iter().map(vote).collect(),
            agents: agents.iter().map(agent).into_map(),
            administrators: (!administrators.1.is_empty())
                .then(|| (administrators.0, administrators.1.iter().map(ToString::to_string).collect())),
        }
    }
}

/// Hexadecimal digits as so many bytes.
fn bytes<const N: usize>(text: &str) -> Result<[u8; N], String> {
    let mut found = [0; N];
    hex::decode_to_slice(text, &mut found).map_err(|error| error.to_string())?;
    Ok(found)
}
