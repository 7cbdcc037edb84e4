//! Random histories. About half of what they hold is false in some way, and about half of them let the client seal.

use std::collections::{BTreeMap, BTreeSet};

use sealdesk_client::compose::OwnKey;
use sealdesk_client::verify::Chain;
use sealdesk_protocol::circle::{Circle, Member};
use sealdesk_protocol::identity::{Ancestry, Beginning, Continues, Identity};
use sealdesk_protocol::ids::{Address, ChainId};
use sealdesk_testkit::random::Random;

use super::facts::{
    ACTORS, Asked, GrantFact, History, Key, OwnedText, PAIRS, PairOf, PinFact, ProviderAsked, TicketFact,
    Who, address,
};
use super::play::list;
use super::walk::{self, Walked};
use crate::world::{NOW, chain_id, prefix, proofs};

/// Who plays what.
pub(super) struct Cast {
    /// Members now or later.
    pub(super) staff: Vec<Who>,
    pub(super) customer: Who,
    pub(super) agent: Who,
    pub(super) provider: Who,
    pub(super) thief: Who,
}

pub(super) fn history(id: u64) -> History {
    let mut random = Random::new(id.wrapping_mul(0x5851_f42d_4c95_7f2d));
    let cast = cast(&mut random);
    let chain = chain(&mut random, &cast);
    let walked = walk::walk(&mut random, &chain, &cast);
    let pin = pin(&mut random, &chain, &walked);
    let (pin, height, time) = times(&mut random, pin);
    let keys = keys(&mut random, &chain, &cast);
    let tolerance = *random.pick(&[0, 0, 0, 0, 60, 3_600]);
    let mut asked = asked(&mut random, &cast);
    let writer = writer(&mut random, &cast, asked);
    let listed = keys.get(&writer).map(|keys| list(writer, keys)).unwrap_or_default();
    let actor = ACTORS[writer].0;
    let own = OwnKey::find(actor, &listed).unwrap();
    let registered: Vec<PairOf> =
        actor.registered(&listed).unwrap().iter().map(|(pair, _)| (writer, pair.n)).collect();
    // Now and then they let in themselves, also by a key that the same transaction registers.
    if matches!(asked, Asked::Grant(_)) && random.percent(20) {
        asked = Asked::Grant(writer);
    }
    // Who has no key in the ledger opens nothing there, and what nobody signed cannot be opened.
    if registered.is_empty() || !keys.contains_key(&cast.customer) {
        asked = match asked {
            Asked::Answer(ProviderAsked::Sealed) | Asked::Grant(_) => Asked::Note,
            other => other,
        };
    }
    let ticket = match asked {
        Asked::Ticket(_) => None,
        Asked::Answer(_) | Asked::Note | Asked::Grant(_) => {
            Some(ticket(&mut random, &cast, (&chain, &walked, &keys), (asked, &registered)))
        }
    };
    let clock = clock(&mut random, time, tolerance);
    let trust_node = random.percent(2);
    History {
        id,
        pin,
        trust_node,
        clock,
        tolerance,
        height,
        time,
        circle: walked.shown,
        changes: walked.changes,
        keys,
        ticket,
        writer,
        own: ((writer, own.pair().n), matches!(own, OwnKey::Registered(_))),
        asked,
        continued: None,
        chain,
    }
}

fn cast(random: &mut Random) -> Cast {
    let mut order: Vec<Who> = (0..ACTORS.len()).collect();
    for place in (1..order.len()).rev() {
        order.swap(place, random.below(place + 1));
    }
    let staff = order[..6].to_vec();
    // A customer may be on the staff, and so may whoever has the ticket.
    let customer = if random.percent(12) { staff[random.below(4)] } else { order[6] };
    let agent = if random.percent(10) { staff[random.below(4)] } else { order[7] };
    Cast { staff, customer, agent, provider: order[8], thief: order[9] }
}

