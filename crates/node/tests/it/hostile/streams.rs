//! Strangers with many streams: server-sent events, which share their places with gRPC's, over each HTTP.

use http::Response;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use sealdesk_node::port::PortConfig;
use sealdesk_testkit::people::Person;

use super::super::desk::waiting::within;
use super::super::port::speaker::Speaker;
use super::ways::Way;
use super::*;

const EVENTS: &str = "GET /api/v1/events";

async fn follow(speaker: &mut Speaker) -> Response<Incoming> {
    let request = speaker.request(EVENTS, "localhost", &[], Default::default());
    within("an answer", speaker.begin(request)).await.unwrap()
}

async fn http1(desk: &Desk, way: &Way, from: Ipv4Addr) -> Speaker {
    Speaker::http1(way.connect(desk, from, b"http/1.1").await.unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_event_streams_leave_the_past_to_everyone_and_the_operator_a_place() {
    for (desk, way) in [ways::plain().await, ways::over_tls().await] {
        let mut held = Vec::new();
        for number in 1..=16 {
            // Half of them over one connection of HTTP/2, the others with a connection each.
            let mut many = way.http2(&desk, stranger(number)).await;
            for n in 0..STREAMS {
                let answer = match n % 2 {
                    0 => follow(&mut many).await,
                    _ => follow(&mut http1(&desk, &way, stranger(number)).await).await,
                };
                assert_eq!(answer.status(), 200, "{number}, {n}");
                held.push(answer.into_body());
            }
            assert_eq!(follow(&mut many).await.status(), 429, "one address has its share");
        }
        desk.until_held("subscribers", 256..=256).await;
        let mut honest = http1(&desk, &way, HONEST).await;
        let full = follow(&mut honest).await;
        assert_eq!((full.status().as_u16(), &full.headers()["retry-after"]), (429, &"5".parse().unwrap()));
        way.is_answered(&desk, HONEST).await;
        let past = http1(&desk, &way, HONEST)
            .await
            .get("localhost", "/api/v1/events?from_start=true&stop_at_end=true", &[])
            .await;
        assert_eq!(past.status(), 200, "what happened is told");
        let own = follow(&mut http1(&desk, &way, OWN).await).await.into_body();
        let mut told = vec![own, held.remove(0), held.pop().unwrap()];
        let (admin, agent) = (Person::number(0), Person::number(1));
        crate::comet::network::execute(&desk.node.ledger(), &admin.appoint(0, &agent)).await;
        for body in &mut told {
            let event = async {
                let mut text = String::new();
                while !text.contains("EventRoleAssigned") {
                    let frame = body.frame().await.unwrap().unwrap();
                    text.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
                }
            };
            within("an event", event).await;
        }
        drop((held, told));
        desk.gives_back("subscribers").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_streams_than_a_connection_may_have_wait_and_the_rest_goes_on() {
    for (desk, way) in [ways::plain().await, ways::over_tls().await] {
        let mut many = way.http2(&desk, stranger(1)).await;
        // By then it knows how many it may have; whoever opens more is hung up on.
        assert_eq!(many.get("localhost", "/health", &[]).await.status(), 200);
        let Speaker::Http2(sender) = many else { panic!("it speaks HTTP/2") };
        let asking: Vec<_> = (0..4 * STREAMS)
            .map(|_| {
                let mut speaker = Speaker::Http2(sender.clone());
                tokio::spawn(async move { follow(&mut speaker).await })
            })
            .collect();
        desk.until_held("subscribers", 16..=16).await;
        way.is_answered(&desk, HONEST).await;
        way.is_answered(&desk, stranger(1)).await;
        let answered = asking.iter().filter(|asking| asking.is_finished()).count();
        assert!(answered <= STREAMS, "{answered} streams of one connection");
        asking.iter().for_each(tokio::task::JoinHandle::abort);
        drop((asking, sender));
        desk.gives_back("subscribers").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_with_other_bounds_holds_exactly_those() {
    let port = PortConfig {
        connections: Some(8),
        connections_per_address: Some(4),
        subscribers: Some(5),
        subscribers_per_address: Some(3),
        ..PortConfig::default()
    };
    let (desk, way) = (Desk::told(NodeConfig { port, ..NodeConfig::default() }).await, Way::Plain);
    let mut held = Vec::new();
    for (number, places) in [(1, 3), (2, 2)] {
        for n in 0..=places {
            let mut speaker = http1(&desk, &way, stranger(number)).await;
            let answer = follow(&mut speaker).await;
            // One address has three places, and all together have five.
            assert_eq!(answer.status().as_u16(), if n < places { 200 } else { 429 }, "{number}, {n}");
            held.push((speaker, answer));
        }
    }
    desk.until_held("subscribers", 5..=5).await;
    // Seven connections are open by now. Of one address there are four at most, and eight of all: whoever has nothing to do goes.
    for number in [1, 2, 3, 3, 3, 3, 3, 3] {
        held.push(idle(&desk, &way, stranger(number)).await);
    }
    until("all places to be taken, and no more", async || match desk.shown("sealdesk_api_connections", "") {
        8 => Ok(()),
        open => Err(open),
    })
    .await;
    desk.until_held("subscribers", 5..=5).await;
    desk.client(OWN).await.is_answered().await;
    assert_eq!(
        follow(&mut http1(&desk, &way, OWN).await).await.status(),
        200,
        "the operator has places beside"
    );
}

/// A connection that has asked once, and what it was answered.
async fn idle(desk: &Desk, way: &Way, from: Ipv4Addr) -> (Speaker, Response<Incoming>) {
    let mut speaker = http1(desk, way, from).await;
    let request = speaker.request("GET /health", "localhost", &[], Default::default());
    let answer = within("an answer", speaker.begin(request)).await.unwrap();
    assert_eq!(answer.status(), 200);
    (speaker, answer)
}
