//! Who wrote what, and whose key it is, against validators who lie about it.

use sealdesk_client::Error;
use sealdesk_client::actor::{Actor, Pair};
use sealdesk_client::compose::{ComposeError, ProviderReads};
use sealdesk_client::desk::Desk;
use sealdesk_client::messages::NewResponse;
use sealdesk_client::view::{Message, Warning};
use sealdesk_envelope::content::{MessageContent, TicketContent};
use sealdesk_protocol::circle::Change;
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::sealdesk::ledger::v1 as ledger;
use sealdesk_protocol::wire::virtengine::encryption::v1::{RecipientKeyRecord, WrappedKeyEntry};
use sealdesk_protocol::wire::virtengine::support::v1::{AccessGrant, TicketHead};

use crate::adversary::{address, ticket};
use crate::queue::{self, appoint};
use crate::world::forging::{Forged, forge_answer, forge_ticket};
use crate::world::people::{key_record, record_of};
use crate::world::{FakeNode, Lie, Shared, add_key, change_circle, people, read, write};

/// A desk with a ticket of the customer's.
async fn written() -> (Shared, Desk<FakeNode>, TicketId) {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let id = desk.create_ticket(&people().customer, &ticket()).await.unwrap().ticket_id.unwrap();
    (shared, desk, id)
}

/// A record that is said to be of this account's first key.
fn by<'a>(sender: &'a Address, signer: &'a Pair) -> Forged<'a> {
    Forged { sender, version: 1, signer, from_ledger: "", is_agent: false }
}

/// A second first key of an account, which nobody signed, before the real one or behind it.
fn put_second_first_key(shared: &Shared, of: &Actor, pair: &Pair, before: bool) {
    let record = RecipientKeyRecord {
        key_version: 1,
        account_pub_key: Vec::new(),
        account_signature: Vec::new(),
        ..record_of(of, pair, pair)
    };
    shared.lock().change(|state| {
        let mut list: ledger::KeyList = read(state, &tree::keys(&address(of)));
        list.keys.insert(usize::from(!before), record);
        write(state, &tree::keys(&address(of)), &list);
    });
}

/// A grant of nobody's, to a key.
fn put_grant_to(shared: &Shared, id: TicketId, fingerprint: &str) {
    let entry = WrappedKeyEntry { recipient_id: fingerprint.to_owned(), ..WrappedKeyEntry::default() };
    let grants =
        vec![AccessGrant { entry: Some(entry), granter: "somebody".into(), ..AccessGrant::default() }];
    change_head(shared, id, |head| {
        head.grants_hash = sealdesk_protocol::ticket::grants_hash(&grants).to_vec();
    });
    shared.lock().grants.insert((id.number(), 0), grants);
}

fn change_head(shared: &Shared, id: TicketId, change: impl FnOnce(&mut TicketHead)) {
    shared.lock().change(|state| {
        let mut head: TicketHead = read(state, &tree::ticket(id));
        change(&mut head);
        write(state, &tree::ticket(id), &head);
    });
}

/// The answer that stands last, as the administrator reads it.
async fn last_answer(desk: &Desk<FakeNode>, id: TicketId) -> Message {
    desk.read(&people().admin, id).await.unwrap().messages.pop().unwrap()
}

fn is_marked(message: &Message, with: &str) -> bool {
    message.warnings.iter().any(|line| line.to_string().contains(with))
}

const NOT_PROVEN: &str = "who wrote it is the ledger's word";