fn chain(random: &mut Random, cast: &Cast) -> Chain {
    let mut earlier: Vec<Beginning> = Vec::new();
    for n in 0..(if random.percent(25) { 1 + random.below(2) } else { 0 }) {
        let chain_id = ChainId::parse(&format!("old-{n}")).unwrap();
        earlier.push(beginning(random, cast, chain_id, earlier.last()));
    }
    let beginning = beginning(random, cast, chain_id(), earlier.last());
    Chain::of(Ancestry::new(beginning, earlier).unwrap())
}

fn beginning(random: &mut Random, cast: &Cast, chain_id: ChainId, before: Option<&Beginning>) -> Beginning {
    // What continues another ledger begins where that had come to.
    let position = if before.is_some() { u64::try_from(random.below(4)).unwrap() } else { 0 };
    let count = 1 + random.below(4);
    let member = |who: &Who| {
        let since = random.below(usize::try_from(position).unwrap() + 1);
        Member { address: address(*who).clone(), since: u64::try_from(since).unwrap() }
    };
    let members = cast.staff[..count].iter().map(member).collect();
    let continues =
        before.map(|before| Continues { identity: before.identity(), height: 9, app_hash: [3; 32] });
    Beginning {
        chain_id,
        prefix: prefix(),
        circle: Circle::new(position, members).unwrap(),
        validators_hash: proofs::validators_hash(7),
        continues,
    }
}

/// What the home trusts, with no height and time yet.
fn pin(random: &mut Random, chain: &Chain, walked: &Walked) -> Option<PinFact> {
    if random.percent(20) {
        return None;
    }
    let identity = if random.percent(3) { Identity([9; 32]) } else { chain.identity() };
    let circle = match random.below(100) {
        // A circle that never was.
        0..3 => walk::with_another(&walked.circles[random.below(walked.circles.len())]),
        // One that comes after what the node shows, or not.
        3..6 => walked.circles.last().unwrap().clone(),
        _ => walked.circles[random.below(walked.circles.len())].clone(),
    };
    Some(PinFact { identity, circle, height: 0, time: 0 })
}

/// Height and time of the pin and of what is shown.
fn times(random: &mut Random, pin: Option<PinFact>) -> (Option<PinFact>, u64, i64) {
    let height = 3 + u64::try_from(random.below(6)).unwrap();
    let time = NOW + i64::try_from(random.below(1_000_000)).unwrap();
    let pin = pin.map(|pin| {
        let before = (height - 1, time - 1 - i64::try_from(random.below(5_000_000)).unwrap());
        let (height, time) = match random.below(100) {
            0..2 => (height + 1, time + 60),
            2..3 => (height + 1, time),
            3..4 => (height + 2, time - 60),
            4..5 => (height, time + 1),
            5..6 => (height, time - 1),
            6..7 => (height - 1, time + 1),
            7..16 => (height - 1, time),
            16..36 => (height, time),
            _ => before,
        };
        PinFact { height, time, ..pin }
    });
    (pin, height, time)
}

fn clock(random: &mut Random, time: i64, tolerance: u32) -> i64 {
    let edge = 300 + i64::from(tolerance);
    let off = match random.below(100) {
        0..6 => edge,
        6..12 => -edge,
        12..15 => edge + 1,
        15..18 => -edge - 1,
        18..21 => 86_400 * 30,
        21..23 => -86_400,
        _ => i64::try_from(random.below(601)).unwrap() - 300,
    };
    time + off
}

/// The lists of keys of everybody.
fn keys(random: &mut Random, chain: &Chain, cast: &Cast) -> BTreeMap<Who, Vec<Key>> {
    let mut all = BTreeMap::new();
    for who in 0..ACTORS.len() {
        let count = *random.pick(&[0, 1, 1, 1, 2, 2, 3]);
        let mut keys: Vec<Key> = Vec::new();
        // Who wrote a ticket had a key.
        if who == cast.customer && random.percent(90) {
            keys.push(good_key(chain, who, 3));
        }
        for n in 0..count {
            let key = key(random, chain, who, n);
            // A ledger lists a key once.
            if keys.iter().all(|other| other.x25519 != key.x25519 && other.ed25519 != key.ed25519) {
                keys.push(key);
            }
        }
        if !keys.is_empty() {
            all.insert(who, keys);
        }
    }
    all
}

