//! The inbox over a real node: what is unfinished is found, however much is finished, and in how many calls.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use sealdesk_client::desk::Desk;
use sealdesk_client::inbox::{InboxAsk, InboxFilter};
use sealdesk_client::messages::{NewResponse, NewTicket};
use sealdesk_client::node::{Node, QueueOf};
use sealdesk_client::overview::{Opener, Subjects, SubjectsFile};
use sealdesk_client::trust::Trust;
use sealdesk_node::home::Home;
use sealdesk_node::{NodeConfig, run};
use sealdesk_protocol::genesis::{Genesis, GenesisValidator};
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::limits::DAY_SECONDS;
use sealdesk_protocol::ticket::Status;
use sealdesk_testkit::desk::{GENESIS_TIME, genesis_at};
use sealdesk_testkit::many::{self, People};
use tonic::body::Body;
use tonic::client::GrpcService;
use tonic::transport::Channel;

/// Notes the path of every call.
#[derive(Clone)]
pub struct Counted {
    channel: Channel,
    calls: Arc<Mutex<Vec<String>>>,
}

impl GrpcService<Body> for Counted {
    type ResponseBody = <Channel as GrpcService<Body>>::ResponseBody;
    type Error = <Channel as GrpcService<Body>>::Error;
    type Future = <Channel as GrpcService<Body>>::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        GrpcService::poll_ready(&mut self.channel, context)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let path = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).push(path);
        GrpcService::call(&mut self.channel, request)
    }
}

pub struct Over {
    pub desk: Desk<Counted>,
    calls: Arc<Mutex<Vec<String>>>,
    node: sealdesk_node::Node,
    _home: tempfile::TempDir,
}

impl Over {
    /// A node of a ledger that begins with so many tickets in these statuses, changed like this.
    pub async fn new(
        people: &People,
        count: u64,
        statuses: &[&str],
        change: impl FnOnce(&mut Genesis),
    ) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let home = Home::new(directory.path().join("node"));
        let validator = GenesisValidator::new(&home.prepare().unwrap(), 1, "node");
        let empty = genesis_at(GENESIS_TIME, &[&people.admin], validator);
        let mut genesis = many::genesis_upon(empty, people, count, statuses);
        change(&mut genesis);
        home.join(&genesis).unwrap();
        let listen = Some("127.0.0.1:0".parse().unwrap());
        let config = NodeConfig { home: home.path().to_owned(), listen, ..NodeConfig::default() };
        let node = run(config).await.unwrap();
        let url = format!("http://{}", node.listening());
        let channel = tonic::transport::Endpoint::from_shared(url.clone()).unwrap().connect().await.unwrap();
        let calls = Arc::new(Mutex::new(Vec::new()));
        let transport = Counted { channel, calls: calls.clone() };
        let desk = Desk::open(Node::over(transport, url), Trust::FirstUse).await.unwrap();
        Self { desk, calls, node, _home: directory }
    }

    /// The calls since this was asked last.
    pub fn calls(&self) -> Vec<String> {
        std::mem::take(&mut *self.calls.lock().unwrap())
    }

    pub async fn stop(self) {
        drop(self.desk);
        self.node.stop().await.unwrap();
    }
}