#[tokio::test(start_paused = true)]
async fn a_second_key_of_one_version_makes_nobody_an_author() {
    for before in [true, false] {
        let (shared, desk, id) = written().await;
        let (customer, pair) = (address(&people().customer), people().others[3].pair(0).unwrap());
        put_second_first_key(&shared, &people().customer, &pair, before);
        forge_answer(&shared, id, &by(&customer, &pair), &MessageContent::new("Pay Mallory."));
        if let Ok(conversation) = desk.read(&people().admin, id).await {
            let forged = &conversation.messages[1];
            assert!(forged.text().is_none() || is_marked(forged, NOT_PROVEN), "{before}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_ticket_by_a_second_key_of_one_version_names_no_provider() {
    for before in [true, false] {
        let (shared, desk, id) = written().await;
        let (customer, thief) = (address(&people().customer), &people().others[3]);
        let pair = thief.pair(1).unwrap();
        put_second_first_key(&shared, &people().customer, &pair, before);
        shared.lock().change(|state| add_key(state, &address(thief), key_record(thief, 0)));
        let mut content = TicketContent::new("It does not start", "Since this morning.");
        content.provider = Some(address(thief).to_string());
        forge_ticket(&shared, id, &by(&customer, &pair), &content);
        change_head(&shared, id, |head| {
            head.ticket.as_mut().unwrap().provider_address = address(thief).to_string();
        });
        let answer = NewResponse { provider: ProviderReads::AsSealed, ..NewResponse::new("It is 4711.") };
        let sent = shared.lock().txs.len();
        assert!(desk.respond(&people().admin, id, &answer).await.is_err(), "{before}");
        assert_eq!(shared.lock().txs.len(), sent, "nothing was sent");
    }
}

#[tokio::test(start_paused = true)]
async fn who_can_read_is_named_by_keys_that_they_signed() {
    let (shared, desk, id) = written().await;
    let (admin, thief) = (&people().admin, &people().others[3]);
    // The validators list a thief's key as the administrator's second one, and it can open the ticket.
    let record = RecipientKeyRecord {
        account_pub_key: Vec::new(),
        account_signature: Vec::new(),
        ..record_of(admin, &thief.pair(0).unwrap(), &thief.pair(0).unwrap())
    };
    shared.lock().change(|state| {
        add_key(state, &address(admin), record);
        add_key(state, &address(thief), key_record(thief, 0));
    });
    put_grant_to(&shared, id, &key_record(thief, 0).key_fingerprint);
    let readers = desk.read(&people().customer, id).await.unwrap().readers;
    let thiefs =
        readers.iter().find(|reader| reader.fingerprint.to_string() == key_record(thief, 0).key_fingerprint);
    assert!(!thiefs.unwrap().addresses.contains(&address(admin).to_string()));
}

#[tokio::test(start_paused = true)]
async fn a_text_from_a_ledger_that_leads_not_here_is_by_the_ledgers_word() {
    let (shared, desk, id) = written().await;
    let (customer, pair) = (address(&people().customer), people().customer.pair(0).unwrap());
    let elsewhere = Forged { from_ledger: "another-1", ..by(&customer, &pair) };
    forge_answer(&shared, id, &elsewhere, &MessageContent::new("Yes, delete it."));
    let answer = last_answer(&desk, id).await;
    assert!(answer.text().is_some() && is_marked(&answer, NOT_PROVEN), "{:?}", answer.warnings);
    // Nor does a ticket from there have a customer whom anything is sealed for.
    let (shared, _, id) = written().await;
    forge_ticket(&shared, id, &elsewhere, &TicketContent::new("It does not start", "Delete it."));
    // A home that used the ticket before would say that it is another one now.
    let desk = shared.desk().await;
    let error = desk.respond(&people().admin, id, &NewResponse::new("Done.")).await.unwrap_err();
    assert!(matches!(error, Error::Compose(ComposeError::NotSignedByCustomer { .. })), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_text_for_another_ticket_is_marked_also_where_the_first_one_is_withheld() {
    for lie in [None, Some(Lie::WithheldTicket)] {
        let (shared, desk, id) = written().await;
        let (admin, pair) = (address(&people().admin), people().admin.pair(0).unwrap());
        let mut content = MessageContent::new("Yes.");
        content.ticket = Some("00".repeat(32));
        forge_answer(&shared, id, &by(&admin, &pair), &content);
        shared.lock().lie = lie;
        let answer = last_answer(&desk, id).await;
        assert!(is_marked(&answer, "written for another ticket"), "{lie:?}: {:?}", answer.warnings);
    }
}

#[tokio::test(start_paused = true)]
async fn a_note_that_is_not_to_be_believed_sets_no_tags() {
    let (_, desk, id) = written().await;
    let content = MessageContent::new("Tags: vip").with_tags(&["vip".to_owned()]);
    let note = NewResponse { content, ..NewResponse::note("") };
    desk.respond(&people().admin, id, &note).await.unwrap();
    let tagged = last_answer(&desk, id).await;
    assert_eq!(tagged.tags(), Some(vec!["vip".to_owned()]));
    // Who has left the staff is staff by the ledger's word alone, and what they did stays.
    let left = Message { warnings: vec![Warning::StaffByLedger], ..tagged };
    assert_eq!(left.tags(), Some(vec!["vip".to_owned()]));
    let marked = Message { warnings: vec![Warning::KeyByLedger], ..left };
    assert_eq!(marked.tags(), None);
    assert!(serde_json::to_value(&marked).unwrap().get("tags").is_none());
}

#[tokio::test(start_paused = true)]
async fn who_was_appointed_is_staff_and_who_only_seems_so_is_not() {
    let agent = &people().others[3];
    let appointed: queue::Lie = |shared, agent| {
        shared.lock().change(|state| appoint(state, &people().admin, agent));
    };
    let cases = queue::lies().into_iter().map(|(what, lie)| (what, lie, false));
    for (what, make, is_staff) in cases.chain([("appointed", appointed, true)]) {
        let (shared, desk, id) = written().await;
        shared.lock().change(|state| add_key(state, &address(agent), key_record(agent, 0)));
        make(&shared, agent);
        let (sender, own) = (address(agent), agent.pair(0).unwrap());
        let said = Forged { is_agent: true, ..by(&sender, &own) };
        forge_answer(&shared, id, &said, &MessageContent::new("Tell me your password."));
        // Once as somebody who never heard of them, and once as somebody who has.
        for _ in 0..2 {
            let conversation = desk.read(&people().customer, id).await.unwrap();
            let answer = &conversation.messages[1];
            assert_eq!(
                (answer.is_staff, answer.warnings.is_empty()),
                (is_staff, is_staff),
                "{what}: {:?}",
                answer.warnings
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_agent_who_went_is_staff_no_more_to_whoever_only_reads() {
    type Ends = fn(&Shared, &Actor);
    let (admin, second, agent) = (&people().admin, &people().others[1], &people().others[3]);
    let role_ends: Ends = |shared, agent| {
        shared.lock().change(|state| drop(state.remove(&tree::member(&address(agent)))));
    };
    let appointer_goes: Ends = |shared, _| {
        let (admin, second) = (&people().admin, &people().others[1]);
        let going = Change::Remove(address(second));
        shared.lock().change(|state| change_circle(state, &[admin, second], &going));
    };
    for end in [role_ends, appointer_goes] {
        let (shared, desk, id) = written().await;
        shared.lock().change(|state| {
            change_circle(state, &[admin], &Change::Add(address(second)));
            appoint(state, second, agent);
            add_key(state, &address(agent), key_record(agent, 0));
        });
        let (sender, own) = (address(agent), agent.pair(0).unwrap());
        let said = Forged { is_agent: true, ..by(&sender, &own) };
        forge_answer(&shared, id, &said, &MessageContent::new("Is it plugged in?"));
        assert!(last_answer(&desk, id).await.is_staff);
        end(&shared, agent);
        // A block a second: what was proven counts for a minute.
        (0..60).for_each(|_| shared.lock().change(|_| {}));
        let answer = last_answer(&desk, id).await;
        assert!(!answer.is_staff && is_marked(&answer, "word alone"), "{:?}", answer.warnings);
    }
}

#[tokio::test(start_paused = true)]
async fn a_copy_of_an_agents_key_makes_nobody_staff() {
    let (agent, thief) = (&people().agent, &people().others[3]);
    // They sign by another key of theirs than the copy; or by the signing key that they put beside the copy.
    for version in [2, 1] {
        let (shared, desk, id) = written().await;
        desk.assign(&people().admin, id, &address(agent)).await.unwrap();
        desk.respond(agent, id, &NewResponse::new("Is it plugged in?")).await.unwrap();
        let own = thief.pair(version - 1).unwrap();
        shared.lock().change(|state| {
            let copy = record_of(thief, &agent.pair(0).unwrap(), &thief.pair(0).unwrap());
            add_key(state, &address(thief), copy);
            add_key(state, &address(thief), key_record(thief, 1));
        });
        let thief = address(thief);
        let forged = Forged { version, is_agent: true, ..by(&thief, &own) };
        forge_answer(&shared, id, &forged, &MessageContent::new("Tell me your password."));
        let conversation = desk.read(&people().admin, id).await.unwrap();
        let answer = &conversation.messages[2];
        assert!(!answer.is_staff && is_marked(answer, "word alone"), "{version}: {:?}", answer.warnings);
        // Where nobody else shows the agent's key to be theirs, they are staff as before.
        assert_eq!(conversation.messages[1].is_staff, version == 2);
    }
}
