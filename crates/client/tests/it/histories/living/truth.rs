//! What really happens at a desk, and what a liar with the validators' keys shows instead.

use std::collections::{BTreeMap, BTreeSet};

use sealdesk_client::actor::Actor;
use sealdesk_client::compose::OwnKey;
use sealdesk_client::verify::Chain;
use sealdesk_protocol::circle::{Change, Circle};
use sealdesk_protocol::identity::{Ancestry, Beginning, Continues};
use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::wire::sealdesk::ledger::v1::LedgerContinues;
use sealdesk_testkit::random::Random;

use super::model::Model;
use crate::continuing::votes;
use crate::histories::facts::{
    ACTORS, Asked, ChangeFact, GrantFact, History, Key, OwnedText, ProviderAsked, TicketFact, Who, address,
    who,
};
use crate::histories::make::{Cast, good_key};
use crate::histories::play::list;
use crate::histories::walk;
use crate::world::{NOW, chain_id, prefix, proofs};

/// Most keys that somebody comes to have.
const KEYS_MAX: usize = 8;
/// The step from which on the liar shows keys that never were.
const FALSE_KEYS_FROM: usize = 60;

/// What is shown that is not so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lie {
    /// Somebody else is a member, without a change.
    StrangerIsMember,
    /// The thief is a member by a change that the thief alone voted for.
    ThiefVotedThemselvesIn,
    /// A circle of before.
    EarlierCircle,
    /// Everything is as it was some time ago.
    EarlierState,
    /// A key that was revoked is active.
    RevivedKey,
    /// A copy of the thief's key stands in a member's list.
    CopiedKey,
    /// The thief has the ticket, by a grant in a member's name.
    ThiefIsAssignee,
    /// The thief wrote the ticket.
    ThiefIsCustomer,
    /// The ticket is for the thief, as its record has it.
    ThiefIsProvider,
    /// A member has no keys.
    HiddenKeys,
    /// A ledger that says that it continues this one, for which the thief voted.
    FalseContinuation,
}

const LIES: [Lie; 11] = [
    Lie::StrangerIsMember,
    Lie::ThiefVotedThemselvesIn,
    Lie::EarlierCircle,
    Lie::EarlierState,
    Lie::RevivedKey,
    Lie::CopiedKey,
    Lie::ThiefIsAssignee,
    Lie::ThiefIsCustomer,
    Lie::ThiefIsProvider,
    Lie::HiddenKeys,
    Lie::FalseContinuation,
];

/// A desk as it is, and who acts at it.
pub(super) struct Living {
    random: Random,
    cast: Cast,
    me: Who,
    now: History,
    /// The state after each step, on this ledger.
    past: Vec<History>,
    circle: Circle,
    step: usize,
    /// Whether records of keys were shown that never were: whoever saw one refuses the true one in its place.
    pub(super) showed_false_keys: bool,
}

impl Living {
    pub(super) fn begin(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let mut order: Vec<Who> = (0..ACTORS.len()).collect();
        for place in (1..order.len()).rev() {
            order.swap(place, random.below(place + 1));
        }
        let cast = Cast {
            staff: order[..6].to_vec(),
            customer: order[6],
            agent: order[7],
            provider: order[8],
            thief: order[9],
        };
        let me = if random.one_in(3) { cast.customer } else { cast.staff[0] };
        let circle = Circle::first(cast.staff[..3].iter().map(|who| address(*who).clone())).unwrap();
        let beginning = Beginning {
            chain_id: chain_id(),
            prefix: prefix(),
            circle: circle.clone(),
            validators_hash: proofs::validators_hash(7),
            continues: None,
        };
        let chain = Chain::of(Ancestry::new(beginning, Vec::new()).unwrap());
        let people = order[..10].iter();
        let keys: BTreeMap<Who, Vec<Key>> =
            people.map(|who| (*who, vec![good_key(&chain, *who, 0)])).collect();
        let sealed_for = BTreeSet::from([(cast.customer, 0), (me, 0), (cast.staff[1], 0)]);
        let ticket = TicketFact {
            customer: cast.customer,
            provider: Some(cast.provider),
            assigned: None,
            signer_version: 1,
            signer: (cast.customer, 0),
            sealed_on: chain.chain_id.to_string(),
            sealed_for: sealed_for.into_iter().collect(),
            sealed_provider: Some(cast.provider),
            grants: Vec::new(),
        };
        let now = History {
            id: seed,
            chain,
            pin: None,
            trust_node: false,
            clock: NOW,
            tolerance: 0,
            height: 3,
            time: NOW,
            circle: circle.clone(),
            changes: Vec::new(),
            keys,
            ticket: Some(ticket),
            writer: me,
            own: ((me, 0), true),
            asked: Asked::Note,
            continued: None,
        };
        Self { random, cast, me, now, past: Vec::new(), circle, step: 0, showed_false_keys: false }
    }

