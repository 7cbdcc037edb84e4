//! What a home remembers of a contract, against a node that tells another story the next time.

use sealdesk_client::stacks::send::{Approve, Bounds, Plan, Sender};
use sealdesk_client::stacks::wire::principal::Principal;
use sealdesk_client::stacks::wire::transaction::TxId;
use sealdesk_client::stacks::wire::value::{Kind, Value};
use sealdesk_client::stacks::{Error, NewComment, NewTicket};
use sealdesk_client::trust::remembered::file::{RememberedError, RememberedFile};
use sealdesk_client::trust::remembered::{Contradiction, Remembered};
use sealdesk_protocol::ticket::Priority;

use super::world::{World, chain_id, people, principal};
use super::{Agreeing, first};

/// A customer, and two administrators, of whom mallory is the second.
fn world() -> World {
    let (admin, alice, mallory) = people();
    let mut world = World::default();
    for person in [&admin, &alice, &mallory] {
        world.register(person, person, &chain_id());
    }
    world.appoint(&admin, &mallory, &admin);
    world.write(&alice, &alice, &[&admin, &alice]);
    world
}

/// Alice answers; what she was told, and what her home remembers then.
async fn answer(
    world: World,
    known: Remembered<Principal>,
) -> (Result<(), Error>, Vec<String>, Remembered<Principal>) {
    let (desk, mut agreeing, (_, alice, _)) =
        (world.desk().with_remembered(known.clone()), Agreeing::default(), people());
    let mut sender = Sender { actor: &alice, bounds: Bounds::default(), approve: &mut agreeing };
    let done = desk.comment(&mut sender, &NewComment::new(first(), "Text.", false)).await.map(|_| ());
    let kept = desk.memory().take_remembered().unwrap_or(known);
    (done, agreeing.notes, kept)
}

