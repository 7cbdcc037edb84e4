//! Files as a node gives them that lies: what is saved is what was attached, and what is foreseen is what the ledger would say.

use bytes::Bytes;
use sealdesk_client::Error;
use sealdesk_client::actor::Actor;
use sealdesk_client::desk::Desk;
use sealdesk_client::files::{Attached, Attaching, FileError, FileToAttach};
use sealdesk_client::messages::{NewResponse, NewTicket};
use sealdesk_protocol::codes::{Refusal, SupportError};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::params::Params;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{AttachedHour, CustomerRecord};
use sealdesk_protocol::wire::virtengine::support::v1::TicketHead;

use crate::adversary::{address, ticket};
use crate::world::{FakeNode, NOW, Shared, people, read, write};

const FIRST: &[u8] = b"what the machine wrote before it stopped";
const SECOND: &[u8] = b"what it wrote the day before";

async fn attached(desk: &Desk<FakeNode>, by: &Actor, bytes: &[u8]) -> Attached {
    let size = u64::try_from(bytes.len()).unwrap();
    let file = FileToAttach { name: "a.log".to_owned(), media_type: String::new(), size, read: bytes };
    desk.attach(by, file, &|_, _| {}).await.unwrap()
}

/// A ticket with two files.
async fn with_files(desk: &Desk<FakeNode>) -> TicketId {
    let customer = &people().customer;
    let mut ticket: NewTicket = ticket();
    for bytes in [FIRST, SECOND] {
        ticket.attach(attached(desk, customer, bytes).await);
    }
    desk.create_ticket(customer, &ticket).await.unwrap().ticket_id.unwrap()
}

async fn saved(desk: &Desk<FakeNode>, who: &Actor, id: TicketId, number: usize) -> Result<Vec<u8>, Error> {
    let file = desk.file(who, id, number).await?;
    let mut out = Vec::new();
    desk.save(&file, &mut out, &|_, _| {}).await.map(|()| out)
}

#[tokio::test(start_paused = true)]
async fn a_file_is_what_was_attached_whatever_the_node_gives_and_the_ledger_says() {
    let shared = Shared::new();
    let (admin, desk) = (&people().admin, shared.desk().await);
    let id = with_files(&desk).await;
    for (number, bytes) in [(1, FIRST), (2, SECOND)] {
        assert_eq!(saved(&desk, admin, id, number).await.unwrap(), bytes);
    }
    // The node gives the pieces of the one for those of the other, a piece that is cut off, and then none.
    let honest = shared.lock().blobs.clone();
    let cannot = |error: Error| matches!(error, Error::File(FileError::CannotOpen(_)));
    let pieces: Vec<Bytes> = honest.values().rev().cloned().collect();
    shared.lock().blobs = honest.keys().cloned().zip(pieces).collect();
    for number in [1, 2] {
        assert!(cannot(saved(&desk, admin, id, number).await.unwrap_err()));
    }
    shared.lock().blobs = honest.iter().map(|(name, piece)| (name.clone(), piece.slice(..4_000))).collect();
    assert!(cannot(saved(&desk, admin, id, 1).await.unwrap_err()));
    shared.lock().blobs.clear();
    let missing = saved(&desk, admin, id, 1).await.unwrap_err();
    assert!(matches!(missing, Error::File(FileError::Missing { piece: 1, pieces: 1 })), "{missing}");
    shared.lock().blobs = honest;
    // The validators leave the first one out of the record: it is not the second one then.
    shared.lock().change(|state| {
        let mut head: TicketHead = read(state, &tree::ticket(id));
        head.ticket.as_mut().unwrap().attachments.remove(0);
        write(state, &tree::ticket(id), &head);
    });
    let unnamed = saved(&desk, admin, id, 1).await.unwrap_err();
    assert!(matches!(unnamed, Error::File(FileError::NotNamed(1))), "{unnamed}");
    assert_eq!(saved(&desk, admin, id, 2).await.unwrap(), SECOND);
}

#[tokio::test(start_paused = true)]
async fn of_files_that_one_cannot_open_only_their_number_is_told() {
    let shared = Shared::new();
    let (admin, customer, desk) = (&people().admin, &people().customer, shared.desk().await);
    let id = with_files(&desk).await;
    let mut note = NewResponse::note("For us.");
    note.attach(attached(&desk, admin, FIRST).await);
    desk.respond(admin, id, &note).await.unwrap();
    assert_eq!(saved(&desk, admin, id, 3).await.unwrap(), FIRST);
    let closed = saved(&desk, customer, id, 3).await.unwrap_err();
    let is_told = matches!(closed, Error::File(FileError::NotAmongOpened { number: 3, files: 2, closed: 1 }));
    assert!(is_told, "{closed}");
    let none = saved(&desk, admin, id, 4).await.unwrap_err();
    assert!(matches!(none, Error::File(FileError::NoSuchFile { number: 4, files: 3 })), "{none}");
}

#[tokio::test(start_paused = true)]
async fn what_the_ledger_would_refuse_is_foreseen_and_nothing_else() {
    let shared = Shared::new();
    let (admin, customer, desk) = (&people().admin, &people().customer, shared.desk().await);
    let id = desk.create_ticket(customer, &ticket()).await.unwrap().ticket_id.unwrap();
    let answer = Attaching::Response { ticket: id, internal: false };
    let params = Params {
        max_attachment_bytes: 1 << 20,
        max_attachment_bytes_per_customer_per_day: 2 << 20,
        ..Params::default()
    };
    shared.lock().change(|state| write(state, tree::PARAMS, &params.to_wire()));
    // A file is judged by its size with the padding: one byte more than fills it is more than the desk takes.
    let fits = (1 << 20) - 1;
    desk.check_files(customer, answer, &[fits]).await.unwrap();
    let large = desk.check_files(customer, answer, &[1 << 20]).await.unwrap_err();
    assert!(matches!(large, Error::File(FileError::TooLarge { .. })), "{large}");
    // A customer's day counts for their tickets and their answers, and not for the staff's.
    let used = AttachedHour { from: NOW - NOW.rem_euclid(3_600), bytes: 1 << 20 };
    let record = CustomerRecord { attached: vec![used], ..CustomerRecord::default() };
    for who in [customer, admin] {
        shared.lock().change(|state| write(state, &tree::customer(&address(who)), &record));
    }
    desk.check_files(customer, answer, &[fits]).await.unwrap();
    desk.check_files(admin, answer, &[fits, fits]).await.unwrap();
    let foreseen = |error: &Error, is_it: fn(&SupportError) -> bool| match error {
        Error::File(FileError::Foreseen(refusal)) => {
            matches!(&**refusal, Refusal::Support(error) if is_it(error))
        }
        _ => false,
    };
    let is_rate = |error: &SupportError| matches!(error, SupportError::RateLimit { .. });
    for to in [answer, Attaching::Ticket] {
        let error = desk.check_files(customer, to, &[fits, fits]).await.unwrap_err();
        assert!(foreseen(&error, is_rate), "{error}");
    }
    // The last fifth of a ticket's responses is the staff's.
    shared.lock().change(|state| {
        let mut head: TicketHead = read(state, &tree::ticket(id));
        head.ticket.as_mut().unwrap().response_count = 80;
        write(state, &tree::ticket(id), &head);
    });
    let error = desk.check_files(customer, answer, &[1]).await.unwrap_err();
    assert!(foreseen(&error, |error| matches!(error, SupportError::TooManyResponses { .. })), "{error}");
    desk.check_files(admin, answer, &[1]).await.unwrap();
}
