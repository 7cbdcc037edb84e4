//! How the circle of a random history changes, and how the node lies about it.

use std::collections::BTreeSet;

use sealdesk_client::verify::Chain;
use sealdesk_protocol::circle::{Change, Circle, Member};
use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::ids::Address;
use sealdesk_testkit::random::Random;

use super::facts::{ACTORS, ChangeFact, VoteFact, VoteText, Who, address, who};
use super::make::Cast;
use crate::world::NOW;

const DAY: i64 = 86_400;

/// The circles that followed each other, what is kept of the changes, and the circle that is shown.
pub(super) struct Walked {
    pub(super) circles: Vec<Circle>,
    pub(super) changes: Vec<ChangeFact>,
    pub(super) shown: Circle,
}

pub(super) fn walk(random: &mut Random, chain: &Chain, cast: &Cast) -> Walked {
    let mut circles = vec![chain.ancestry.beginning().circle.clone()];
    let mut changes: Vec<ChangeFact> = Vec::new();
    let steps = random.below(5);
    let spoiled = random.percent(26).then(|| random.below(steps.max(1)));
    for step in 0..steps {
        let before = circles[circles.len() - 1].clone();
        let Some(change) = change(random, cast, &before) else { break };
        let votes = voters(random, cast, &before, &change, true);
        let mut fact = fact(chain, &before, &change, &votes);
        let mut after = before.after(&change).unwrap();
        if spoiled == Some(step) {
            after = spoil(random, &Step { cast, chain, before: &before, after: &after }, &mut fact);
        }
        circles.push(after);
        if spoiled != Some(step) || !random.percent(8) {
            changes.push(fact);
        }
    }
    let last = circles.len() - 1;
    let shown = match random.below(100) {
        // Others than the last change leads to.
        0..3 => with_another(&circles[last]),
        // An earlier circle, with later changes beside it.
        3..7 => circles[random.below(last + 1)].clone(),
        _ => circles[last].clone(),
    };
    Walked { circles, changes, shown }
}

/// The circle with one member more, at the same position.
pub(super) fn with_another(circle: &Circle) -> Circle {
    let mut members = circle.members().to_vec();
    let stranger = ACTORS.iter().map(|(_, address)| address).find(|address| !circle.contains(address));
    members.push(Member { address: stranger.unwrap().clone(), since: circle.position() });
    Circle::new(circle.position(), members).unwrap()
}

/// The circle with one member more, at the next position.
pub(super) fn with_another_next(circle: &Circle) -> Circle {
    let members = with_another(circle).members().to_vec();
    Circle::new(circle.next(), members).unwrap()
}

pub(super) fn change(random: &mut Random, cast: &Cast, circle: &Circle) -> Option<Change> {
    let members: Vec<&Address> = circle.members().iter().map(|member| &member.address).collect();
    let staff: Vec<&Address> = cast.staff.iter().map(|who| address(*who)).collect();
    let others: Vec<&&Address> = staff.iter().filter(|who| !circle.contains(who)).collect();
    let removes = members.len() > 1 && (random.percent(45) || members.len() > 4);
    if removes {
        return Some(Change::Remove((*random.pick(&members)).clone()));
    }
    (!others.is_empty()).then(|| Change::Add((**random.pick(&others)).clone()))
}

/// Members whose votes decide the change, or do not.
pub(super) fn voters(
    random: &mut Random,
    cast: &Cast,
    circle: &Circle,
    change: &Change,
    decide: bool,
) -> Vec<Who> {
    let members: Vec<Who> = circle.members().iter().map(|member| who(&member.address)).collect();
    for _ in 0..64 {
        let chosen: Vec<Who> = members.iter().copied().filter(|_| random.percent(60)).collect();
        let set: BTreeSet<Address> = chosen.iter().map(|who| address(*who).clone()).collect();
        if circle.decides(change, &set) == decide {
            return chosen;
        }
    }
    if decide { members } else { vec![cast.thief] }
}

