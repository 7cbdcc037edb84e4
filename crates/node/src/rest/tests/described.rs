//! The description: that it is the one in docs, that every route of it answers, and that no answer is another than it says.

use std::collections::BTreeSet;
use std::path::PathBuf;

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Request, StatusCode};
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::wire::virtengine::support::v1 as support;
use sealdesk_testkit::random::Random;
use serde_json::{Value, json};

use super::kit::{Answer, Desk, person};
use super::schema::mismatch;
use crate::api::dispatch::UNARY;
use crate::desk::{settle, submit};
use crate::feed::{self, Cursor, Filter};
use crate::webhooks;

/// Random requests to each operation.
const TRIES: usize = 30;

fn golden() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json")
}

#[tokio::test]
async fn the_description_is_the_one_in_docs() {
    let served = String::from_utf8(Desk::new().get("/openapi.json").await.body).unwrap();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(golden(), &served).unwrap();
        panic!("written anew: read the difference, then run without BLESS");
    }
    let told = std::fs::read_to_string(golden()).unwrap_or_default();
    assert!(served == told, "docs/openapi.json differs from what is served: BLESS=1 writes it anew");
}

#[tokio::test]
async fn the_page_runs_no_script_and_loads_nothing_from_elsewhere() {
    let desk = Desk::new();
    let page = desk.get("/api").await;
    assert_eq!((page.status, page.header("content-type")), (StatusCode::OK, "text/html; charset=utf-8"));
    let policy = page.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'") && !policy.contains("unsafe") && !policy.contains("script")
    );
    let html = String::from_utf8(page.body).unwrap();
    for never in ["<script", "http://", "https://", " style=", "javascript:", "onclick", "//cdn"] {
        assert!(!html.contains(never), "{never}");
    }
    for loaded in html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert_eq!(desk.get(loaded).await.status, StatusCode::OK, "{loaded}");
    }
    for route in crate::rest::table() {
        assert!(html.contains(&format!("id=\"{}\"", route.id)), "{}", route.id);
    }
}

/// An operation of the document.
struct Operation {
    path: String,
    method: String,
    value: Value,
}

fn operations(document: &Value) -> Vec<Operation> {
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, methods): (&String, &Value)| {
        let methods = methods.as_object().unwrap().clone();
        let path = path.clone();
        methods.into_iter().map(move |(method, value)| Operation { path: path.clone(), method, value })
    };
    paths.iter().flat_map(of_path).collect()
}

/// What the desk knows by a parameter's name.
fn known(name: &str, random: &mut Random) -> String {
    let people = ["admin", "agent", "customer", "other", "suspended", "nobody"];
    let someone = person(people[random.below(people.len())]);
    match name.rsplit('.').next().unwrap() {
        "ticket_id" => format!("TKT-0000000{}", 1 + random.below(5)),
        "fingerprint" => someone.fingerprint(0),
        "hash" => "AB".repeat(32),
        "status" => (*random.pick(&["open", "in_progress", "closed"])).to_owned(),
        "priority" => (*random.pick(&["normal", "high"])).to_owned(),
        "role" => (*random.pick(&["administrator", "support_agent", "customer"])).to_owned(),
        "type" => "EventTicketCreated".to_owned(),
        "height" => random.below(40).to_string(),
        "query" | "events" => "message.action='/virtengine.support.v1.MsgCreateTicket'".to_owned(),
        "state_key" => hex::encode(sealdesk_protocol::state::tree::ticket(
            sealdesk_protocol::ids::TicketId::parse("TKT-00000001").unwrap(),
        )),
        "wait" => "false".to_owned(),
        "stop_at_end" => "true".to_owned(),
        "limit" => (1 + random.below(100)).to_string(),
        "shelf" => (*random.pick(&["public", "staff"])).to_owned(),
        "name" => "sla".to_owned(),
        "denom" => "stake".to_owned(),
        _ => someone.text.clone(),
    }
}

