//! Ledgers that say that they continue a trusted one: a home follows its administrators' votes, and neither a node nor validators.

use sealdesk_client::Error;
use sealdesk_client::actor::Actor;
use sealdesk_client::compose::sign_text;
use sealdesk_client::trust::remembered::{Contradiction, Remembered};
use sealdesk_client::trust::{Continuation, Pin, Trust};
use sealdesk_client::verify::VerifyError;
use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::circle::{Ballot, Change, Circle, Ledger, Vote};
use sealdesk_protocol::identity::{Ancestry, Beginning, Continues, Identity};
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{
    Appointment, CircleChange, LedgerContinues, MemberRecord, MemberVote,
};
use serde_json::json;

use crate::world::people::{actor_of, chain};
use crate::world::{NOW, Shared, open_vote, people, prefix, put_circle, write};

/// The block with which the old ledger ends.
const LEFT_AT: u64 = 40;

fn address(actor: &Actor) -> Address {
    actor.address(&prefix())
}

fn trio() -> [&'static Actor; 3] {
    [&people().admin, &people().others[0], &people().others[1]]
}

fn vote(ledger: &Ledger, circle: &Circle, actor: &Actor, ballot: &Ballot<'_>) -> MemberVote {
    let (voter, fingerprint) = (address(actor), circle.fingerprint(&ledger.identity));
    let text = ballot.text(&ledger.chain_id, &fingerprint, circle.next(), NOW);
    let signature = sign_text(actor.account().unwrap(), &voter, &text).unwrap();
    Vote { voter, made: NOW, account_pub_key: (*actor.public_key()).into(), signature: signature.into() }
        .to_wire()
}

/// Votes of these that the ledger of an identity continues `old`.
pub(crate) fn votes(old: &Beginning, circle: &Circle, voters: &[&Actor], new: &Identity) -> LedgerContinues {
    let ballot = Ballot::Continue(new);
    let mut votes: Vec<_> =
        voters.iter().map(|voter| vote(&Ledger::of(old), circle, voter, &ballot)).collect();
    votes.sort_by(|a, b| a.voter.cmp(&b.voter));
    LedgerContinues { votes }
}

/// A line of ledgers, each of which continues the one before, and the changes that were made on them.
#[derive(Clone)]
struct Line {
    ledgers: Vec<Beginning>,
    circle: Circle,
    changes: Vec<CircleChange>,
}

impl Line {
    /// The ledger of the tests.
    fn new() -> Self {
        let beginning = chain().ancestry.beginning().clone();
        Self { circle: beginning.circle.clone(), ledgers: vec![beginning], changes: Vec::new() }
    }

    /// The same with three administrators.
    fn of_three() -> Self {
        trio()[1..].iter().fold(Self::new(), |line, actor| line.adds(actor))
    }

    fn here(&self) -> &Beginning {
        self.ledgers.last().unwrap()
    }

    /// A change with the votes of all members.
    fn changes(mut self, change: &Change) -> Self {
        let (ledger, after) = (Ledger::of(self.here()), self.circle.after(change).unwrap());
        let members = self.circle.members().iter();
        let votes = members
            .map(|member| vote(&ledger, &self.circle, actor_of(&member.address), &Ballot::Change(change)));
        self.changes.push(CircleChange {
            position: after.position(),
            address: change.address().to_string(),
            removes: change.removes(),
            votes: votes.collect(),
            changed_at: NOW,
            circle: after.encode(),
            chain_id: ledger.chain_id.to_string(),
            identity: ledger.identity.0.to_vec(),
        });
        Self { circle: after, ..self }
    }

    fn adds(self, actor: &Actor) -> Self {
        self.changes(&Change::Add(address(actor)))
    }

    fn removes(self, actor: &Actor) -> Self {
        self.changes(&Change::Remove(address(actor)))
    }

    /// A ledger that continues the last one. `salt` makes it another one.
    fn goes_on(mut self, salt: u8) -> Self {
        let continues = Continues { identity: self.here().identity(), height: LEFT_AT, app_hash: [salt; 32] };
        let (circle, continues) = (self.circle.clone(), Some(continues));
        let next = Beginning { circle, continues, ..self.here().clone() };
        self.ledgers.push(next);
        self
    }

    fn ancestry(&self) -> Ancestry {
        let (last, earlier) = self.ledgers.split_last().unwrap();
        Ancestry::new(last.clone(), earlier.to_vec()).unwrap()
    }

    /// These vote that the last ledger continues the one before it.
    fn voted(&self, voters: &[&Actor]) -> LedgerContinues {
        let before = &self.ledgers[self.ledgers.len() - 2];
        votes(before, &self.here().circle, voters, &self.here().identity())
    }

