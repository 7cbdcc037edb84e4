//! A new customer at a terminal, whom the desk asks for an invitation.

use serde_json::Value;

use super::Person;
use crate::admission;

const TICKET: &str = "env SEALDESK_KEYRING_BACKEND=test sealdesk tx support create-ticket --category technical --subject S --message M";

#[test]
fn an_invitation_is_asked_for_at_a_terminal_and_not_shown() {
    let desk = admission::desk("invitations = true");
    desk.key("alice");
    let create = format!("{TICKET} --from alice");
    // A code that is not one is said, and nothing is written.
    let wrong = Person::types(desk.home(), &create).answers_unseen("Your invitation code: ", "abcde-12345\n");
    let (shown, code) = wrong.reads();
    assert_eq!(code, 1, "{shown}");
    assert!(shown.contains("by invitation") && shown.contains("not an invitation code"), "{shown}");
    assert!(!shown.contains("abcde"), "{shown}");
    let made = desk.ask(&["invite", "add"]);
    let secret = made["code"].as_str().unwrap();
    let mut person = Person::types(desk.home(), &create);
    person.sees("This desk takes new customers by invitation.");
    let (shown, code) = person.answers_unseen("Your invitation code: ", &format!("{secret}\n")).reads();
    assert!(code == 0 && shown.contains("TKT-00000001") && !shown.contains(&secret[..11]), "{shown}");
    // Who is known is not asked again.
    let respond = "env SEALDESK_KEYRING_BACKEND=test sealdesk tx support respond 1 --message M --from alice";
    let (shown, code) = Person::types(desk.home(), respond).reads();
    assert!(code == 0 && !shown.contains("invitation"), "{shown}");
    // A script is told instead.
    let asked: Value = serde_json::from_slice(&desk.run(&["invite", "list"]).stdout).unwrap();
    assert_eq!(asked.as_array().unwrap().len(), 1, "{asked}");
}