/// A value of its kind, or one that is not.
fn any(name: &str, schema: &Value, random: &mut Random) -> String {
    let odd = [
        "",
        "0",
        "1",
        "-1",
        "18446744073709551616",
        "true",
        "x",
        "%",
        "\u{202e}",
        "..",
        "a/b",
        "AAAA",
        "=",
        "🙂",
    ];
    match random.below(4) {
        0 => (*random.pick(&odd)).to_owned(),
        1 => {
            (0..random.below(80)).map(|_| char::from(u8::try_from(33 + random.below(94)).unwrap())).collect()
        }
        2 if schema["enum"].is_array() => {
            let names = schema["enum"].as_array().unwrap();
            names[random.below(names.len())].as_str().unwrap().to_owned()
        }
        2 if schema["type"] == "boolean" => (*random.pick(&["true", "false"])).to_owned(),
        2 if schema["type"] == "integer" => random.below(200).to_string(),
        _ => known(name, random),
    }
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}

/// A request to an operation; `good` names what the desk knows, and only what must be named.
fn request(operation: &Operation, good: bool, random: &mut Random) -> Request<Body> {
    let (mut path, mut query, mut headers) = (operation.path.clone(), Vec::new(), Vec::new());
    let none = Vec::new();
    for parameter in operation.value["parameters"].as_array().unwrap_or(&none) {
        let (name, schema) = (parameter["name"].as_str().unwrap(), &parameter["schema"]);
        let schema = if schema["type"] == "array" { &schema["items"] } else { schema };
        let value = if good { known(name, random) } else { any(name, schema, random) };
        if parameter["in"] == "path" {
            let value = if value.is_empty() { "x".to_owned() } else { value };
            path = path.replace(&format!("{{{name}}}"), &encoded(&value));
        } else if parameter["in"] == "header" {
            // Nothing but what can stand in a header; `good` names none.
            let plain = value.bytes().all(|byte| byte.is_ascii_graphic());
            if !good && plain && random.below(3) == 0 {
                headers.push((name.to_owned(), value));
            }
        } else if (good && ["agent", "stop_at_end", "wait", "state_key", "query"].contains(&name))
            || (!good && random.below(3) == 0)
        {
            query.push(format!("{name}={}", encoded(&value)));
        }
    }
    if !good
        && operation.path.ends_with("/events")
        && !query.iter().any(|part| part.starts_with("stop_at_end"))
    {
        query.push("stop_at_end=true".to_owned());
    }
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    let mut builder =
        Request::builder().method(operation.method.to_ascii_uppercase().as_str()).uri(path + &query);
    for (name, value) in headers {
        builder = builder.header(name, value);
    }
    let body = match (&operation.value["requestBody"], good) {
        (Value::Null, _) => Body::empty(),
        (_, true) => json!({ "tx_bytes": "AAAA" }).to_string().into(),
        (_, false) => {
            let odd = [
                "",
                "{}",
                "[]",
                "{\"tx_bytes\":1}",
                "{\"tx_bytes\":\"AAAA\"}",
                "{\"tx_bytes\":\"",
                "nul",
                "{\"mode\":2,\"tx_bytes\":\"\"}",
            ];
            Body::from(*random.pick(&odd))
        }
    };
    builder.header("content-type", "application/json").body(body).unwrap()
}

