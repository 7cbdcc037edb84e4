//! The program against a simulated Stacks node: a ticket's whole life with three people, and whatever such a node can answer.

mod contract;

use serde_json::Value;

use contract::Desk;

/// Texts of a conversation, or why they are not shown, and whether each is a note.
fn texts(read: &Value) -> Vec<(&str, bool)> {
    let messages = read["messages"].as_array().unwrap().iter();
    let text = |m: &Value| m["text"].is_string();
    messages
        .map(|m| {
            let shown = if text(m) { &m["text"] } else { &m["not_shown"] };
            (shown.as_str().unwrap(), m["internal"].as_bool().unwrap())
        })
        .collect()
}

fn status(desk: &Desk) -> String {
    desk.ask(&["query", "support", "ticket", "1"])["status"].as_str().unwrap().to_owned()
}

#[test]
fn a_sealed_ticket_goes_its_whole_way_on_a_contract() {
    let desk = Desk::deployed(&[], &["admin", "alice", "bob", "carol"]);
    let made = desk.ticket("It stops after two seconds.");
    assert_eq!((made["ticket_id"].as_str(), made["code"].as_u64()), (Some("TKT-00000001"), Some(0)));
    assert!(made["fee"].as_u64().unwrap() > 0 && made["txhash"].as_str().unwrap().len() == 64, "{made}");

    let inbox = desk.ask(&["inbox", "--from", "admin"]);
    assert_eq!(
        (inbox["role"].as_str(), inbox["open"][0]["ticket_id"].as_str()),
        (Some("administrator"), Some("TKT-00000001"))
    );
    // Nothing is for bob until he is let in, and assigning does that.
    assert_eq!(desk.run(&["read", "1", "--from", "bob"]).status.code(), Some(1));
    let assigned = desk.ask(&["tx", "support", "assign-ticket", "1", "bob", "--from", "admin"]);
    assert_eq!(
        (assigned["granted"].as_u64(), assigned["transactions"].as_array().unwrap().len()),
        (Some(1), 2)
    );

    let respond = |who: &str, more: &[&str], text: &str| {
        let begin = ["tx", "support", "respond", "1", "--from", who, "--message", text];
        desk.ask(&[&begin[..], more].concat())["response_index"].as_u64().unwrap()
    };
    assert_eq!(respond("bob", &[], "Please send its log."), 0);
    assert_eq!(status(&desk), "in_progress");
    assert_eq!(respond("bob", &["--internal"], "She had this in May."), 1);
    desk.ask(&["tx", "support", "await-customer", "1", "--from", "bob"]);
    assert_eq!(respond("alice", &[], "Here it is."), 2);
    assert_eq!(status(&desk), "in_progress");
    desk.ask(&["tx", "support", "set-priority", "1", "urgent", "--from", "bob"]);
    desk.ask(&["tx", "support", "resolve-ticket", "1", "--from", "bob"]);
    desk.ask(&["tx", "support", "close-ticket", "1", "--from", "alice"]);
    desk.ask(&["tx", "support", "reopen-ticket", "1", "--from", "alice"]);
    assert_eq!(status(&desk), "open");

    let sealed = "sealed for others";
    let all = |note| {
        vec![
            ("It stops after two seconds.", false),
            ("Please send its log.", false),
            (note, true),
            ("Here it is.", false),
        ]
    };
    for who in ["admin", "bob"] {
        let read = desk.ask(&["read", "1", "--from", who]);
        assert_eq!(texts(&read), all("She had this in May."), "{who}");
        assert_eq!(read["messages"][0]["subject"], "Node does not start");
    }
    assert_eq!(texts(&desk.ask(&["read", "1", "--from", "alice"])), all(sealed));
    let carol = desk.run(&["read", "1", "--from", "carol"]);
    assert_eq!(carol.status.code(), Some(1));
    let carol: Value = serde_json::from_slice(&carol.stdout).unwrap();
    assert!(texts(&carol).iter().all(|(text, _)| *text == sealed), "{carol}");

    let read = desk.ask(&["read", "1", "--from", "admin"]);
    let types: Vec<&str> =
        read["events"].as_array().unwrap().iter().map(|e| e["type"].as_str().unwrap()).collect();
    assert_eq!(types[..4], ["ticket-created", "access-granted", "ticket-assigned", "ticket-commented"]);
    let keys = desk.ask(&["query", "encryption", "keys", "alice"]);
    assert_eq!(
        (keys["keys"][0]["assurance"].as_str(), keys["refused"].as_u64()),
        (Some("signed by the account"), Some(0))
    );
}

