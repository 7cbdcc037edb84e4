//! Server-sent events: nothing is lost and nothing doubled, however often a reader comes back, and a reader who does not read is told why.

use std::time::Duration;

use axum::body::Body;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use sealdesk_protocol::json as views;
use sealdesk_testkit::random::Random;
use serde_json::Value;

use super::kit::Desk;
use crate::desk::waiting::within;
use crate::feed::Cursor;

/// One event of a stream, as a browser reads it.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    id: Option<String>,
    name: Option<String>,
    data: Option<String>,
}

/// The whole events in a text, and how many of its bytes they are. What is cut off does not count, as in a browser.
fn events(text: &str) -> Vec<Seen> {
    let whole = text.rfind("\n\n").map_or("", |end| &text[..end]);
    let read = |block: &str| {
        let mut seen = Seen::default();
        for line in block.lines() {
            let (field, value) = line.split_once(": ").unwrap_or((line, ""));
            match field {
                "id" => seen.id = Some(value.to_owned()),
                "event" => seen.name = Some(value.to_owned()),
                "data" => seen.data = Some(value.to_owned()),
                _ => {}
            }
        }
        seen
    };
    whole.split("\n\n").map(read).collect()
}

async fn follow(desk: &Desk, query: &str, last: Option<&str>) -> Body {
    let mut request = Request::get(format!("/api/v1/events{query}"));
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    // A place that was just left is free in a moment.
    loop {
        let answer = desk.send(request_of(&request)).await;
        if answer.status() != StatusCode::TOO_MANY_REQUESTS {
            assert_eq!(answer.status(), StatusCode::OK);
            assert_eq!(answer.headers()["content-type"], "text/event-stream");
            return answer.into_body();
        }
        assert_eq!(answer.headers()["retry-after"], "5");
        tokio::task::yield_now().await;
    }
}

fn request_of(builder: &http::request::Builder) -> Request<Body> {
    let mut request = Request::get(builder.uri_ref().unwrap()).body(Body::empty()).unwrap();
    request.headers_mut().extend(builder.headers_ref().unwrap().clone());
    request
}

/// Reads until so many events with data have come.
async fn read(body: &mut Body, events_wanted: usize) -> String {
    let mut text = String::new();
    while events(&text).iter().filter(|event| event.data.is_some()).count() < events_wanted {
        let frame = within("an event", body.frame()).await.expect("the stream goes on").unwrap();
        text.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
    }
    text
}

async fn whole(body: Body) -> Vec<Seen> {
    let text = body.collect().await.unwrap().to_bytes().to_vec();
    events(&String::from_utf8(text).unwrap())
}

fn data(event: &Seen) -> Value {
    serde_json::from_str(event.data.as_deref().unwrap()).unwrap()
}

#[tokio::test]
async fn a_thousand_reconnects_at_random_moments_lose_and_double_nothing() {
    let (mut desk, mut random) = (Desk::new(), Random::new(10));
    let before = desk.api.newest();
    let (mut last, mut got, mut made): (Option<String>, Vec<Value>, u16) = (None, Vec::new(), 0);
    for round in 0..1_000 {
        let mut body = follow(&desk, "", last.as_deref()).await;
        // The id that a stream begins with is there before anything else.
        let mut text = read_opening(&mut body).await;
        for _ in 0..random.below(3).saturating_sub(1) {
            desk.appoint(1_000 + made);
            made += 1;
        }
        let waiting = usize::from(made) - got.len();
        let wanted = if round == 999 { waiting } else { random.below(waiting + 1) };
        text.push_str(&read(&mut body, wanted).await);
        drop(body);
        // The connection may break in the middle of an event.
        let cut = if round == 999 { text.len() } else { text.len() - random.below(40).min(text.len()) };
        for event in events(&text[..cut]) {
            if event.data.is_some() {
                got.push(data(&event));
            }
            last = event.id.or(last);
        }
    }
    assert!(made > 200, "{made} events");
    let query = format!("?stop_at_end=true&cursor={}", sealdesk_protocol::json::cursor(&before.encode()));
    let all: Vec<Value> = whole(follow(&desk, &query, None).await).await.iter().skip(1).map(data).collect();
    assert_eq!(all.len(), usize::from(made));
    assert!(got == all, "{} of {} events", got.len(), all.len());
}

async fn read_opening(body: &mut Body) -> String {
    let frame = within("the opening", body.frame()).await.unwrap().unwrap();
    let text = String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap();
    let opening = events(&text);
    assert!(opening[0].id.is_some() && opening[0].data.is_none(), "{text}");
    text
}