    pub(super) fn thief(&self) -> Who {
        self.cast.thief
    }

    /// Something happens, or nothing does; time passes.
    pub(super) fn goes_on(&mut self) {
        match self.random.below(100) {
            0..22 => self.changes_the_circle(),
            22..42 => self.registers_a_key(),
            42..58 => self.revokes_a_key(),
            58..70 => self.assigns(),
            70..80 => self.grants(),
            80..86 => self.ends_the_assignment(),
            86..90 => self.moves_on(),
            _ => {}
        }
        self.now.height += 1 + u64::try_from(self.random.below(2)).unwrap();
        self.now.time += 1 + i64::try_from(self.random.below(90_000)).unwrap();
        self.past.push(self.now.clone());
        self.step += 1;
    }

    fn changes_the_circle(&mut self) {
        let Some(change) = walk::change(&mut self.random, &self.cast, &self.circle) else { return };
        let voters = walk::voters(&mut self.random, &self.cast, &self.circle, &change, true);
        self.now.changes.push(walk::fact(&self.now.chain, &self.circle, &change, &voters));
        self.circle = self.circle.after(&change).unwrap();
        self.now.circle = self.circle.clone();
    }

    fn anybody(&mut self) -> Who {
        let cast = &self.cast;
        let mut people = cast.staff.clone();
        people.extend([cast.customer, cast.agent, cast.provider]);
        *self.random.pick(&people)
    }

    fn registers_a_key(&mut self) {
        let (person, chain) = (self.anybody(), self.now.chain.clone());
        let keys = self.now.keys.get_mut(&person).unwrap();
        if keys.len() < KEYS_MAX {
            keys.push(good_key(&chain, person, u32::try_from(keys.len()).unwrap()));
        }
    }

    fn revokes_a_key(&mut self) {
        let person = self.anybody();
        let keys = self.now.keys.get_mut(&person).unwrap();
        let place = self.random.below(keys.len());
        keys[place].revoked = true;
    }

    fn ticket(&mut self) -> &mut TicketFact {
        self.now.ticket.as_mut().unwrap()
    }

    fn assigns(&mut self) {
        let staff = [self.cast.agent, self.cast.staff[3], self.cast.staff[4]];
        let who = *self.random.pick(&staff);
        self.ticket().assigned = Some((who, true));
    }

    /// A member lets the assignee in, by one of the assignee's keys.
    fn grants(&mut self) {
        let Some(assignee) = self.ticket().assignee() else { return };
        let granter = *self.random.pick(&self.members());
        let keys = &self.now.keys[&granter];
        let place = self.random.below(keys.len());
        let (signer, version) = (keys[place].ed25519, u32::try_from(place + 1).unwrap());
        let key = self.random.pick(&self.now.keys[&assignee]).x25519;
        self.ticket().grants.push(GrantFact { granter, version, key, signer, over: true });
    }

    fn ends_the_assignment(&mut self) {
        let leaves = self.random.one_in(2);
        let ticket = self.ticket();
        ticket.assigned = ticket.assigned.filter(|_| leaves).map(|(who, _)| (who, false));
    }