#[tokio::test(start_paused = true)]
async fn a_reader_who_is_new_to_this_home_is_named_once() {
    let (admin, _, mallory) = people();
    let same = world();
    let (done, notes, known) = answer(same.clone(), Remembered::default()).await;
    done.unwrap();
    assert_eq!(notes.len(), 2, "{notes:?}");
    assert!(
        notes
            .iter()
            .any(|note| *note == format!("new reader: {}, who deployed the contract", principal(&admin)))
    );
    let appointed = format!("new reader: {}, administrator, by {}", principal(&mallory), principal(&admin));
    assert!(notes.contains(&appointed), "{notes:?}");
    let (done, notes, known) = answer(same.clone(), known).await;
    done.unwrap();
    assert_eq!(notes, Vec::<String>::new());
    // An administrator who is none any more is left out, and that is said.
    let mut without = same;
    without.administrators.clear();
    let (done, notes, _) = answer(without, known).await;
    done.unwrap();
    assert!(
        notes.len() == 1 && notes[0].contains(&format!("left out: {}", principal(&mallory))),
        "{notes:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_contradicts_what_a_home_saw_is_refused() {
    let (admin, _, mallory) = people();
    let same = world();
    let (done, _, known) = answer(same.clone(), Remembered::default()).await;
    done.unwrap();
    let told = async |change: &dyn Fn(&mut World)| {
        let mut world = same.clone();
        change(&mut world);
        match answer(world, known.clone()).await.0 {
            Ok(()) => None,
            Err(Error::Contradiction(found)) => Some(*found),
            Err(other) => panic!("{other}"),
        }
    };
    assert_eq!(told(&|_| {}).await, None);
    let (admins, mallorys) = (principal(&admin), principal(&mallory));
    // No signature says when a key was registered, nor under which number.
    assert_eq!(told(&|world| world.change_key(&admin, "registered-at", Value::uint(2_u64))).await, None);
    let moved = |world: &mut World| {
        let other = world.keys[&admins][0].clone();
        world.keys.get_mut(&mallorys).unwrap().insert(0, other);
    };
    assert_eq!(told(&moved).await, None);
    let gone = told(&|world| world.keys.get_mut(&admins).unwrap().clear()).await;
    assert_eq!(gone, Some(Contradiction::KeyGone(admins.clone())));
    let text = told(&|world| world.change_ticket("payload-hash", Value::buffer(&[7; 32]).unwrap())).await;
    assert_eq!(text, Some(Contradiction::Text(first())));
    let customer = told(&|world| world.change_ticket("owner", Value::principal(mallorys.clone()))).await;
    assert!(matches!(customer, Some(Contradiction::Customer { .. })), "{customer:?}");
    assert_eq!(told(&|world| world.ticket = None).await, Some(Contradiction::Gone(first())));
}

/// What a node can invent: heights, revocations, keys that nobody signed, another ticket.
fn lies(world: &World) -> Vec<World> {
    let (admin, alice, mallory) = people();
    let revoked = Value::new(Kind::Some(Box::new(Value::uint(3_u64)))).unwrap();
    let mut keys = world.clone();
    keys.change_key(&alice, "registered-at", Value::uint(0_u64));
    keys.change_key(&admin, "revoked-at", revoked);
    let invented = keys.keys[&principal(&alice)][0].clone();
    keys.keys.get_mut(&principal(&mallory)).unwrap().insert(0, invented);
    let mut unsigned = world.clone();
    unsigned.transactions.clear();
    unsigned.change_key(&admin, "proof", Value::buffer(&[7; 64]).unwrap());
    let mut text = world.clone();
    text.change_ticket("payload-hash", Value::buffer(&[7; 32]).unwrap());
    let mut owner = world.clone();
    owner.change_ticket("owner", Value::principal(principal(&mallory)));
    vec![keys, unsigned, text, owner]
}

#[tokio::test(start_paused = true)]
async fn a_node_that_lied_first_makes_no_honest_one_refused() {
    let ((_, alice, _), world) = (people(), world());
    let (_, fresh, _) = answer(world.clone(), Remembered::default()).await;
    for (place, lie) in lies(&world).into_iter().enumerate() {
        let desk = lie.clone().desk();
        // What comes of these is not asked: only what stays of them.
        let _ = desk.read(&alice, first()).await;
        let mut declining = Declining::default();
        for internal in [false, true] {
            let mut sender = Sender { actor: &alice, bounds: Bounds::default(), approve: &mut declining };
            let _ = desk.comment(&mut sender, &NewComment::new(first(), "Text.", internal)).await;
        }
        let known = desk.memory().take_remembered().unwrap_or_default();
        let honest = world.clone().desk().with_remembered(known.clone());
        honest.read(&alice, first()).await.unwrap_or_else(|error| panic!("{place}: {error}"));
        let (done, notes, _) = answer(world.clone(), known).await;
        done.unwrap_or_else(|error| panic!("{place}: {error}"));
        assert_eq!(notes, fresh, "{place}");
    }
}

/// Agrees to nothing.
#[derive(Default)]
struct Declining(Vec<String>);

impl Approve for Declining {
    fn approve(&mut self, _: &Plan) -> Result<(), Error> {
        Err(Error::Declined)
    }

    fn note(&mut self, line: &str) {
        self.0.push(line.to_owned());
    }

    fn sent(&mut self, what: &str, _: TxId) {
        panic!("{what} was sent");
    }

    fn unanswered(&mut self, what: &str, _: TxId) {
        panic!("{what} was sent");
    }
}

#[tokio::test(start_paused = true)]
async fn a_reader_is_as_new_as_before_where_the_writer_declined() {
    let ((admin, alice, mallory), world) = (people(), world());
    let desk = world.clone().desk();
    let mut declining = Declining::default();
    let mut sender = Sender { actor: &alice, bounds: Bounds::default(), approve: &mut declining };
    let declined = desk.comment(&mut sender, &NewComment::new(first(), "Text.", false)).await;
    assert!(matches!(declined, Err(Error::Declined)), "{declined:?}");
    let ticket = NewTicket::new("other", Priority::Normal, "Subject", "Text.");
    let declined = desk.create_ticket(&mut sender, &ticket).await;
    assert!(matches!(declined, Err(Error::Declined)), "{declined:?}");
    let mut sender = Sender { actor: &admin, bounds: Bounds::default(), approve: &mut declining };
    let declined = desk.assign(&mut sender, first(), &principal(&mallory)).await;
    assert!(matches!(declined, Err(Error::Declined)), "{declined:?}");
    let named = declining.0.iter().filter(|line| line.contains(&principal(&mallory).to_string()));
    assert_eq!(named.count(), 3, "{:?}", declining.0);
    let known = desk.memory().take_remembered().unwrap();
    assert!([&admin, &mallory].iter().all(|who| !known.has_sealed_for(&principal(who))));
    assert!(known.administrators().is_empty());
    let (_, notes, known) = answer(world, known).await;
    assert_eq!(notes.len(), 2, "{notes:?}");
    assert!(known.has_sealed_for(&principal(&mallory)) && known.administrators().len() == 2);
}

#[tokio::test(start_paused = true)]
async fn what_is_remembered_of_a_contract_comes_back_from_its_file() {
    let (_, _, known) = answer(world(), Remembered::default()).await;
    let home = tempfile::tempdir().unwrap();
    let identity = world().desk().identity();
    let file = RememberedFile::<Principal>::named_by(home.path(), (), &identity);
    file.keep(known.clone()).unwrap();
    assert_eq!(file.load().unwrap(), known);
    std::fs::write(file.path(), "{}").unwrap();
    assert!(matches!(file.load(), Err(RememberedError::Form { .. })));
    file.forget().unwrap();
    assert_eq!(file.load().unwrap(), Remembered::default());
}
