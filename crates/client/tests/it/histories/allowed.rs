//! Who may read, computed from the facts of a history without any of the client's code: slow, plain, and by docs/spec/trust.md.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use super::facts::{
    Asked, ChangeFact, History, Key, ProviderAsked, TicketFact, VoteFact, Who, address, public, who,
};

/// Position, and since which change each is a member.
#[derive(Clone, PartialEq, Eq)]
struct Members(u64, BTreeMap<Who, u64>);

const DAYS_60: i64 = 60 * 86_400;

fn members(circle: &sealdesk_protocol::circle::Circle) -> Members {
    Members(circle.position(), circle.members().iter().map(|one| (who(&one.address), one.since)).collect())
}

fn lp(text: &str) -> Vec<u8> {
    [&u32::try_from(text.len()).unwrap().to_be_bytes()[..], text.as_bytes()].concat()
}

impl Members {
    fn fingerprint(&self, history: &History) -> [u8; 32] {
        let label = "sealdesk/trust/1/circle";
        let mut bytes = vec![u8::try_from(label.len()).unwrap()];
        bytes.extend(label.as_bytes());
        bytes.extend(history.chain.identity().0);
        bytes.extend(self.0.to_be_bytes());
        bytes.extend(u32::try_from(self.1.len()).unwrap().to_be_bytes());
        let mut sorted: Vec<(&str, u64)> =
            self.1.iter().map(|(who, since)| (address(*who).as_str(), *since)).collect();
        sorted.sort_unstable();
        for (text, since) in sorted {
            bytes.extend(lp(text));
            bytes.extend(since.to_be_bytes());
        }
        Sha256::digest(bytes).into()
    }

    fn enough(&self, about: Who, removes: bool, voters: &BTreeSet<Who>) -> bool {
        let (votes, all) = (voters.len(), self.1.len());
        if votes * 2 > all {
            return true;
        }
        let first = self.1.values().min().copied().unwrap();
        let firsts: Vec<Who> =
            self.1.iter().filter(|(_, since)| **since == first).map(|(who, _)| *who).collect();
        let half = votes * 2 == all && firsts.len() == 1 && voters.contains(&firsts[0]);
        removes && (half || voters.contains(&about))
    }
}

fn good_vote(history: &History, before: &Members, fact: &ChangeFact, vote: &VoteFact) -> bool {
    let Some(text) = &vote.signed else { return false };
    before.1.contains_key(&vote.voter)
        && vote.account == vote.voter
        && text.ledger == history.chain.chain_id.as_str()
        && text.fingerprint == before.fingerprint(history)
        && text.position == before.0 + 1
        && text.made == vote.made
        && text.change == fact.change
}

/// The circle after a change, if it leads on.
fn after(history: &History, before: &Members, fact: &ChangeFact) -> Option<Members> {
    let is_here = fact.position == before.0 + 1
        && fact.chain_id == history.chain.chain_id.as_str()
        && fact.identity == history.chain.identity();
    let ascending =
        fact.votes.windows(2).all(|two| address(two[0].voter).as_str() < address(two[1].voter).as_str());
    if !is_here || !ascending || !fact.votes.iter().all(|vote| good_vote(history, before, fact, vote)) {
        return None;
    }
    let made: Vec<i64> = fact.votes.iter().map(|vote| vote.made).collect();
    if made.iter().max().unwrap_or(&0) - made.iter().min().unwrap_or(&0) > DAYS_60 {
        return None;
    }
    let (about, removes) = (who(fact.change.address()), fact.change.removes());
    let voters: BTreeSet<Who> = fact.votes.iter().map(|vote| vote.voter).collect();
    let mut result = Members(before.0 + 1, before.1.clone());
    let fits = if removes {
        result.1.remove(&about).is_some() && !result.1.is_empty()
    } else {
        result.1.insert(about, before.0 + 1).is_none()
    };
    (fits && before.enough(about, removes, &voters) && members(&fact.circle) == result).then_some(result)
}

fn walks(history: &History) -> bool {
    let trusted = match &history.pin {
        Some(pin) => &pin.circle,
        None => &history.chain.ancestry.beginning().circle,
    };
    let (mut now, shown) = (members(trusted), members(&history.circle));
    while now.0 < shown.0 {
        let found = history.changes.iter().find(|fact| fact.at == now.0 + 1);
        let Some(next) = found.and_then(|fact| after(history, &now, fact)) else { return false };
        now = next;
    }
    now == shown
}

/// A key by its owner's signature for this ledger, or for one that leads to it.
fn counts(history: &History, owner: Who, key: &Key) -> bool {
    let chain = &history.chain;
    let here = (chain.identity(), chain.chain_id.to_string());
    let earlier = chain.ancestry.earlier().iter().map(|one| (one.identity(), one.chain_id.to_string()));
    let registered = key.registered_on.unwrap_or(here.0);
    let Some((identity, name)) = [here].into_iter().chain(earlier).find(|one| one.0 == registered) else {
        return false;
    };
    key.signed.as_ref().is_some_and(|text| {
        key.account == Some(owner)
            && text.account == owner
            && text.identity == identity
            && text.ledger == name
            && public(text.x25519).x25519 == public(key.x25519).x25519
            && public(text.ed25519).ed25519 == public(key.ed25519).ed25519
    })
}

fn hex(key: &Key) -> String {
    hex::encode(public(key.x25519).x25519)
}