    /// The desk goes on as another ledger, for which its administrators vote.
    fn moves_on(&mut self) {
        if self.now.chain.ancestry.earlier().len() >= 3 {
            return;
        }
        let members: Vec<&Actor> =
            self.circle.members().iter().map(|member| ACTORS[who(&member.address)].0).collect();
        let name = format!("living-{}", self.now.chain.ancestry.earlier().len());
        (self.now.chain, self.now.continued) = self.continuing(&name, &members);
        let old = self.now.chain.ancestry.earlier().last().unwrap().identity();
        for key in self.now.keys.values_mut().flatten() {
            key.registered_on = key.registered_on.or(Some(old));
        }
        self.now.height = 3;
        self.past.clear();
    }

    /// A ledger that continues this one, with the votes of these.
    fn continuing(&self, name: &str, voters: &[&Actor]) -> (Chain, Option<LedgerContinues>) {
        let before = self.now.chain.ancestry.beginning();
        let continues = Continues { identity: before.identity(), height: self.now.height, app_hash: [3; 32] };
        let beginning = Beginning {
            chain_id: ChainId::parse(name).unwrap(),
            circle: self.circle.clone(),
            continues: Some(continues),
            ..before.clone()
        };
        let earlier = [self.now.chain.ancestry.earlier(), std::slice::from_ref(before)].concat();
        let ballots = votes(before, &self.circle, voters, &beginning.identity());
        (Chain::of(Ancestry::new(beginning, earlier).unwrap()), Some(ballots))
    }

    /// Whether a ledger that the home does not know is the one that the administrators voted for.
    pub(super) fn leads_to(&self, shown: &History) -> bool {
        shown.chain.identity() == self.now.chain.identity()
    }

    /// What a node shows of it to somebody who wants to do something, and the lie in that.
    pub(super) fn shown(&mut self, model: &Model) -> (History, Option<Lie>) {
        let mut shown = self.now.clone();
        shown.clock = shown.time + i64::try_from(self.random.below(601)).unwrap() - 300;
        shown.asked = self.asked();
        let lie = self.random.percent(45).then(|| *self.random.pick(&LIES));
        let lie = lie.filter(|lie| self.tell(*lie, &mut shown, model));
        let listed = shown.keys.get(&self.me).map(|keys| list(self.me, keys)).unwrap_or_default();
        let own = OwnKey::find(ACTORS[self.me].0, &listed).unwrap();
        shown.own = ((self.me, own.pair().n), matches!(own, OwnKey::Registered(_)));
        let assigned = shown.ticket.as_ref().and_then(|ticket| ticket.assigned);
        match (shown.asked, assigned) {
            (Asked::Ticket(_), _) => shown.ticket = None,
            // Nobody asks to let in somebody of whom the ledger says that they left.
            (Asked::Grant(to), Some((assignee, false))) if to == assignee => shown.asked = Asked::Note,
            _ => {}
        }
        (shown, lie)
    }

    fn asked(&mut self) -> Asked {
        let cast = &self.cast;
        let mut to = vec![cast.staff[1], cast.staff[2], cast.customer, cast.provider, self.me];
        to.extend(self.now.ticket.as_ref().and_then(TicketFact::assignee));
        let to = Asked::Grant(*self.random.pick(&to));
        let provider = if self.random.one_in(3) { ProviderAsked::Sealed } else { ProviderAsked::No };
        let named =
            if self.random.one_in(3) { ProviderAsked::Named(cast.provider) } else { ProviderAsked::No };
        let of_customer = [Asked::Ticket(named), Asked::Answer(provider), to];
        let of_staff = [Asked::Answer(provider), Asked::Note, to];
        *self.random.pick(if self.me == cast.customer { &of_customer } else { &of_staff })
    }

    /// Changes what is shown; `false` where there is nothing to lie about.
    fn tell(&mut self, lie: Lie, shown: &mut History, model: &Model) -> bool {
        match lie {
            Lie::StrangerIsMember
            | Lie::ThiefVotedThemselvesIn
            | Lie::EarlierCircle
            | Lie::EarlierState
            | Lie::FalseContinuation => self.tell_of_the_desk(lie, shown, model),
            Lie::RevivedKey | Lie::CopiedKey | Lie::HiddenKeys => self.tell_of_keys(lie, shown),
            Lie::ThiefIsAssignee | Lie::ThiefIsCustomer | Lie::ThiefIsProvider => {
                self.tell_of_the_ticket(lie, shown, model)
            }
        }
    }