#[test]
fn a_call_that_the_contract_refuses_is_told_in_words_with_what_to_do() {
    let desk = Desk::deployed(&[], &["admin", "alice", "bob"]);
    desk.ticket("x");
    let refused = desk.refused(&["tx", "support", "assign-ticket", "1", "bob", "--from", "alice"]);
    assert_eq!((refused["codespace"].as_str(), refused["code"].as_u64()), (Some("contract"), Some(100)));
    assert!(refused["message"].as_str().unwrap().contains("may not do that"), "{refused}");
    for (code, args) in [
        (101, vec!["query", "support", "ticket", "7"]),
        (109, vec!["tx", "support", "await-customer", "1", "--from", "admin"]),
        (106, vec!["tx", "roles", "revoke-role", "admin", "administrator", "--from", "admin"]),
        (100, vec!["stacks", "accept-owner", "--from", "alice"]),
        (112, vec!["stacks", "close-expired", "1", "--from", "alice"]),
    ] {
        let refused = desk.refused(&args);
        // A ticket that was never resolved cannot expire: the contract calls that a wrong transition.
        let code = if code == 112 { 109 } else { code };
        assert_eq!(
            (refused["codespace"].as_str(), refused["code"].as_u64()),
            (Some("contract"), Some(code)),
            "{args:?}"
        );
    }
}

#[test]
fn what_a_node_refuses_is_told_in_words_with_what_to_do() {
    let desk = Desk::deployed(&[], &["admin", "bob"]);
    let accept = ["stacks", "propose-owner", "bob", "--from", "admin"];
    for (fixture, words) in [
        ("fee-too-low", "too low"),
        ("not-enough-funds", "microSTX of"),
        ("too-much-chaining", "too many transactions"),
        ("signature-validation", "signature wrong"),
        ("no-such-public-function", "no such function"),
        ("no-such-contract", "no such contract"),
        ("bad-function-argument", "other arguments"),
        ("bad-transaction-version", "another network"),
        ("contract-already-exists", "deployed a contract of that name"),
        ("undecodable", "cannot read the transaction"),
    ] {
        desk.simulator.answers_as_recorded("/v2/transactions", fixture);
        let refused = desk.refused(&accept);
        assert!(refused["message"].as_str().unwrap().contains(words), "{fixture}: {refused}");
    }
    for (fixture, words) in [
        ("call-read-undefined-function", "UndefinedFunction"),
        ("call-read-not-read-only", "NotReadOnly"),
        ("call-read-no-such-contract", "NoSuchContract"),
    ] {
        desk.simulator.answers_as_recorded("/v2/contracts/call-read", fixture);
        let refused = desk.refused(&["query", "support", "ticket", "1"]);
        assert!(refused["message"].as_str().unwrap().contains(words), "{fixture}: {refused}");
    }
    // Nothing of all that was taken: the next call is the account's next.
    desk.ask(&accept);
}

#[test]
fn a_nonce_that_another_took_is_signed_again() {
    let desk = Desk::deployed(&[], &["admin", "bob"]);
    let account = || desk.ask(&["query", "roles", "account", "admin"])["nonce"].as_u64().unwrap();
    let before = account();
    // The recorded refusal names a number that is too low by now; the node then says which is right.
    desk.simulator.answers_as_recorded("/v2/transactions", "bad-nonce");
    desk.ask(&["stacks", "propose-owner", "bob", "--from", "admin"]);
    assert_eq!(account(), before + 1);
}

#[test]
fn a_transaction_that_nobody_answered_is_sent_again_and_happens_once() {
    let desk = Desk::deployed(&[], &["admin", "alice", "bob"]);
    let nonce = |who: &str| desk.ask(&["query", "roles", "account", who])["nonce"].as_u64().unwrap();
    desk.ticket("first");
    let before = nonce("alice");
    for status in [502, 500] {
        desk.simulator.answers("/v2/transactions", status, ("text/plain", "busy"));
    }
    let made = desk.ticket("second");
    assert_eq!(made["ticket_id"], "TKT-00000002");
    assert_eq!(nonce("alice"), before + 1);
    let count = desk.ask(&["query", "support", "tickets-by-customer", "alice"]);
    assert_eq!(count["tickets"].as_array().unwrap().len(), 2);
}

