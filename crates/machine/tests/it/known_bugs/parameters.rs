//! Parameters at their edges and in the middle of a block.

use super::*;

#[test]
fn bug_62_no_change_of_parameters_makes_the_next_one_impossible() {
    let Cast { mut desk, admin, .. } = cast();
    let second = Person::new("second administrator");
    desk.must(&admin, vec![assign_role(&admin, &second, "administrator")]);
    desk.refuse(
        &admin,
        vec![update_params(&admin, &Params { max_recipients: 3, ..Params::default() })],
        "support",
        14,
    );
    desk.must(&admin, vec![update_params(&admin, &Params { max_recipients: 4, ..Params::default() })]);
    let third = Person::new("third administrator");
    desk.refuse(&admin, vec![assign_role(&admin, &third, "administrator")], "roles", 12);
    desk.must(&admin, vec![update_params(&admin, &Params::default())]);
    desk.must(&admin, vec![assign_role(&admin, &third, "administrator")]);
}

#[test]
fn bug_63_a_change_of_parameters_is_valid_from_the_next_block_and_not_before() {
    let Cast { mut desk, admin, customer, .. } = cast();
    let tight = Params { listed_customers: true, max_recipients: 3, ..Params::default() };
    desk.begin(desk.time + 1);
    let tx = desk.tx(&admin, vec![update_params(&admin, &tight)]);
    assert_eq!(desk.execute(&tx).code, 0);
    let tx = desk.tx(&customer, vec![create(&desk, &customer, &[&admin, &customer])]);
    assert_eq!(desk.execute(&tx).code, 0, "still under the old parameters");
    // Yet what the next block's parameters forbid is not made possible in the meantime.
    let second = Person::new("second administrator");
    let tx = desk.tx(&admin, vec![assign_role(&admin, &second, "administrator")]);
    assert_eq!(code(&desk.execute(&tx)), ("roles", 12));
    desk.end();
    assert_eq!(desk.machine.params(&desk.snapshot()).unwrap().params.unwrap(), tight.to_wire());
    desk.pass_to(desk.time + 60);
    let message = create(&desk, &customer, &[&admin, &customer]);
    desk.refuse(&customer, vec![message], "support", 7);
    desk.must(&admin, vec![assign_role(&admin, &customer, "customer")]);
    let message = create(&desk, &customer, &[&admin, &customer]);
    desk.must(&customer, vec![message]);
}
