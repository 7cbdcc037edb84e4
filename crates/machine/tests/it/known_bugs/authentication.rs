//! Sequences, chains, accounts and roles.

use super::*;

#[test]
fn bug_23_a_sequence_is_used_once_in_order_and_never_overflows() {
    let Cast { mut desk, admin, agent, .. } = cast();
    let next = desk.sequence(&agent);
    let ledger = desk.ledger();
    let signed = |n| complete(&ledger, &agent, register(&agent, n));
    let register_one = |sequence| transaction(vec![signed(1)], &[(&agent, sequence)], &Options::default());
    for sequence in [next + 1, next - 1, 0, u64::MAX] {
        let before = desk.root();
        let executed = desk.block(&register_one(sequence));
        assert_eq!(code(&executed), ("sdk", 32));
        assert_eq!(
            executed.log,
            format!("account sequence mismatch, expected {next}, got {sequence}: incorrect account sequence")
        );
        assert_eq!(desk.root(), before);
    }
    // Two in flight: the mempool's pending sequence lets the second in, and the block takes both.
    let first = register_one(next);
    let second = transaction(vec![signed(2)], &[(&agent, next + 1)], &Options::default());
    let check = |tx: &[u8], pending: Option<u64>| {
        desk.machine.check(&desk.snapshot(), tx, &|_| pending, &super::next(&desk)).unwrap().map(|_| ())
    };
    assert!(check(&first, None).is_ok());
    assert_eq!(check(&second, None).unwrap_err().code(), 32);
    assert!(check(&second, Some(next + 1)).is_ok());
    desk.begin(desk.time + 1);
    assert_eq!(desk.execute(&first).code, 0);
    assert_eq!(desk.execute(&second).code, 0);
    desk.end();
    // The last number there is: exported accounts may have any.
    let chain = ChainId::parse("worn-out").unwrap();
    let mut export = desk.machine.export(&desk.snapshot(), Some(&chain)).unwrap();
    let account =
        export.app_state.accounts.iter_mut().find(|account| account.address == admin.address.as_str());
    account.unwrap().sequence = u64::MAX;
    let mut worn = Desk::from_genesis(&export);
    let options = Options { chain: Some(chain), ..Options::default() };
    let tx = transaction(vec![close(&admin, 1)], &[(&admin, u64::MAX)], &options);
    assert_eq!(code(&worn.block(&tx)), ("sdk", 4));
}

#[test]
fn bug_24_a_transaction_of_another_chain_is_no_transaction_here() {
    let Cast { mut desk, admin, .. } = cast();
    let options =
        Options { chain: Some(ChainId::parse("desk-ffffffffffffffff").unwrap()), ..Options::default() };
    let sequence = desk.sequence(&admin);
    let tx = transaction(vec![close(&admin, 1)], &[(&admin, sequence)], &options);
    let before = desk.root();
    assert_eq!(code(&desk.block(&tx)), ("sdk", 4));
    assert_eq!(desk.root(), before);
}

#[test]
fn bug_28_a_suspended_account_does_nothing_not_even_unsuspend_itself() {
    let Cast { mut desk, admin, agent, customer } = cast();
    desk.must(&customer, vec![create(&desk, &customer, &[&admin, &customer])]);
    desk.must(
        &admin,
        vec![set_state(&admin, &agent, "suspended"), set_state(&admin, &customer, "suspended")],
    );
    desk.refuse(&agent, vec![set_state(&agent, &agent, "active")], "roles", 4);
    desk.refuse(&customer, vec![close(&customer, 1)], "support", 7);
    desk.refuse(&agent, vec![register(&agent, 1)], "encryption", 10);
    let tx = desk.tx(&customer, vec![close(&customer, 1)]);
    let checked = desk.machine.check(&desk.snapshot(), &tx, &|_| None, &next(&desk)).unwrap();
    assert_eq!(checked.unwrap_err().code(), 7, "the mempool asks too");
    desk.must(&admin, vec![set_state(&admin, &customer, "active")]);
    desk.must(&customer, vec![close(&customer, 1)]);
}