pub(super) fn fact(chain: &Chain, before: &Circle, change: &Change, voters: &[Who]) -> ChangeFact {
    let fingerprint = before.fingerprint(&chain.identity());
    let position = before.next();
    let vote = |(place, voter): (i64, Who)| {
        let made = NOW + i64::try_from(position).unwrap() * DAY + place * 60;
        let (ledger, change) = (chain.chain_id.to_string(), change.clone());
        let signed = Some(VoteText { ledger, fingerprint, position, made, change });
        VoteFact { voter, made, account: voter, signed }
    };
    let mut votes: Vec<VoteFact> = (0..).zip(voters.iter().copied()).map(vote).collect();
    votes.sort_by_key(|vote| address(vote.voter));
    ChangeFact {
        at: position,
        position,
        change: change.clone(),
        chain_id: chain.chain_id.to_string(),
        identity: chain.identity(),
        circle: before.after(change).unwrap_or_else(|_| with_another_next(before)),
        votes,
    }
}

/// A step of the walk.
struct Step<'a> {
    cast: &'a Cast,
    chain: &'a Chain,
    before: &'a Circle,
    after: &'a Circle,
}

/// Makes a change one to which no votes lead (or, now and then, only looks like that), and gives the circle that is said to follow.
fn spoil(random: &mut Random, step: &Step<'_>, fact_of: &mut ChangeFact) -> Circle {
    let Step { cast, chain, before, after } = *step;
    let change = fact_of.change.clone();
    match random.below(22) {
        0..5 => {
            let few = voters(random, cast, before, &change, false);
            let few: Vec<Who> = few.into_iter().filter(|who| before.contains(address(*who))).collect();
            *fact_of = fact(chain, before, &change, &few);
        }
        5 => {
            let everybody: Vec<Who> =
                fact_of.votes.iter().map(|vote| vote.voter).chain([cast.thief]).collect();
            *fact_of = fact(chain, before, &change, &everybody);
        }
        6 => *fact_of = fact(chain, before, &change, &[cast.thief]),
        7 => fact_of.position += 1,
        8 => fact_of.chain_id = "another-1".to_owned(),
        9 => fact_of.identity = Identity([4; 32]),
        10 => {
            fact_of.circle = with_another(after);
            return fact_of.circle.clone();
        }
        // Who is in joins again, and who is not leaves.
        11 => {
            let member = before.members()[0].address.clone();
            let voters: Vec<Who> = before.members().iter().map(|member| who(&member.address)).collect();
            let change = if random.one_in(2) {
                Change::Add(member)
            } else {
                Change::Remove(address(cast.thief).clone())
            };
            *fact_of = fact(chain, before, &change, &voters);
            return fact_of.circle.clone();
        }
        // The circle is emptied, and somebody put in.
        12 => {
            fact_of.circle = Circle::new(
                before.next(),
                vec![Member { address: address(cast.thief).clone(), since: before.next() }],
            )
            .unwrap();
            return fact_of.circle.clone();
        }
        _ => spoil_vote(random, cast, (chain, before), fact_of),
    }
    after.clone()
}

/// Spoils one vote of a change.
fn spoil_vote(
    random: &mut Random,
    cast: &Cast,
    (chain, before): (&Chain, &Circle),
    fact_of: &mut ChangeFact,
) {
    let place = random.below(fact_of.votes.len());
    let how = random.below(12);
    if how == 0 {
        let twice = fact_of.votes[place].clone();
        fact_of.votes.insert(place, twice);
        return;
    }
    if how == 1 && fact_of.votes.len() > 1 {
        fact_of.votes.reverse();
        return;
    }
    let vote = &mut fact_of.votes[place];
    let text = vote.signed.as_mut().unwrap();
    match how {
        2 => text.fingerprint = chain.ancestry.beginning().circle.fingerprint(&Identity([4; 32])),
        3 => text.fingerprint = with_another(before).fingerprint(&chain.identity()),
        4 => text.position += 1,
        5 => text.made += 1,
        6 => text.change = Change::of(address(cast.thief).clone(), text.change.removes()),
        7 => text.change = Change::of(text.change.address().clone(), !text.change.removes()),
        8 => vote.account = cast.thief,
        9 => text.ledger = "another-1".to_owned(),
        // Sixty days apart to the second are allowed, and one more is not.
        10 | 11 => {
            let first = fact_of.votes.iter().map(|vote| vote.made).min().unwrap();
            let made = first + 60 * DAY + i64::from(how == 10);
            if let Some(vote) = fact_of.votes.last_mut().filter(|vote| vote.made != first) {
                vote.made = made;
                vote.signed.as_mut().unwrap().made = made;
            }
        }
        _ => vote.signed = None,
    }
}