struct Judge<'a>(&'a History);

impl Judge<'_> {
    fn counting(&self, owner: Who) -> Vec<(usize, &Key)> {
        let keys = self.0.keys.get(&owner).map_or(&[][..], Vec::as_slice);
        let numbered = keys.iter().enumerate().map(|(place, key)| (place + 1, key));
        numbered.filter(|(_, key)| counts(self.0, owner, key)).collect()
    }

    /// The active ones of the list.
    fn listed(&self, owner: Who) -> BTreeSet<String> {
        self.counting(owner).into_iter().filter(|(_, key)| !key.revoked).map(|(_, key)| hex(key)).collect()
    }

    /// The same, with the one that the writer's transaction registers.
    fn active(&self, owner: Who) -> BTreeSet<String> {
        let (own, registered) = self.0.own;
        let new = (owner == self.0.writer && !registered).then(|| hex::encode(public(own).x25519));
        self.listed(owner).into_iter().chain(new).collect()
    }

    /// The keys that grants of these people name, by their signatures.
    fn granted(&self, ticket: &TicketFact, by: &BTreeSet<Who>, active: bool) -> BTreeSet<String> {
        let good = |grant: &&super::facts::GrantFact| {
            let signed = self.counting(grant.granter).into_iter().any(|(version, key)| {
                version == usize::try_from(grant.version).unwrap()
                    && !(active && key.revoked)
                    && public(key.ed25519).ed25519 == public(grant.signer).ed25519
            });
            by.contains(&grant.granter) && grant.over && signed
        };
        ticket.grants.iter().filter(good).map(|grant| hex::encode(public(grant.key).x25519)).collect()
    }

    fn circle(&self) -> BTreeSet<Who> {
        members(&self.0.circle).1.into_keys().collect()
    }

    fn active_of_all(&self, people: &BTreeSet<Who>) -> BTreeSet<String> {
        people.iter().flat_map(|who| self.active(*who)).collect()
    }

    fn assignee(&self, ticket: &TicketFact) -> BTreeSet<String> {
        let granted = self.granted(ticket, &self.circle(), true);
        ticket
            .assignee()
            .map(|who| self.active(who))
            .unwrap_or_default()
            .intersection(&granted)
            .cloned()
            .collect()
    }

    /// The provider whom the writer or the sealed text names; in a ticket, only its own.
    fn provider(&self, asked: ProviderAsked, ticket: Option<&TicketFact>) -> BTreeSet<String> {
        let named = match asked {
            ProviderAsked::No => None,
            ProviderAsked::Named(who) => Some(who),
            ProviderAsked::Sealed => ticket.and_then(|ticket| ticket.sealed_provider),
        };
        let own = named.filter(|who| ticket.is_none_or(|ticket| ticket.provider == Some(*who)));
        own.map(|who| self.active(who)).unwrap_or_default()
    }
}

/// Whether anything may be sealed by what is shown, whoever it is for.
pub(super) fn may_seal(history: &History) -> bool {
    let off = history.clock - history.time;
    let (height, time, identity) = match &history.pin {
        Some(pin) => (pin.height, pin.time, pin.identity),
        None => (0, 0, history.chain.identity()),
    };
    let goes_on =
        history.height > height && history.time >= time || history.height == height && history.time == time;
    !history.trust_node
        && identity == history.chain.identity()
        && goes_on
        && off.abs() <= 300 + i64::from(history.tolerance)
        && walks(history)
}

/// Every key for which the client may seal what it was asked to.
pub(super) fn readers(history: &History) -> BTreeSet<String> {
    let judge = Judge(history);
    let mut all = judge.active_of_all(&judge.circle());
    let ticket = history.ticket.as_ref();
    match history.asked {
        Asked::Ticket(provider) => {
            all.extend(judge.active(history.writer));
            all.extend(judge.provider(provider, None));
        }
        Asked::Answer(provider) => {
            let ticket = ticket.unwrap();
            all.extend(judge.active(history.writer));
            all.extend(judge.active(ticket.customer));
            all.extend(judge.assignee(ticket));
            all.extend(judge.provider(provider, Some(ticket)));
        }
        Asked::Note => {
            let ticket = ticket.unwrap();
            let mut people = judge.circle();
            people.insert(history.writer);
            people.remove(&ticket.customer);
            all = judge.active_of_all(&people);
            let outsiders: BTreeSet<Who> = [Some(ticket.customer), ticket.provider, ticket.sealed_provider]
                .into_iter()
                .flatten()
                .collect();
            let theirs: BTreeSet<String> =
                outsiders.iter().flat_map(|who| judge.counting(*who)).map(|(_, key)| hex(key)).collect();
            if ticket.assignee().is_some_and(|who| !outsiders.contains(&who)) {
                all.extend(judge.assignee(ticket).difference(&theirs).cloned());
            }
        }
        Asked::Grant(to) => {
            let ticket = ticket.unwrap();
            let mut by = judge.circle();
            let had = if ticket.assignee() == Some(to) {
                judge.granted(ticket, &by, true)
            } else {
                by.insert(history.writer);
                let sealed = ticket.sealed_for.iter().map(|of| hex::encode(public(*of).x25519));
                judge.granted(ticket, &by, false).into_iter().chain(sealed).collect()
            };
            all = judge.active(to).difference(&had).cloned().collect();
        }
    }
    all
}