#[test]
fn bug_28_the_last_active_administrator_stays() {
    let Cast { mut desk, admin, .. } = cast();
    desk.refuse(&admin, vec![revoke_role(&admin, &admin, "administrator")], "roles", 11);
    desk.refuse(&admin, vec![set_state(&admin, &admin, "terminated")], "roles", 10);
    let second = Person::new("second administrator");
    desk.must(&admin, vec![assign_role(&admin, &second, "administrator")]);
    desk.must(&admin, vec![revoke_role(&admin, &admin, "administrator")]);
    desk.refuse(&second, vec![revoke_role(&second, &second, "administrator")], "roles", 11);
}

#[test]
fn bug_28_a_role_changes_in_the_block_that_uses_it() {
    let mut cast = cast();
    let number = cast.ticket();
    let Cast { mut desk, admin, agent, .. } = cast;
    desk.must(&admin, vec![assign(&admin, number, &agent)]);
    desk.begin(desk.time + 1);
    let tx = desk.tx(&admin, vec![revoke_role(&admin, &agent, "support_agent")]);
    assert_eq!(desk.execute(&tx).code, 0);
    let tx = desk.tx(&agent, vec![resolve(&agent, number)]);
    assert_eq!(code(&desk.execute(&tx)), ("support", 7), "gone within the same block");
    desk.end();
}

#[test]
fn bug_28_an_agent_removed_in_the_middle_of_a_ticket_blocks_it_for_nobody() {
    let mut cast = cast();
    let number = cast.ticket();
    let Cast { mut desk, admin, agent, customer } = cast;
    desk.must(&admin, vec![assign(&admin, number, &agent)]);
    desk.must(&admin, vec![revoke_role(&admin, &agent, "support_agent")]);
    let message = respond(&desk, &agent, number, &[&admin, &agent, &customer]);
    desk.refuse(&agent, vec![message], "support", 7);
    let message = respond(&desk, &admin, number, &[&admin, &agent, &customer]);
    desk.refuse(&admin, vec![message], "support", 43);
    let message = respond(&desk, &admin, number, &[&admin, &customer]);
    desk.must(&admin, vec![message]);
    desk.must(&admin, vec![resolve(&admin, number)]);
}

#[test]
fn a_transaction_of_two_signers_raises_both_sequences_and_fails_as_one() {
    let mut cast = cast();
    let number = cast.ticket();
    let Cast { mut desk, admin, agent, customer } = cast;
    let sequences = [&admin, &customer].map(|person| desk.sequence(person));
    let messages = vec![assign(&admin, number, &agent), close(&customer, number), close(&admin, number)];
    let signers = [(&admin, sequences[0]), (&customer, sequences[1])];
    let executed = desk.block(&transaction(messages, &signers, &Options::default()));
    assert_eq!(code(&executed), ("support", 8));
    assert_eq!(status_of(&desk, number).status, 1, "still open");
    assert_eq!(
        [&admin, &customer].map(|person| desk.sequence(person)),
        sequences.map(|sequence| sequence + 1)
    );
}

#[test]
fn data_and_events_are_shaped_as_cosmos_shapes_them() {
    let Cast { mut desk, admin, customer, .. } = cast();
    let executed = desk.must(&customer, vec![create(&desk, &customer, &[&admin, &customer])]);
    let data =
        sealdesk_protocol::wire::cosmos::base::abci::v1beta1::TxMsgData::decode(executed.data.as_slice());
    let response = &data.unwrap().msg_responses[0];
    assert_eq!(response.type_url, "/virtengine.support.v1.MsgCreateTicketResponse");
    let response = wire::MsgCreateTicketResponse::decode(response.value.as_slice()).unwrap();
    assert_eq!(response.ticket_id, "TKT-00000001");
    let events = executed.abci_events();
    let of_tx: Vec<&str> = events[..3].iter().map(|event| event.attributes[0].key.as_str()).collect();
    assert_eq!((events[0].r#type.as_str(), of_tx), ("tx", vec!["fee", "acc_seq", "signature"]));
    assert!(events[1].attributes[0].value.starts_with(&format!("{}/", customer.text)));
    assert_eq!(events[3].r#type, "message");
    assert_eq!(events[3].attributes[0].value, "/virtengine.support.v1.MsgCreateTicket");
    assert_eq!(events[4].r#type, "virtengine.support.v1.EventTicketCreated");
}
