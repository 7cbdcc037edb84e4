//! What a home remembers of a contract, against a node that tells another story the next time.

use sealdesk_client::stacks::send::{Bounds, Sender};
use sealdesk_client::stacks::wire::principal::Principal;
use sealdesk_client::stacks::wire::value::{Kind, Value};
use sealdesk_client::stacks::{Error, NewComment};
use sealdesk_client::trust::remembered::file::{RememberedError, RememberedFile};
use sealdesk_client::trust::remembered::{Contradiction, Remembered};

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
    let revoked = || Value::new(Kind::Some(Box::new(Value::uint(3_u64)))).unwrap();
    let mut same = world();
    same.change_key(&mallory, "revoked-at", revoked());
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
    let none = || Value::new(Kind::None).unwrap();
    let (admins, mallorys) = (principal(&admin), principal(&mallory));
    let revived = told(&|world| world.change_key(&mallory, "revoked-at", none())).await;
    assert_eq!(revived, Some(Contradiction::Revived { person: mallorys.clone(), version: 1 }));
    let other = told(&|world| world.change_key(&admin, "registered-at", Value::uint(2_u64))).await;
    assert_eq!(other, Some(Contradiction::Key { person: admins.clone(), version: 1 }));
    let gone = told(&|world| world.keys.get_mut(&admins).unwrap().clear()).await;
    assert_eq!(gone, Some(Contradiction::Key { person: admins.clone(), version: 1 }));
    let text = told(&|world| world.change_ticket("payload-hash", Value::buffer(&[7; 32]).unwrap())).await;
    assert_eq!(text, Some(Contradiction::Text(first())));
    let customer = told(&|world| world.change_ticket("owner", Value::principal(mallorys.clone()))).await;
    assert!(matches!(customer, Some(Contradiction::Customer { .. })), "{customer:?}");
    assert_eq!(told(&|world| world.ticket = None).await, Some(Contradiction::Gone(first())));
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