#[tokio::test]
async fn a_stream_has_what_was_asked_for_and_each_id_goes_on_after_its_event() {
    let desk = Desk::new();
    let past = "?from_start=true&stop_at_end=true";
    let all = whole(follow(&desk, past, None).await).await;
    assert!(all.len() > 20 && all[0].data.is_none());
    for (place, event) in all.iter().enumerate().skip(1) {
        let (shown, id) = (data(event), event.id.clone().unwrap());
        assert_eq!(shown["cursor"], id.as_str());
        assert_eq!(shown["txhash"].as_str().unwrap().len(), 64);
        if place % 7 == 0 {
            let rest = whole(follow(&desk, "?stop_at_end=true", Some(&id)).await).await;
            assert_eq!(&rest[1..], &all[place + 1..], "after event {place}");
        }
    }
    let of_two = whole(follow(&desk, &format!("{past}&ticket_id=TKT-00000002"), None).await).await;
    assert!(of_two[1..].iter().all(|event| data(event)["ticket_id"] == "TKT-00000002") && of_two.len() > 3);
    let created = whole(follow(&desk, &format!("{past}&type=EventTicketCreated"), None).await).await;
    assert_eq!(created.len(), 6);
    for query in ["?type=Nothing", "?ticket_id=x", "?cursor=AAAA", "?from_start=1", "?tipe=x"] {
        let answer = desk.get(&format!("/api/v1/events{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert!(!answer.json()["detail"].as_str().unwrap().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_reader_who_does_not_read_is_dropped_and_the_last_event_says_why() {
    let mut desk = Desk::new();
    for number in 0..100 {
        desk.appoint(2_000 + number);
    }
    let body = follow(&desk, "?from_start=true", None).await;
    tokio::time::sleep(Duration::from_secs(120)).await;
    let seen = whole(body).await;
    let end = seen.last().unwrap();
    assert_eq!((end.name.as_deref(), &end.id), (Some("end"), &None), "{end:?}");
    let why = data(end);
    assert_eq!((why["codespace"].as_str(), why["code"].as_u64()), (Some("node"), Some(8)));
    assert!(why["detail"].as_str().unwrap().contains("cut off for not reading"), "{why}");
    let last = seen.iter().rev().find_map(|event| event.data.as_ref().and(event.id.clone())).unwrap();
    let rest = whole(follow(&desk, "?stop_at_end=true", Some(&last)).await).await;
    let got = seen.iter().filter(|event| event.data.is_some()).count() - 1;
    let all = whole(follow(&desk, "?from_start=true&stop_at_end=true", None).await).await;
    assert_eq!(got + rest.len() - 1, all.len() - 1, "nothing is lost by coming back");
}

#[tokio::test]
async fn who_asks_for_what_was_dropped_is_told_so_and_goes_on_from_there() {
    let mut desk = Desk::new();
    let dropped = desk.solo.prune(5).unwrap();
    desk.appoint(7);
    let seen = whole(follow(&desk, "?from_start=true", None).await).await;
    let [_, end] = seen.as_slice() else { panic!("{seen:?}") };
    let why = data(end);
    assert_eq!((end.name.as_deref(), &why["history_from"]), (Some("end"), &(dropped + 1).into()), "{why}");
    let rest = whole(follow(&desk, "?stop_at_end=true", end.id.as_deref()).await).await;
    assert!(rest.len() > 1 && rest.iter().all(|event| event.name.is_none()), "{rest:?}");
    let page = desk.get("/api/v1/history").await;
    assert_eq!(
        (page.status, &page.json()["history_cursor"]),
        (StatusCode::BAD_REQUEST, &why["history_cursor"])
    );
}

#[tokio::test]
async fn a_cursor_ahead_of_the_ledger_is_refused_and_the_answer_names_the_end() {
    let mut desk = Desk::new();
    let newest = desk.api.ledger().tip().height;
    let end = views::cursor(&Cursor::after_block(newest).encode());
    let next = views::cursor(&Cursor::after_block(newest + 1).encode());
    for ahead in [next.as_str(), "________________"] {
        for path in ["/api/v1/events", "/api/v1/history", "/api/v1/tickets/TKT-00000001/events"] {
            let refused = desk.get(&format!("{path}?cursor={ahead}")).await;
            let why = refused.json();
            assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{path}: {why}");
            assert_eq!((why["codespace"].as_str(), why["code"].as_u64()), (Some("node"), Some(11)), "{why}");
            assert_eq!(
                (&why["ledger_height"], &why["ledger_cursor"]),
                (&newest.into(), &end.as_str().into())
            );
            assert!(why["hint"].as_str().unwrap().contains("ledger_cursor"), "{why}");
            let words = why["detail"].as_str().unwrap();
            assert!(
                words.contains(&format!("from cursor {end},")),
                "what is told is what can be typed: {words}"
            );
        }
        let again =
            Request::get("/api/v1/events").header("last-event-id", ahead).body(Body::empty()).unwrap();
        assert_eq!(desk.send(again).await.status(), StatusCode::BAD_REQUEST, "the header says the same");
    }
    let mut body = follow(&desk, "", Some(&end)).await;
    desk.appoint(7);
    assert_eq!(events(&read(&mut body, 1).await).len(), 2, "from there nothing is missed");
}

#[tokio::test]
async fn readers_have_the_places_of_follow_and_one_more_is_told_when_to_come_back() {
    let desk = Desk::new();
    let mut bodies = Vec::new();
    let full = loop {
        let answer = desk.send(Request::get("/api/v1/events").body(Body::empty()).unwrap()).await;
        if answer.status() != StatusCode::OK {
            break answer;
        }
        bodies.push(answer.into_body());
        assert!(bodies.len() <= 256, "places have no end");
    };
    assert_eq!((full.status(), bodies.len()), (StatusCode::TOO_MANY_REQUESTS, 256));
    assert_eq!(full.headers()["retry-after"], "5");
    assert_eq!(full.headers()["content-type"], "application/problem+json");
    bodies.pop();
    let body = follow(&desk, "", None).await;
    assert_eq!(
        desk.get("/api/v1/events?stop_at_end=true").await.status,
        StatusCode::OK,
        "the past is there for everyone"
    );
    drop(body);
}

#[tokio::test(start_paused = true)]
async fn a_quiet_stream_sends_comments() {
    let desk = Desk::new();
    let mut body = follow(&desk, "", None).await;
    read_opening(&mut body).await;
    let frame = body.frame().await.unwrap().unwrap().into_data().unwrap();
    assert!(frame.starts_with(b":"), "{frame:?}");
}