/// A key as its owner registers it.
pub(super) fn good_key(chain: &Chain, who: Who, n: u32) -> Key {
    let (ledger, identity) = (chain.chain_id.to_string(), chain.identity());
    let of = (who, n);
    let text = OwnedText { ledger, identity, account: who, x25519: of, ed25519: of };
    Key {
        x25519: of,
        ed25519: of,
        revoked: false,
        registered_on: None,
        account: Some(who),
        signed: Some(text),
    }
}

fn key(random: &mut Random, chain: &Chain, who: Who, n: u32) -> Key {
    let other = (random.below(ACTORS.len()), u32::try_from(random.below(3)).unwrap());
    // Anyone can register a copy of a public key, and sign that it is theirs.
    let (x25519, ed25519) = match random.below(100) {
        0..12 => (other, other),
        12..16 => (other, (who, n)),
        16..18 => ((who, n), other),
        _ => ((who, n), (who, n)),
    };
    let ancestors = chain.ancestry.earlier();
    let on = match random.below(100) {
        0..4 => (Some(Identity([5; 32])), "stranger-1".to_owned()),
        4..30 if !ancestors.is_empty() => {
            let one = &ancestors[random.below(ancestors.len())];
            (Some(one.identity()), one.chain_id.to_string())
        }
        30..33 => (Some(chain.identity()), chain.chain_id.to_string()),
        _ => (None, chain.chain_id.to_string()),
    };
    let identity = on.0.unwrap_or_else(|| chain.identity());
    let mut text = OwnedText { ledger: on.1, identity, account: who, x25519, ed25519 };
    let (mut account, mut signed) = (Some(who), true);
    match random.below(100) {
        0..5 => account = Some(other.0),
        5..10 => (account, text.account) = (Some(other.0), other.0),
        10..15 => (account, signed) = (None, false),
        15..19 => signed = false,
        19..23 => text.identity = Identity([6; 32]),
        23..26 => text.ledger = "another-1".to_owned(),
        26..29 => text.x25519 = (other.0, PAIRS - 1),
        29..32 => text.ed25519 = (other.0, PAIRS - 1),
        32..34 => text.account = other.0,
        _ => {}
    }
    let revoked = random.percent(22);
    Key { x25519, ed25519, revoked, registered_on: on.0, account, signed: signed.then_some(text) }
}

fn asked(random: &mut Random, cast: &Cast) -> Asked {
    let provider = match random.below(100) {
        0..58 => ProviderAsked::No,
        58..76 => ProviderAsked::Sealed,
        76..92 => ProviderAsked::Named(cast.provider),
        _ => ProviderAsked::Named(cast.thief),
    };
    match random.below(100) {
        0..28 if provider == ProviderAsked::Sealed => Asked::Ticket(ProviderAsked::No),
        0..28 => Asked::Ticket(provider),
        28..62 => Asked::Answer(provider),
        62..78 => Asked::Note,
        _ => {
            let anybody = random.below(ACTORS.len());
            let to = [cast.staff[0], cast.staff[1], cast.agent, cast.agent, cast.customer, cast.provider];
            Asked::Grant(if random.percent(15) { anybody } else { *random.pick(&to) })
        }
    }
}

fn writer(random: &mut Random, cast: &Cast, asked: Asked) -> Who {
    let staff = [cast.staff[0], cast.staff[1], cast.staff[2], cast.agent];
    match asked {
        Asked::Ticket(_) => cast.customer,
        Asked::Answer(_) if random.percent(35) => cast.customer,
        Asked::Note if random.percent(5) => cast.customer,
        _ if random.percent(5) => cast.thief,
        _ => *random.pick(&staff),
    }
}

type Shown<'a> = (&'a Chain, &'a Walked, &'a BTreeMap<Who, Vec<Key>>);

