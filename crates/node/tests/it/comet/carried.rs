//! What a snapshot carries of a ticket beside its texts: files, who works on it together, and what stays of texts that were erased.

use sealdesk_node::comet::App;
use sealdesk_node::ledger::Ledger as _;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::wire::virtengine::support::v1::{
    MsgAssignTicket, QueryTicketRequest, QueryTicketResponsesRequest, SupportTicket, TicketResponse,
};
use sealdesk_store::testing::Faults;
use sealdesk_testkit::files::{create_with, file, files, respond_with};
use sealdesk_testkit::scenario::{close, create_at, priority, respond_wire, ticket_id};

use super::syncing::{Maker, open, sync};

const INTERVAL: u64 = 10;

/// What a node shows of its tickets, and of the first answer to each.
fn shown(app: &App) -> Vec<(SupportTicket, Option<TicketResponse>)> {
    let (tip, view) = (app.handle().view().tip(), app.handle().view());
    let one = |number| {
        let request = QueryTicketRequest { ticket_id: TicketId::new(number)?.to_string() };
        let ticket = view.machine().ticket(&tip.snapshot, &request).ok()?.ticket?;
        let request = QueryTicketResponsesRequest { ticket_id: ticket.ticket_id.clone(), page: None };
        let responses = view.machine().ticket_responses(&tip.snapshot, &request).unwrap().responses;
        Some((ticket, responses.into_iter().next()))
    };
    (1..).map_while(one).collect()
}

#[test]
fn a_snapshot_carries_files_collaborators_and_what_stays_of_erased_texts() {
    let mut maker = Maker::new(3, INTERVAL, 0);
    let [admin, ann, ben, customer] = [0, 1, 2, 3].map(|n| maker.walk.people[n].clone());
    for seed in [1, 2] {
        let message = create_at(&maker.walk.desk, &customer, &[&admin, &customer], 0);
        maker.send(3, create_with(message, vec![file(2 << 20, seed)]));
        let message = respond_wire(&maker.walk.desk, &admin, seed, &[&admin, &customer], false);
        maker.send(0, respond_with(message, files(&[5_000, 9_000])));
    }
    let together = MsgAssignTicket {
        sender: admin.text.clone(),
        ticket_id: ticket_id(1),
        assign_to: ann.text.clone(),
        collaborators: vec![ben.text.clone()],
        ..MsgAssignTicket::default()
    };
    maker.send(0, to_any(&together));
    maker.send(3, close(&customer, 2));
    let second = TicketId::new(2).unwrap();
    let erased = maker.app.handle().view().erase(second, &admin.address, 1, &|| false).unwrap();
    assert_eq!(erased.texts, 2);
    while !maker.walk.desk.height.is_multiple_of(INTERVAL) {
        maker.send(0, priority(&admin, 1, "high"));
    }
    let offered = maker.snapshot(maker.walk.desk.height).split(4);
    let app = open(&Faults::new(0), &maker.genesis, 0).unwrap();
    assert_eq!(sync(&app, &offered), Ok(()));
    let (ours, theirs) = (shown(&maker.app), shown(&app));
    assert_eq!(ours[0], theirs[0]);
    let (ticket, response) = &theirs[0];
    assert_eq!((ticket.collaborators.as_slice(), ticket.attachments.len()), (&[ben.text][..], 1));
    assert_eq!(response.as_ref().unwrap().attachments.len(), 2);
    // Of an erased one it is told that it was erased before, and no more.
    let bare = |(mut ticket, mut response): (SupportTicket, Option<TicketResponse>)| {
        let was_erased = ticket.erased.take().is_some();
        let response = response.as_mut().map(|response| (response.erased.take().is_some(), response.clone()));
        (was_erased, ticket, response)
    };
    let (ours, theirs) = (bare(ours[1].clone()), bare(theirs[1].clone()));
    assert_eq!(ours, theirs);
    assert!(theirs.0 && theirs.1.encrypted_payload.is_none() && theirs.1.attachments.len() == 1);
    let (was_erased, response) = theirs.2.unwrap();
    assert!(was_erased && response.encrypted_payload.is_none() && response.attachments.len() == 2);
}
