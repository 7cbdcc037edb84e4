//! Which state a client asks for: its own last write is in it, and nobody waits for a block because others write.

use sealdesk_client::messages::{NewResponse, NewTicket};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::virtengine::support::v1::TicketHead;
use tokio::time::Instant;

use crate::world::{Lie, Shared, people, prefix, read, write};

/// Makes headers come one block later, and none for the newest state yet.
fn delay_headers(shared: &Shared) {
    let mut world = shared.lock();
    world.headered = world.height() - 1;
    world.least.clear();
}

#[tokio::test(start_paused = true)]
async fn who_writes_is_shown_their_own_write_and_waits_for_nothing_else() {
    let shared = Shared::new();
    shared.lock().change(|_| {});
    delay_headers(&shared);
    let (desk, begun) = (shared.desk().await, Instant::now());
    let (customer, admin) = (&people().customer, &people().admin);
    let written = desk.create_ticket(customer, &NewTicket::new("technical", "S", "M")).await.unwrap();
    assert!(written.proven, "{written:?}");
    let least = shared.lock().least.clone();
    let of_write = i64::try_from(shared.lock().height()).unwrap();
    assert!(least.contains(&of_write), "{least:?} names no {of_write}");
    assert!(least.iter().all(|least| [0, of_write].contains(least)), "{least:?}");

    let id = written.ticket_id.unwrap();
    let answered = desk.respond(admin, id, &NewResponse::new("Is it plugged in?")).await.unwrap();
    assert!(answered.proven, "{answered:?}");
    assert_eq!(desk.read(admin, id).await.unwrap().messages.len(), 2, "the answer is there at once");
    assert_eq!(begun.elapsed().as_millis(), 0, "nothing was asked for twice");
}

#[tokio::test(start_paused = true)]
async fn what_others_have_just_written_keeps_no_reader_waiting() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let written = desk.create_ticket(&people().customer, &NewTicket::new("technical", "S", "M")).await;
    let id = written.unwrap().ticket_id.unwrap();
    delay_headers(&shared);
    let reader = shared.desk().await;
    for _ in 0..4 {
        shared.lock().change(|state| {
            let key = tree::ticket(TicketId::new(1).unwrap());
            let head: TicketHead = read(state, &key);
            write(state, &key, &head);
        });
        let begun = Instant::now();
        reader.read(&people().admin, id).await.unwrap();
        assert_eq!(begun.elapsed().as_millis(), 0);
    }
    assert!(shared.lock().least.iter().all(|least| *least == 0), "nobody has a block made");
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_newer_than_the_newest_header_is_shown_whole() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let ticket = NewTicket::new("technical", "S", "M");
    desk.create_ticket(&people().customer, &ticket).await.unwrap();
    delay_headers(&shared);
    let admin = people().admin.address(&prefix());
    let begun = Instant::now();
    let inbox = shared.desk().await.inbox(&admin).await.unwrap();
    assert_eq!(inbox.open.len(), 1);
    assert_eq!(begun.elapsed().as_millis(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_receipt_is_not_older_than_what_this_home_has_seen() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let written = desk.create_ticket(&people().customer, &NewTicket::new("technical", "S", "M")).await;
    let id = written.unwrap().ticket_id.unwrap();
    delay_headers(&shared);
    desk.receipt(id).await.unwrap();
    let seen = i64::try_from(desk.pin().height).unwrap();
    assert_eq!(shared.lock().least, [seen]);
}

#[tokio::test(start_paused = true)]
async fn the_ticket_that_the_node_names_is_proven_and_not_all_that_came_beside_it() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let written = desk.create_ticket(&people().customer, &NewTicket::new("technical", "S", "M")).await;
    assert!(written.unwrap().proven);
    assert_eq!(shared.lock().counted, 1, "composing counts the tickets, and confirming does not");
}