#[test]
fn a_node_that_counts_questions_is_asked_again_when_it_says_so() {
    let desk = Desk::deployed(&[], &["admin", "alice", "bob"]);
    desk.ticket("x");
    for path in ["/v2/contracts/call-read/", "/extended/v1/contract/", "/v3/transaction/"] {
        desk.simulator.answers_later(path, 1);
    }
    let output = desk.run(&["read", "1", "--from", "admin"]);
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{err}");
    assert_eq!(err.matches("come back in 1 second\nwaiting 1 second").count(), 3, "{err}");
    // One that stays busy for longer than anybody waits is not asked before it says so.
    desk.simulator.answers_later("/v2/contracts/call-read/", 3_600);
    let refused = desk.refused(&["inbox", "--from", "admin", "--patience", "2"]);
    assert!(refused["message"].as_str().unwrap().ends_with("come back in 3600 seconds"), "{refused}");
    assert!(refused["hint"].as_str().unwrap().contains("--patience"), "{refused}");
}

#[test]
fn nothing_is_sealed_by_a_chain_that_has_stopped() {
    let desk = Desk::deployed(&[], &["admin", "alice", "bob"]);
    desk.ticket("x");
    let old = ("application/json", r#"{"height":7,"block_time":1700000000}"#);
    desk.simulator.answers("/extended/v2/blocks/latest", 200, old);
    let refused = desk.refused(&["tx", "support", "respond", "1", "--from", "admin", "--message", "y"]);
    assert!(refused["message"].as_str().unwrap().contains("newest block, 7, is "), "{refused}");
    assert!(refused["hint"].as_str().unwrap().contains("--clock-tolerance"), "{refused}");
}

#[test]
fn a_home_names_new_readers_of_a_contract_and_refuses_what_contradicts_it() {
    let desk = Desk::deployed(&[], &["admin", "alice", "bob"]);
    let contract = desk.contract().to_owned();
    let respond = |more: &[&str]| {
        let command = ["tx", "support", "respond", "1", "--from", "alice", "--message", "y"];
        let output = desk.run(&[&command[..], more].concat());
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    desk.ticket("x");
    let (_, err) = respond(&[]);
    assert!(!err.contains("new reader"), "named before, by the ticket: {err}");
    desk.ask(&["tx", "support", "assign-ticket", "1", "bob", "--from", "admin"]);
    // The home is everyone's here: it sealed for bob when the ticket was granted to him.
    let (done, err) = respond(&[]);
    assert!(done, "{err}");
    // Another story of the ticket's head.
    let head = desk.simulator.post(
        "/simulator/answer",
        &serde_json::json!({
        "path": "/v2/contracts/call-read/", "status": 200, "body": r#"{"okay":true,"result":"0x09"}"# }),
    );
    assert!(head.is_object());
    let refused = desk.refused(&["query", "support", "ticket", "1"]);
    assert!(refused["message"].as_str().unwrap().contains("said not to exist"), "{refused}");
    // Forgetting asks no node, and needs none to be named.
    let mut forget = desk.command(&["trust", &contract, "--forget", "--output", "json"]);
    let forgotten = forget.env_remove("SEALDESK_NODE").output().unwrap();
    assert!(forgotten.status.success(), "{}", String::from_utf8_lossy(&forgotten.stdout));
    desk.simulator.answers(
        "/v2/contracts/call-read/",
        200,
        ("application/json", r#"{"okay":true,"result":"0x09"}"#),
    );
    let refused = desk.refused(&["query", "support", "ticket", "1"]);
    assert!(refused["message"].as_str().unwrap().contains("has no ticket"), "{refused}");
}

#[test]
fn sealed_text_that_an_indexer_changed_or_keeps_back_is_not_shown() {
    let desk = Desk::deployed(&[], &["admin", "alice", "bob"]);
    desk.ticket("The truth.");
    assert_eq!(texts(&desk.ask(&["read", "1", "--from", "admin"])), [("The truth.", false)]);
    // Events are asked for twice: of the people, and of the ticket.
    for _ in 0..2 {
        desk.simulator.answers("/extended/v1/contract/", 200, ("application/json", r#"{"results":[]}"#));
    }
    let output = desk.run(&["read", "1", "--from", "admin"]);
    let read: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(texts(&read)[0].0.contains("the indexer does not give it"), "{read}");
    for path in ["/v2/contracts/call-read/", "/extended/v1/contract/"] {
        desk.simulator.answers(path, 200, ("application/json", "[[[[[["));
        desk.refused(&["read", "1", "--from", "admin"]);
    }
}

#[test]
fn a_plain_node_keeps_the_heads_and_says_that_it_has_no_text() {
    let desk = Desk::empty(&["--no-indexer"], &["admin"]);
    let made = desk.ask(&["stacks", "deploy", "--from", "admin"]);
    let contract = made["contract"].as_str().unwrap();
    let inbox = desk.ask(&["inbox", "--from", "admin", "--contract", contract]);
    assert_eq!(inbox["role"], "administrator");
    let refused = desk.refused(&["keys", "register", "admin", "--contract", contract]);
    assert!(refused["message"].as_str().unwrap().contains("serves no events"), "{refused}");
}

#[test]
fn fees_are_shown_and_nothing_is_signed_unless_someone_agrees() {
    let desk = Desk::empty(&[], &["admin"]);
    let deploy = |more: &[&str]| {
        let output =
            desk.command(&[&["stacks", "deploy", "--from", "admin"], more].concat()).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, err) = deploy(&[]);
    assert_eq!(code, Some(2), "{err}");
    assert!(
        err.contains("deploy ticket-system:") && err.contains("STX") && err.contains("--fee-max"),
        "{err}"
    );
    let (code, err) = deploy(&["--yes", "--network", "mainnet"]);
    assert!(code == Some(2) && err.contains("belongs to testnet, and mainnet was meant"), "{err}");
    let (code, err) = deploy(&["--fee-max", "1"]);
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("at most 1 are allowed"), "{err}");
    let (code, err) = deploy(&["--fee-max", "1000000"]);
    assert_eq!(code, Some(0), "{err}");
    let (code, err) = deploy(&["--yes"]);
    assert!(code == Some(1) && err.contains("is there already"), "{err}");
    let address = desk.ask(&["keys", "show", "admin"])["address"].as_str().unwrap().to_owned();
    let contract = format!("{address}.ticket-system");
    let account = desk.ask(&["query", "roles", "account", "admin", "--contract", &contract]);
    assert_eq!(account["nonce"], 1, "only what was agreed to was sent");
}

#[test]
fn what_a_contract_does_not_have_is_said_before_anything_is_asked() {
    let desk = Desk::empty(&[], &["alice"]);
    let contract =
        ["--contract", "ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGM.ticket-system", "--from", "alice"];
    for args in [
        &["tx", "support", "close-ticket", "1", "--reason", "over"][..],
        &["tx", "support", "update-params", "--ticket-cooldown-seconds", "0"],
        &["tx", "support", "start-work", "1", "--memo", "hello"],
        &["tx", "roles", "assign-role", "alice", "customer"],
        &["receipt", "1", "-o", "receipt"],
    ] {
        let refused = desk.refused(&[args, &contract[..]].concat());
        assert_eq!(refused["code"].as_u64(), Some(2), "{args:?}: {refused}");
    }
}

#[test]
fn the_status_and_the_doctor_look_at_the_contract_and_its_node() {
    let desk = Desk::deployed(&[], &["admin", "alice", "bob"]);
    desk.ticket("x");
    let status = desk.ask(&["status"]);
    assert_eq!((status["contract"].as_str(), status["tickets"].as_u64()), (Some(desk.contract()), Some(1)));
    assert!(status["height"].as_u64().is_some_and(|height| height > 0), "{status}");
    let doctor = desk.ask(&["doctor"]);
    let names: Vec<&str> =
        doctor["checks"].as_array().unwrap().iter().map(|check| check["name"].as_str().unwrap()).collect();
    for name in ["home", "keyring", "node", "clock", "contract", "readers"] {
        assert!(names.contains(&name), "{name}: {doctor}");
    }
    let elsewhere = desk.run(&["doctor", "--contract", &format!("{}-2", desk.contract())]);
    assert_eq!(elsewhere.status.code(), Some(1));
    let told: Value = serde_json::from_slice(&elsewhere.stdout).unwrap();
    let contract =
        told["checks"].as_array().unwrap().iter().find(|check| check["name"] == "contract").unwrap();
    assert_eq!(contract["ok"], false, "{told}");
}
