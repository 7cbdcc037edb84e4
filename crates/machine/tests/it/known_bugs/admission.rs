//! What gets into a mempool: nothing that nobody could allow, and nothing that a block would take is kept out.

use prost_types::Any;

use super::*;

/// What a mempool says of a message: the code of its refusal, or `None` where it is taken.
fn asked(desk: &Desk, person: &Person, message: Any) -> Option<(String, u32)> {
    let tx = desk.tx(person, vec![message]);
    let checked = desk.machine.check(&desk.snapshot(), &tx, &|_| None, &super::next(desk)).unwrap();
    checked.err().map(|refusal| (refusal.codespace().to_owned(), refusal.code()))
}

#[test]
fn what_nobody_could_allow_to_an_account_is_refused_before_the_mempool() {
    let Cast { mut desk, admin, customer, agent, .. } = cast();
    let stranger = Person::new("a stranger");
    let unauthorized = |module: &str, code: u32| Some((module.to_owned(), code));
    let listed = Params { listed_customers: true, ..Params::default() };
    assert_eq!(asked(&desk, &customer, create(&desk, &customer, &[&admin, &customer])), None);
    desk.must(&admin, vec![update_params(&admin, &listed)]);
    desk.pass_to(desk.time + 60);
    let ticket = create(&desk, &customer, &[&admin, &customer]);
    assert_eq!(asked(&desk, &customer, ticket.clone()), unauthorized("support", 7));
    for (message, module) in [
        (assign_role(&stranger, &stranger, "administrator"), "roles"),
        (set_state(&stranger, &admin, "suspended"), "roles"),
        (update_params(&stranger, &Params::default()), "support"),
        (assign(&stranger, 1, &agent), "support"),
        (resolve(&stranger, 1), "support"),
        (priority(&stranger, 1, "high"), "support"),
        (status(&stranger, 1, "in_progress"), "support"),
    ] {
        let refused = asked(&desk, &stranger, message.clone()).unwrap();
        let executed = desk.send(&stranger, vec![message]);
        assert_eq!(refused.0, module);
        // A block that has it all the same refuses it too; where the ticket is not there, it says that first.
        assert_ne!(executed.code, 0);
        assert!(refused.1 == executed.code || executed.codespace == "support", "{refused:?} {executed:?}");
    }
    // What depends on the ticket is for the block to judge.
    assert_eq!(asked(&desk, &stranger, close(&stranger, 1)), None);
    assert_eq!(asked(&desk, &agent, resolve(&agent, 1)), None, "it may be assigned to them");
    assert_eq!(asked(&desk, &stranger, register(&stranger, 0)), None);
    // Whoever is listed gets in again.
    desk.must(&admin, vec![assign_role(&admin, &customer, "customer")]);
    assert_eq!(asked(&desk, &customer, create(&desk, &customer, &[&admin, &customer])), None);
    // A message after one that changes roles is judged with the roles that it will have.
    let newcomer = Person::new("a new agent");
    let role = desk.complete(&admin, assign_role(&admin, &newcomer, "support_agent"));
    let both = vec![role, resolve(&newcomer, 1)];
    let signers = [(&admin, desk.sequence(&admin)), (&newcomer, 0)];
    let tx = transaction(both, &signers, &Options::default());
    assert!(desk.machine.check(&desk.snapshot(), &tx, &|_| None, &super::next(&desk)).unwrap().is_ok());
}

#[test]
fn a_newcomer_is_an_account_of_which_the_ledger_has_nothing() {
    let Cast { mut desk, admin, .. } = cast();
    let (stranger, listed) = (Person::new("a stranger"), Person::new("a listed customer"));
    let is_new =
        |desk: &Desk, person: &Person| desk.machine.is_newcomer(&desk.snapshot(), &person.address).unwrap();
    assert!(!is_new(&desk, &admin) && is_new(&desk, &stranger) && is_new(&desk, &listed));
    desk.must(&admin, vec![assign_role(&admin, &listed, "customer")]);
    desk.must(&stranger, vec![register(&stranger, 0)]);
    assert!(!is_new(&desk, &stranger) && !is_new(&desk, &listed));
}