    /// A node of the last ledger, which shows these votes.
    fn shown(&self, votes: &LedgerContinues) -> Shared {
        let shared = Shared::new();
        shared.lock().change(|state| {
            write(state, tree::BEGINNING, &self.ancestry().to_wire());
            put_circle(state, &self.circle);
            for change in &self.changes {
                write(state, &tree::circle_change(change.position), change);
            }
            write(state, tree::CONTINUES, votes);
        });
        shared
    }

    /// What a home knows that followed the first ledger this far, and saw it at a height.
    fn pin(&self, height: u64) -> Pin {
        let pin = Pin::of_beginning(chain());
        let readers = [address(&people().agent)].into();
        let (circle, changes) = (self.circle.clone(), self.changes.clone());
        Pin { circle, changes, height, time: NOW, agreed: true, readers, ..pin }
    }
}

async fn follow(shared: &Shared, old: &Pin) -> Result<Continuation, VerifyError> {
    let desk = shared.desk().await;
    match desk.continuation(old).await {
        Ok(continuation) => Ok(continuation),
        Err(Error::Verify(why)) => Err(why),
        Err(other) => panic!("{other}"),
    }
}

async fn refused(shared: &Shared, old: &Pin, because: &str) {
    let why = follow(shared, old).await.unwrap_err();
    assert!(matches!(why, VerifyError::NotContinued { .. }), "{why}");
    assert!(why.to_string().contains(because), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_ledger_is_followed_with_more_than_half_of_the_old_circles_votes() {
    let old = Line::of_three();
    let new = old.clone().goes_on(1);
    let [admin, second, third] = trio();
    for voters in [&[admin, second][..], &[second, third], &[admin, second, third]] {
        let shared = new.shown(&new.voted(voters));
        let found = follow(&shared, &old.pin(9)).await.unwrap();
        assert_eq!((found.height, found.seen, found.is_behind()), (LEFT_AT, 9, false));
        assert_eq!((found.votes, found.members), (voters.len(), 3));
        assert_eq!(found.old, chain().ledger());
    }
    for voters in [&[][..], &[admin], &[third]] {
        refused(&new.shown(&new.voted(voters)), &old.pin(9), "of 3 administrators voted").await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_home_takes_people_and_changes_along_and_keeps_the_old_pin() {
    let old = Line::of_three();
    let [admin, second, _] = trio();
    let new = old.clone().goes_on(1).removes(second);
    let ledger = new.here();
    let ballots = votes(&old.ledgers[0], &ledger.circle, &[admin, second], &ledger.identity());
    for (seen, behind) in [(LEFT_AT, false), (LEFT_AT + 1, true)] {
        let desk = new.shown(&ballots).desk().await;
        let pin = old.pin(seen);
        let found = desk.continuation(&pin).await.unwrap();
        assert_eq!(found.is_behind(), behind, "{seen}");
        let followed = desk.pin().continuing(&pin, &found);
        assert_eq!(followed.ledger.identity, new.here().identity());
        assert!(followed.agreed && followed.readers.contains(&address(&people().agent)));
        // Changes of both ledgers, in their order.
        let positions: Vec<u64> = followed.changes.iter().map(|change| change.position).collect();
        assert_eq!(positions, [1, 2, 3]);
        assert_eq!((followed.height, followed.time), (desk.pin().height, desk.pin().time));
        assert_eq!(pin, old.pin(seen), "the old pin stays");
        desk.memory().take_over(&pin, &found);
        assert_eq!(desk.pin(), followed);
    }
}

/// What a home remembers of the first ledger: that an agent went, in its state of a height.
fn saw_them_go(agent: &Address, made: i64, height: u64) -> Remembered {
    let identity = chain().ancestry.beginning().identity();
    let agents = json!({ agent.to_string(): (made, made + 10, height, 1) });
    let file = json!({
        "identity": identity.to_string(), "tickets": {}, "people": {}, "votes": [], "agents": agents
    });
    Remembered::from_json(file.to_string().as_bytes(), &prefix(), &identity).unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_agent_whom_a_home_saw_go_is_none_on_the_ledger_that_continues() {
    let new = Line::of_three().goes_on(1);
    let (agent, first) = (address(&people().agent), new.ledgers[0].identity());
    let made = NOW - 90_000;
    let shown = |made| {
        let shared = new.shown(&new.voted(&trio()));
        let appointment = Appointment { made, ..Appointment::default() };
        let record = MemberRecord {
            role: AssignableRole::SupportAgent.to_wire(),
            state: AccountState::Active.to_wire(),
            appointment: Some(appointment),
            ..MemberRecord::default()
        };
        shared.lock().change(|state| write(state, &tree::member(&agent), &record));
        shared
    };
    let standing = async |shared: &Shared, height| {
        let desk = shared.desk().await.with_earlier_agents(&first, &saw_them_go(&agent, made, height));
        desk.standing(&agent).await.map(drop)
    };
    let why = standing(&shown(made), LEFT_AT).await.unwrap_err();
    assert!(matches!(&why, Error::Verify(VerifyError::Contradiction(Contradiction::Ended(_)))), "{why}");
    // By a new appointment they are one; and an older copy does not know that they went.
    assert!(standing(&shown(NOW - 9), LEFT_AT).await.is_ok());
    assert!(standing(&shown(made), LEFT_AT + 1).await.is_ok());
    // The home remembers it of the new ledger from then on.
    let desk = shown(NOW - 9).desk().await.with_earlier_agents(&first, &saw_them_go(&agent, made, 9));
    assert!(desk.memory().take_remembered().unwrap().agent(&agent).unwrap().is_gone());
    // A ledger that does not lead here says nothing of it.
    let stranger = Identity([9; 32]);
    let desk = shown(made).desk().await.with_earlier_agents(&stranger, &saw_them_go(&agent, made, 9));
    assert!(desk.standing(&agent).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_home_that_has_not_looked_for_long_follows_the_changes_between() {
    let [admin, second, third] = trio();
    let new = Line::of_three().removes(second).adds(&people().others[2]).goes_on(1);
    let shared = new.shown(&new.voted(&[admin, third]));
    for known in [Line::new(), Line::of_three()] {
        assert!(follow(&shared, &known.pin(9)).await.is_ok());
    }
    // A change that nobody voted for, and one that is left out.
    let mut forged = new.clone();
    forged.changes[2].votes[0].account_signature[9] ^= 1;
    let shared = forged.shown(&new.voted(&[admin, third]));
    let why = shared.open(Trust::FirstUse).await.unwrap().continuation(&Line::of_three().pin(9)).await;
    assert!(why.unwrap_err().to_string().contains("is not theirs"));
    let mut shorter = new.clone();
    shorter.changes.remove(2);
    let why = follow(&shorter.shown(&new.voted(&[admin, third])), &Line::of_three().pin(9)).await;
    assert!(matches!(why, Err(VerifyError::Missing(_))), "{why:?}");
}

#[tokio::test(start_paused = true)]
async fn forged_votes_move_nobody() {
    let old = Line::of_three();
    let new = old.clone().goes_on(1);
    let [admin, second, _] = trio();
    let (thief, good) = (&people().others[3], new.voted(&[admin, second]));
    let spoilt = |spoil: &dyn Fn(&mut LedgerContinues)| {
        let mut votes = good.clone();
        spoil(&mut votes);
        new.shown(&votes)
    };
    let theirs = "is not theirs";
    refused(&spoilt(&|votes| votes.votes[1].account_signature[7] ^= 1), &old.pin(9), theirs).await;
    refused(&spoilt(&|votes| votes.votes[1].made += 1), &old.pin(9), theirs).await;
    // Another account's signature under a member's name, a stranger's vote, and one vote twice.
    let key = thief.public_key().to_vec();
    refused(&spoilt(&|votes| votes.votes[1].account_pub_key.clone_from(&key)), &old.pin(9), theirs).await;
    let strangers = new.voted(&[admin, thief]);
    refused(&new.shown(&strangers), &old.pin(9), "was not a member").await;
    refused(&spoilt(&|votes| votes.votes[1] = votes.votes[0].clone()), &old.pin(9), "each once").await;
}

#[tokio::test(start_paused = true)]
async fn votes_for_another_ledger_are_not_good_for_a_third_one() {
    let old = Line::of_three();
    let (meant, third) = (old.clone().goes_on(1), old.clone().goes_on(2));
    let good = meant.voted(&trio());
    assert!(follow(&meant.shown(&good), &old.pin(9)).await.is_ok());
    refused(&third.shown(&good), &old.pin(9), "is not theirs").await;
    // Nor are votes of another ledger's members, or of another circle of these.
    let elsewhere = Beginning { validators_hash: [3; 32], ..old.ledgers[0].clone() };
    let identity = meant.here().identity();
    let replayed = votes(&elsewhere, &meant.here().circle, &trio(), &identity);
    refused(&meant.shown(&replayed), &old.pin(9), "is not theirs").await;
    let earlier = votes(&old.ledgers[0], &Line::new().circle, &[&people().admin], &identity);
    refused(&meant.shown(&earlier), &old.pin(9), "is not theirs").await;
}

#[tokio::test(start_paused = true)]
async fn a_home_that_knows_a_later_circle_is_not_led_back() {
    // The older backup brings a removed administrator back, and all of them vote for it.
    let old = Line::of_three();
    let later = old.clone().removes(trio()[2]);
    let new = old.clone().goes_on(1);
    let shared = new.shown(&new.voted(&trio()));
    refused(&shared, &later.pin(9), "an older copy").await;
    assert!(follow(&shared, &old.pin(9)).await.is_ok(), "who has not seen the change can be led");
}

#[tokio::test(start_paused = true)]
async fn validators_alone_lead_nobody_to_administrators_of_theirs() {
    let (old, thief) = (Line::of_three(), &people().others[3]);
    // As many members, at the same place, and votes of all of them.
    let mut usurped = old.clone();
    let members = old.circle.members().iter().cloned().map(|mut member| {
        if member.address == address(trio()[0]) {
            member.address = address(thief);
        }
        member
    });
    usurped.circle = Circle::new(2, members.collect()).unwrap();
    let new = usurped.goes_on(1);
    let shared = new.shown(&new.voted(&[trio()[1], trio()[2], thief]));
    let refused = |opened: Result<Continuation, Error>| opened.unwrap_err().to_string();
    let desk = shared.desk().await;
    let why = refused(desk.continuation(&old.pin(9)).await);
    assert!(why.contains("other administrators"), "{why}");
    // The same name and another identity, and a ledger that continues none.
    let mut other = old.pin(9);
    other.ledger.identity = Identity([9; 32]);
    let why = refused(desk.continuation(&other).await);
    assert!(why.contains("does not come from that ledger"), "{why}");
    let why = refused(Shared::new().desk().await.continuation(&other).await);
    assert!(why.contains("does not come from that ledger"), "{why}");
    let told = shared.open(Trust::NodeTrusted).await.unwrap();
    let why = told.continuation(&old.pin(9)).await.unwrap_err();
    assert!(matches!(why, Error::Verify(VerifyError::NodeTrusted)), "{why}");
}

#[tokio::test(start_paused = true)]
async fn who_slept_through_one_continuation_is_led_through_both() {
    let [admin, second, third] = trio();
    let first = Line::of_three();
    let last = first.clone().goes_on(1).removes(second).goes_on(2);
    let shared = last.shown(&last.voted(&[admin, third]));
    let found = follow(&shared, &first.pin(LEFT_AT + 5)).await.unwrap();
    assert!(found.is_behind() && found.members == 2);
    refused(&last.shown(&last.voted(&[admin])), &first.pin(9), "of 2 administrators voted").await;
    // A change on the ledger between that its circle did not vote for.
    let mut forged = last.clone();
    forged.changes[2].votes.truncate(1);
    let why = follow(&forged.shown(&last.voted(&[admin, third])), &first.pin(9)).await.unwrap_err();
    assert!(matches!(why, VerifyError::NotContinued { .. }), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_vote_that_a_ledger_continues_another_is_signed_by_fresh_proven_facts_only() {
    let new = Line::of_three().goes_on(1);
    let shared = new.shown(&LedgerContinues::default());
    let admin = &people().admin;
    let told = shared.open(Trust::NodeTrusted).await.unwrap();
    let error = told.continue_ledger(admin).await.unwrap_err();
    assert!(matches!(error, Error::Verify(VerifyError::NodeTrusted)), "{error}");
    let desk = shared.desk().await;
    shared.pass(3_600);
    let error = desk.continue_ledger(admin).await.unwrap_err();
    assert!(matches!(error, Error::Verify(VerifyError::Age { .. })), "{error}");
    assert_eq!(shared.lock().txs.len(), 0, "nothing was sent");
    shared.pass(-3_600);
    let first = desk.continue_ledger(admin).await.unwrap();
    assert_eq!((first.vote, first.proven), (Some(open_vote(1, 3)), true));
    refused(&shared, &Line::of_three().pin(9), "1 of 3 administrators voted").await;
    let second = desk.continue_ledger(trio()[1]).await.unwrap();
    assert_eq!((second.vote, second.proven), (Some(sealdesk_client::outcome::Vote::Decided), true));
    assert!(follow(&shared, &Line::of_three().pin(9)).await.is_ok());
    // A ledger that continues none has nothing to vote on.
    assert!(Shared::new().desk().await.continue_ledger(admin).await.is_err());
}