    fn members(&self) -> Vec<Who> {
        self.circle.members().iter().map(|member| who(&member.address)).collect()
    }

    fn tell_of_the_desk(&mut self, lie: Lie, shown: &mut History, model: &Model) -> bool {
        let thief = self.cast.thief;
        let place = self.random.below(self.past.len());
        match lie {
            Lie::StrangerIsMember => shown.circle = walk::with_another(&self.circle),
            Lie::ThiefVotedThemselvesIn => {
                let change = Change::Add(address(thief).clone());
                let fact: ChangeFact = walk::fact(&shown.chain, &self.circle, &change, &[thief]);
                shown.circle = fact.circle.clone();
                shown.changes.push(fact);
            }
            Lie::EarlierCircle => {
                let earlier = &self.past[place].circle;
                if *earlier == shown.circle {
                    return false;
                }
                shown.circle = earlier.clone();
            }
            Lie::EarlierState => {
                let (height, time, clock, asked) = (shown.height, shown.time, shown.clock, shown.asked);
                *shown = History { height, time, clock, asked, ..self.past[place].clone() };
            }
            // At a first meeting, whatever is shown is met.
            _ if !model.has_met_a_ledger() => return false,
            _ => {
                let name = format!("false-{}", self.now.chain.ancestry.earlier().len());
                (shown.chain, shown.continued) = self.continuing(&name, &[ACTORS[thief].0]);
            }
        }
        true
    }

    fn tell_of_keys(&mut self, lie: Lie, shown: &mut History) -> bool {
        let others: Vec<Who> = self.members().into_iter().filter(|who| *who != self.me).collect();
        if lie == Lie::RevivedKey {
            let revoked = shown.keys.values_mut().flatten().filter(|key| key.revoked);
            let revoked: Vec<&mut Key> = revoked.collect();
            let place = self.random.below(revoked.len().max(1));
            let Some(key) = revoked.into_iter().nth(place) else { return false };
            key.revoked = false;
            return true;
        }
        let is_too_early = lie == Lie::CopiedKey && self.step < FALSE_KEYS_FROM;
        if others.is_empty() || is_too_early {
            return false;
        }
        let member = *self.random.pick(&others);
        if lie == Lie::HiddenKeys {
            shown.keys.remove(&member);
            return true;
        }
        self.showed_false_keys = true;
        let (thief, chain) = (self.cast.thief, &shown.chain);
        let (of, ledger, identity) = ((thief, 0), chain.chain_id.to_string(), chain.identity());
        let text = OwnedText { ledger, identity, account: thief, x25519: of, ed25519: of };
        let copy = Key { account: Some(thief), signed: Some(text), ..good_key(chain, thief, 0) };
        shown.keys.get_mut(&member).unwrap().push(copy);
        true
    }

    fn tell_of_the_ticket(&mut self, lie: Lie, shown: &mut History, model: &Model) -> bool {
        let thief = self.cast.thief;
        let granter = *self.random.pick(&self.members());
        // Who has not used it yet would remember the false one.
        let may_be_believed = lie == Lie::ThiefIsCustomer && !model.has_used_the_ticket(shown);
        let ticket = shown.ticket.as_mut().unwrap();
        match lie {
            _ if may_be_believed => return false,
            Lie::ThiefIsCustomer => (ticket.customer, ticket.signer) = (thief, (thief, 0)),
            Lie::ThiefIsProvider => ticket.provider = Some(thief),
            _ => {
                let (key, signer) = ((thief, 0), (thief, 0));
                ticket.assigned = Some((thief, true));
                ticket.grants.push(GrantFact { granter, version: 1, key, signer, over: true });
            }
        }
        true
    }
}