/// A ticket, about which something is asked by somebody who has these pairs in the ledger.
fn ticket(
    random: &mut Random,
    cast: &Cast,
    (chain, walked, keys): Shown<'_>,
    (asked, registered): (Asked, &[PairOf]),
) -> TicketFact {
    let no_keys = Vec::new();
    let listed = keys.get(&cast.customer).unwrap_or(&no_keys);
    let version = if listed.is_empty() || random.percent(75) { 1 } else { 1 + random.below(listed.len()) };
    let own = listed.get(version - 1).map_or((cast.customer, 0), |key| key.ed25519);
    let is_grant = matches!(asked, Asked::Grant(_));
    // What is granted can be opened: whoever the list names has signed it.
    let (version, signer) = match random.below(100) {
        0..4 if !is_grant => (version, (cast.thief, 0)),
        4..6 if !is_grant => (version + 3, own),
        _ => (version, own),
    };
    let ancestors = chain.ancestry.earlier();
    let sealed_on = match random.below(100) {
        0..4 if !is_grant => "stranger-1".to_owned(),
        4..30 if !ancestors.is_empty() => ancestors[random.below(ancestors.len())].chain_id.to_string(),
        _ => chain.chain_id.to_string(),
    };
    let mut sealed_for: BTreeSet<PairOf> = BTreeSet::from([(cast.customer, 3), (cast.staff[0], 0)]);
    sealed_for.extend(registered.first());
    for _ in 0..random.below(3) {
        let people = [cast.agent, cast.provider, cast.staff[1], cast.customer];
        sealed_for.insert((*random.pick(&people), u32::try_from(random.below(2)).unwrap()));
    }
    let provider = random.percent(60).then_some(cast.provider);
    let sealed_provider = match random.below(100) {
        0..50 => provider,
        50..60 => Some(cast.thief),
        _ => None,
    };
    // What nobody can open names no provider.
    let sealed_provider = sealed_provider.filter(|_| !registered.is_empty());
    let works = random.percent(88);
    let assigned = match random.below(100) {
        0..60 => Some((cast.agent, works)),
        60..66 => Some((cast.thief, works)),
        66..71 => Some((cast.customer, works)),
        71..75 => Some((cast.staff[0], works)),
        _ => None,
    };
    // Nobody asks to let in somebody of whom the ledger says that they left.
    let assigned = assigned.filter(|(who, works)| *works || asked != Asked::Grant(*who));
    let assignee = assigned.map_or(cast.agent, |(who, _)| who);
    let grants = (0..random.below(5)).map(|_| grant(random, cast, (walked, keys), assignee)).collect();
    TicketFact {
        customer: cast.customer,
        provider,
        assigned,
        signer_version: u32::try_from(version).unwrap(),
        signer,
        sealed_on,
        sealed_for: sealed_for.into_iter().collect(),
        sealed_provider,
        grants,
    }
}

fn grant(
    random: &mut Random,
    cast: &Cast,
    (walked, keys): (&Walked, &BTreeMap<Who, Vec<Key>>),
    assignee: Who,
) -> GrantFact {
    let members: Vec<&Address> = walked.shown.members().iter().map(|member| &member.address).collect();
    let member: &Address = members[random.below(members.len())];
    let member = super::facts::who(member);
    let granter = match random.below(100) {
        0..65 => member,
        65..85 => *random.pick(&cast.staff),
        _ => cast.thief,
    };
    let no_keys = Vec::new();
    let of_granter = keys.get(&granter).unwrap_or(&no_keys);
    let place = if of_granter.is_empty() { 0 } else { random.below(of_granter.len()) };
    let own = of_granter.get(place).map_or((granter, 0), |key| key.ed25519);
    let signer = if random.percent(10) { (cast.thief, 0) } else { own };
    let of_assignee = keys.get(&assignee).unwrap_or(&no_keys);
    let listed: Vec<PairOf> = of_assignee.iter().map(|key| key.x25519).collect();
    let key = match random.below(100) {
        0..70 if !listed.is_empty() => *random.pick(&listed),
        70..80 => (cast.provider, 0),
        80..86 => (cast.customer, 0),
        _ => (assignee, u32::try_from(random.below(2)).unwrap()),
    };
    let version = if random.percent(6) { place + 2 } else { place + 1 };
    GrantFact { granter, version: u32::try_from(version).unwrap(), key, signer, over: !random.percent(8) }
}