fn names(count: usize, every: usize) -> Vec<String> {
    (1..=count).map(|n| format!("TKT-{:08}", n * every)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_assigned_tickets_wait_beside_1050_that_are_resolved() {
    let people = People::default();
    let statuses: Vec<&str> = std::iter::repeat_n("resolved", 21).chain(["assigned"]).collect();
    // One that nobody has, more urgent than all and newer than all.
    let newest = |genesis: &mut Genesis| {
        // What is resolved is not to close by itself while this runs.
        let tickets = &mut genesis.app_state.tickets;
        tickets
            .iter_mut()
            .filter(|ticket| ticket.due_at > 0)
            .for_each(|ticket| ticket.due_at += 3_000 * DAY_SECONDS);
        let ticket = genesis.app_state.tickets.last_mut().unwrap();
        (ticket.status, ticket.assigned_to, ticket.priority) =
            ("open".into(), String::new(), "urgent".into());
    };
    let over = Over::new(&people, 1_100, &statuses, newest).await;
    let agent: &Address = &people.agent.address;
    let inbox = over.desk.inbox(agent).await.unwrap();
    let assigned: Vec<String> = inbox.assigned.iter().map(|ticket| ticket.id.to_string()).collect();
    assert_eq!(assigned, names(49, 22));
    assert_eq!(inbox.more.assigned, 0);

    let ask = InboxAsk { most: 10, ..InboxAsk::default() };
    let ten = over.desk.inbox_for(agent, &ask, None).await.unwrap();
    assert_eq!((ten.assigned.len(), ten.more.assigned), (10, 39), "it says that there are more");

    let inbox = over.desk.inbox(&people.admin.address).await.unwrap();
    let open: Vec<String> = inbox.open.iter().map(|ticket| ticket.id.to_string()).collect();
    assert_eq!(open, ["TKT-00001100"]);
    assert_eq!(inbox.in_work.len() + inbox.stranded.len(), 49);
    let own = over.desk.inbox(&people.customer.address).await.unwrap();
    assert_eq!((own.own.len(), own.withheld), (100, 0), "50 unfinished ones, and the newest resolved ones");
    assert!(own.more.own > 0);

    // The most urgent of all tickets: a page of the queue, and a proof.
    over.calls();
    let (tickets, more) = over.desk.queued(&QueueOf::All, 50).await.unwrap();
    assert_eq!((tickets.len(), more, tickets[0].id.to_string().as_str()), (50, 0, "TKT-00001100"));
    let calls = over.calls();
    assert_eq!(calls, ["TicketQueue", "Proof"], "at most three round trips");

    // An inbox asks as often for fifty tickets as for twenty: once who one is, once each list, and once for all records. Of a list that it
    // shows a part of it also asks what was put aside and is back.
    let calls_for = async |most| {
        let ask = InboxAsk { most, ..InboxAsk::default() };
        over.desk.inbox_for(agent, &ask, None).await.unwrap();
        over.calls()
    };
    let (ten, twenty, fifty) = (calls_for(10).await, calls_for(20).await, calls_for(50).await);
    assert_eq!(ten, twenty);
    let proofs = fifty.iter().filter(|call| *call == "Proof").count();
    assert!(proofs == 2 && fifty.len() == 5 && twenty.len() == 6, "{twenty:?} {fifty:?}");

    // A filter looks further than it shows, also where all that it finds is finished.
    let filter = InboxFilter { status: Some(Status::Resolved), ..InboxFilter::default() };
    let ask = InboxAsk { filter, most: 300, ..InboxAsk::default() };
    let resolved = over.desk.inbox_for(&people.admin.address, &ask, None).await.unwrap();
    assert_eq!((resolved.closed.len(), resolved.more.closed, resolved.unseen), (300, 750, 0));
    assert!(resolved.open.is_empty() && resolved.assigned.is_empty() && resolved.in_work.is_empty());
    over.stop().await;
}

/// Two hundred subjects, opened once by whoever reads them: then nothing is asked for but lists and proofs.
#[tokio::test(flavor = "multi_thread")]
async fn subjects_are_opened_once_and_searched_afterwards_without_asking_again() {
    let (running, desk) = crate::client_over_node::running().await;
    let (admin, customer) = (&running.admin, &running.customer);
    desk.register_key(admin, "").await.unwrap();
    let mut params = desk.params().await.unwrap();
    params.ticket_cooldown_seconds = 0;
    desk.update_params(admin, &params).await.unwrap();
    for number in 0..3 {
        let subject = format!("Boiler {number} of the house");
        desk.create_ticket(customer, &NewTicket::new("technical", &subject, "Cold.")).await.unwrap();
    }
    let answered = TicketId::new(2).unwrap();
    desk.respond(admin, answered, &NewResponse::note("He rang, too.")).await.unwrap();
    desk.respond(admin, answered, &NewResponse::new("Which one?")).await.unwrap();
    let home = tempfile::tempdir().unwrap();
    let me = desk.address_of(admin);
    let file = || SubjectsFile::of(home.path(), &desk.chain().identity(), &me, admin).unwrap();
    for turn in 0..2 {
        let mut subjects = file().load();
        assert_eq!(subjects.len(), 3 * turn);
        let opener = Opener { actor: admin, subjects: &mut subjects };
        let inbox = desk.inbox_for(&me, &InboxAsk::default(), Some(opener)).await.unwrap();
        assert_eq!(subjects.is_changed(), turn == 0, "what is known is not opened again");
        file().keep(&subjects).unwrap();
        assert_eq!(inbox.open.len(), 3);
        for (number, ticket) in inbox.open.iter().enumerate() {
            let about = &inbox.about[&ticket.id];
            assert_eq!(about.subject.text(), Some(format!("Boiler {number} of the house").as_str()));
            let last = about.last.as_ref().unwrap();
            assert_eq!(last.is_staff, ticket.id == answered, "a note is not a word to the customer");
        }
    }
    let bytes =
        std::fs::read_dir(home.path()).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
    assert!(bytes.into_iter().all(|bytes| !bytes.windows(6).any(|window| window == b"Boiler")));

    let mut subjects = file().load();
    let filter = InboxFilter { search: Some("boiler 2".into()), ..InboxFilter::default() };
    let ask = InboxAsk { filter, ..InboxAsk::default() };
    let opener = Opener { actor: admin, subjects: &mut subjects };
    let found = desk.inbox_for(&me, &ask, Some(opener)).await.unwrap();
    assert_eq!(found.open.iter().map(|ticket| ticket.id.number()).collect::<Vec<_>>(), [3]);

    // The customer sees what is over, and why.
    let mine = desk.address_of(customer);
    desk.close(customer, TicketId::new(1).unwrap(), "it is warm again").await.unwrap();
    let mut subjects = Subjects::default();
    let opener = Opener { actor: customer, subjects: &mut subjects };
    let inbox = desk.inbox_for(&mine, &InboxAsk::default(), Some(opener)).await.unwrap();
    assert_eq!((inbox.own.len(), inbox.closed.len(), inbox.withheld), (2, 1, 0));
    let closed = inbox.about[&inbox.closed[0].id].closed.clone().unwrap();
    assert_eq!((closed.by, closed.reason), (Some(mine.to_string()), "it is warm again".to_owned()));
    running.node.stop().await.unwrap();
}