#[tokio::test(start_paused = true)]
async fn a_header_that_is_slow_to_come_leaves_no_write_unproven() {
    let shared = Shared::new();
    shared.lock().change(|_| {});
    delay_headers(&shared);
    let desk = shared.desk().await;
    shared.lock().slow_headers = 1;
    let written = desk.create_ticket(&people().customer, &NewTicket::new("technical", "S", "M")).await;
    assert!(written.unwrap().proven);
    assert_eq!(shared.lock().slow_headers, 0);
}

#[tokio::test(start_paused = true)]
async fn what_the_node_denies_is_looked_for_in_the_newest_block_that_it_has() {
    // A refusal for good, and one that asks to compose again.
    for code in [3, 32] {
        let shared = Shared::new();
        shared.lock().change(|_| {});
        delay_headers(&shared);
        let (desk, begun) = (shared.desk().await, Instant::now());
        shared.lock().lie = Some(Lie::DeniedTx(code));
        let ticket = NewTicket::new("technical", "S", "M");
        let written = desk.create_ticket(&people().customer, &ticket).await.unwrap();
        assert!(written.proven && written.code == 0, "{code}: {written:?}");
        assert_eq!(shared.lock().sent.len(), 1, "{code}: it was signed once");
        assert!(begun.elapsed() < desk.node().patience() / 10, "{code}: after {:?}", begun.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_ticket_takes_one_proof_before_it_is_sent_and_one_after() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let (customer, ticket) = (&people().customer, NewTicket::new("technical", "S", "M"));
    // The first one registers a key, which is looked for too.
    desk.create_ticket(customer, &ticket).await.unwrap();
    shared.lock().least.clear();
    let written = desk.create_ticket(customer, &ticket).await.unwrap();
    assert!(written.proven, "{written:?}");
    assert_eq!(shared.lock().least.len(), 2);
    shared.lock().least.clear();
    let read = desk.read(&people().admin, written.ticket_id.unwrap()).await.unwrap();
    // Promises are counted by lists, which are asked for beside it.
    assert_eq!((read.messages.len(), shared.lock().least.len()), (1, 2), "and one when it is read");
}

/// A ticket with two answers, the second of which stands in the newest block, and no header proves that yet.
async fn with_an_unproven_answer() -> (Shared, TicketId) {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let written = desk.create_ticket(&people().customer, &NewTicket::new("technical", "S", "M")).await;
    let id = written.unwrap().ticket_id.unwrap();
    for text in ["Is it plugged in?", "And is it on?"] {
        desk.respond(&people().admin, id, &NewResponse::new(text)).await.unwrap();
    }
    delay_headers(&shared);
    (shared, id)
}

#[tokio::test(start_paused = true)]
async fn an_answer_whose_header_is_still_to_come_is_waited_for_and_read() {
    let (shared, id) = with_an_unproven_answer().await;
    let read = shared.desk().await.read(&people().admin, id).await.unwrap();
    assert_eq!(read.messages.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_network_that_makes_no_header_is_read_as_far_as_it_is_proven() {
    let (shared, id) = with_an_unproven_answer().await;
    shared.lock().slow_headers = u32::MAX;
    let (desk, begun) = (shared.desk().await, Instant::now());
    let read = desk.read(&people().admin, id).await.unwrap();
    assert_eq!(read.messages.len(), 2, "the answer that no header proves is not shown");
    assert!(begun.elapsed() < desk.node().patience() / 5, "after {:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_grant_whose_header_is_still_to_come_keeps_nobody_from_reading_or_answering() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let written = desk.create_ticket(&people().customer, &NewTicket::new("technical", "S", "M")).await;
    let id = written.unwrap().ticket_id.unwrap();
    let agent = people().agent.address(&prefix());
    desk.assign(&people().admin, id, &agent).await.unwrap();
    delay_headers(&shared);
    let read = shared.desk().await.read(&people().agent, id).await.unwrap();
    assert_eq!(read.messages.len(), 1);
    delay_headers(&shared);
    let answered = shared.desk().await.respond(&people().agent, id, &NewResponse::new("On my way.")).await;
    assert!(answered.unwrap().proven);
}