/// Whether an answer is one that the document has.
fn judge(document: &Value, operation: &Operation, answer: &Answer, asked: &str) {
    let responses = &operation.value["responses"];
    let described = responses.get(answer.status.as_str()).unwrap_or(&responses["default"]);
    let media = answer.header("content-type");
    if media.is_empty() {
        assert!(described["content"].is_null() && answer.body.is_empty(), "{asked}: {}", answer.status);
        return;
    }
    let schema = &described["content"][media]["schema"];
    assert!(schema.is_object(), "{asked}: {} {media} is not described", answer.status);
    // Whoever asks with HEAD gets what describes an answer, and no answer.
    if media.ends_with("json") && operation.method != "head" {
        let wrong = mismatch(document, schema, &answer.json());
        assert_eq!(wrong, None, "{asked}: {}", answer.status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_of_the_description_answers() {
    let (desk, mut random) = (Desk::new(), Random::new(1));
    let document = desk.get("/openapi.json").await.json();
    let all = operations(&document);
    assert!(all.len() > 30, "{} operations", all.len());
    for operation in &all {
        let request = request(operation, true, &mut random);
        let asked = format!("{} {}", request.method(), request.uri());
        let answer = desk.ask(request).await;
        judge(&document, operation, &answer, &asked);
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        let missing = ["there is nothing at this path", "this path takes another method"];
        assert!(!missing.iter().any(|words| body.contains(words)), "{asked}: {body}");
        let absent = answer.status == StatusCode::NOT_IMPLEMENTED && operation.path.starts_with("/cosmos/");
        assert!(absent || answer.status.as_u16() < 500, "{asked}: {} {body}", answer.status);
        let refuses = operation.method == "post"
            || operation.path.contains("{hash}")
            || operation.path.contains("{name}")
            || !operation.path.starts_with("/api/");
        assert!(answer.status == StatusCode::OK || refuses, "{asked}: {} {body}", answer.status);
    }
}

#[tokio::test]
async fn what_webhooks_post_is_what_the_description_says() {
    let desk = Desk::new();
    let document = desk.get("/openapi.json").await.json();
    let schema =
        &document["webhooks"]["event"]["post"]["requestBody"]["content"]["application/json"]["schema"];
    let (ledger, tip) = (desk.api.ledger(), desk.api.ledger().tip());
    let feed = feed::read(ledger.machine(), &tip.snapshot, Cursor::start(), &Filter::default()).unwrap();
    let chain_id = ledger.machine().chain_id().clone();
    let events = feed.events.iter().map(|event| webhooks::Message::of_event(&chain_id, event).unwrap());
    let messages: Vec<_> = events.chain([webhooks::Message::test(&chain_id, 7).unwrap()]).collect();
    assert!(messages.len() > 5);
    for message in messages {
        let body: Value = serde_json::from_slice(&message.body).unwrap();
        assert_eq!(mismatch(&document, schema, &body), None);
        if let Some(fields) = body["data"].as_object().filter(|fields| !fields.is_empty()) {
            let mut less = body.clone();
            less["data"].as_object_mut().unwrap().remove(fields.keys().next().unwrap());
            assert!(mismatch(&document, schema, &less).is_some(), "each field of a type has to be there");
        }
    }
}

#[tokio::test]
async fn headers_and_what_is_answered_at_once_are_described_where_they_count() {
    let document = Desk::new().get("/openapi.json").await.json();
    let named = |path: &str, method: &str, header: &str| {
        let parameters = document["paths"][path][method]["parameters"].as_array().unwrap();
        parameters.iter().any(|parameter| parameter["in"] == "header" && parameter["name"] == header)
    };
    assert!(named("/api/v1/events", "get", "last-event-id"));
    assert!(named("/api/v1/params", "get", "if-none-match"));
    assert!(!named("/api/v1/events", "get", "if-none-match"), "a stream has no ETag");
    for path in ["/api/v1/transactions", "/cosmos/tx/v1beta1/txs"] {
        assert!(named(path, "post", "sealdesk-admission-bin"), "{path}");
    }
    assert_eq!(document["paths"]["/blobs/{hash}"]["put"]["security"], json!([{ "SealdeskUpload": [] }, {}]));
    let sent = &document["paths"]["/api/v1/transactions"]["post"]["responses"];
    for (status, name) in [("200", "Transaction"), ("202", "Admitted")] {
        let schema = &sent[status]["content"]["application/json"]["schema"];
        assert_eq!(schema["$ref"], format!("#/components/schemas/{name}"));
    }
}

#[test]
fn every_question_that_our_own_services_answer_has_a_path() {
    let answered: BTreeSet<&str> =
        crate::rest::table().iter().flat_map(|route| route.calls.clone()).collect();
    let is_ours = |method: &&String| {
        let (service, _) = method.trim_start_matches('/').split_once('/').unwrap();
        let ours = service.starts_with("virtengine.") || service.starts_with("sealdesk.");
        ours && !service.ends_with(".Msg")
    };
    let questions: Vec<&String> = UNARY.iter().filter(is_ours).collect();
    assert!(questions.len() > 15, "{questions:?}");
    let missing: Vec<_> =
        questions.into_iter().filter(|method| !answered.contains(method.as_str())).collect();
    assert!(missing.is_empty(), "no path answers {missing:?}");
}

#[tokio::test]
async fn what_is_public_is_read_from_its_shelf_and_a_piece_is_asked_for_by_its_hash() {
    let mut desk = Desk::new();
    let body = br#"{"targets":[]}"#.to_vec();
    let admin = person("admin");
    let put = support::MsgPutDocument {
        sender: admin.text.clone(),
        shelf: "public".to_owned(),
        name: "sla".to_owned(),
        body: body.clone(),
        ..support::MsgPutDocument::default()
    };
    let tx = admin.sign(desk.sequence, &[to_any(&put)], 0);
    desk.sequence += 1;
    let told = submit(&desk.solo, &tx).unwrap();
    settle(&mut desk.solo, &desk.clock);
    assert_eq!(told.record().code, 0, "{}", told.record().log);
    let one = desk.get("/api/v1/documents/public/sla").await;
    assert_eq!(one.status, StatusCode::OK, "{}", one.json());
    let one = one.json();
    assert_eq!(
        (&one["head"]["name"], &one["body"]),
        (&"sla".into(), &STANDARD.encode(&body).into()),
        "{one}"
    );
    let all = desk.get("/api/v1/documents/public").await.json();
    assert_eq!(all, json!({ "documents": [one], "next_cursor": "" }));
    assert_eq!(desk.get("/api/v1/documents/public/nosuch").await.status, StatusCode::NOT_FOUND);
    let counts = desk.get("/api/v1/ratings").await.json();
    assert_eq!(counts["counts"].as_array().unwrap().len(), 5, "{counts}");
    let holders = desk.get("/api/v1/queue/holders").await.json();
    assert!(!holders["addresses"].as_array().unwrap().is_empty(), "{holders}");
    let counts = desk.get("/blobs").await.json();
    assert_eq!(counts, json!({ "named": null, "missing": null, "never_came": null }));
    let absent = desk.get(&format!("/blobs/{}", "ab".repeat(32))).await;
    assert_eq!((absent.status, &absent.json()["code"]), (StatusCode::NOT_FOUND, &5.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_gets_an_answer_that_is_not_described_or_is_the_node_s_fault() {
    let desk = Desk::new();
    let document = desk.get("/openapi.json").await.json();
    let mut good = 0;
    for (number, operation) in operations(&document).iter().enumerate() {
        let mut random = Random::new(u64::try_from(number).unwrap());
        for _ in 0..TRIES {
            let request = request(operation, false, &mut random);
            let asked = format!("{} {}", request.method(), request.uri());
            let answer = desk.ask(request).await;
            judge(&document, operation, &answer, &asked);
            // Some of Cosmos's methods say that they are not here.
            let absent =
                answer.status == StatusCode::NOT_IMPLEMENTED && operation.path.starts_with("/cosmos/");
            assert!(
                absent || answer.status.as_u16() < 500,
                "{asked}: {} {}",
                answer.status,
                String::from_utf8_lossy(&answer.body)
            );
            good += usize::from(answer.status.is_success());
        }
    }
    assert!(good > 100, "only {good} of the requests were good ones");
}
