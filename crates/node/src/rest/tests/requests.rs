//! Requests and answers of our own paths, one by one.

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Request, StatusCode};
use sealdesk_protocol::json;
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::wire::virtengine::support::v1::QueryTicketRequest;
use sealdesk_testkit::people::Person;
use serde_json::{Value, json};

use super::kit::{Desk, person};
use crate::api::REQUEST_BYTES_MAX;
use crate::desk::settle;
use crate::http::body::tests::never_comes;

#[tokio::test]
async fn a_ticket_is_what_the_program_prints() {
    let desk = Desk::new();
    let answer = desk.get("/api/v1/tickets/TKT-00000002").await;
    let tip = desk.api.ledger().tip();
    let request = QueryTicketRequest { ticket_id: "TKT-00000002".to_owned() };
    let ticket = desk.api.ledger().machine().ticket(&tip.snapshot, &request).unwrap().ticket.unwrap();
    assert_eq!(answer.json(), serde_json::to_value(json::Ticket::from(ticket)).unwrap());
    assert_eq!(answer.json()["status"], "in_progress");
}

#[tokio::test]
async fn nothing_has_happened_is_no_answer_about_a_ticket_that_does_not_exist() {
    let desk = Desk::new();
    let absent = desk.get("/api/v1/tickets/TKT-00000099").await;
    let events = desk.get("/api/v1/tickets/TKT-00000099/events").await;
    assert_eq!((absent.status, events.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    assert_eq!(events.json()["detail"], absent.json()["detail"]);
    let none = desk.get("/api/v1/tickets/TKT-00000002/events?type=EventTicketRated").await;
    assert_eq!((none.status, &none.json()["events"]), (StatusCode::OK, &json!([])));
}

#[tokio::test]
async fn paths_of_cosmos_take_what_its_gateway_takes() {
    let desk = Desk::new();
    // Wallets and explorers ask for a thousand, and go on by what they are given.
    for (path, list) in [
        ("tx/v1beta1/txs?query=tx.height%3E0&limit=1000", "txs"),
        ("tx/v1beta1/txs?query=tx.height%3E0&pagination.limit=1000", "txs"),
        ("auth/v1beta1/accounts?pagination.limit=1000", "accounts"),
    ] {
        let answer = desk.get(&format!("/cosmos/{path}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.json());
        assert!(!answer.json()[list].as_array().unwrap().is_empty(), "{path}");
    }
    let none = desk.get("/cosmos/base/tendermint/v1beta1/blocks/0").await;
    assert_eq!(none.json()["message"], "height must be greater than 0, but got 0");
    // A refusal has the status that gRPC's code has, and no other.
    let simulate = Request::post("/cosmos/tx/v1beta1/simulate").header("content-type", "application/json");
    let refused = desk.ask(simulate.body(Body::from("{}")).unwrap()).await;
    assert_eq!((refused.status, &refused.json()["code"]), (StatusCode::BAD_REQUEST, &3.into()));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_never_comes_is_not_taken_for_one_whose_outcome_is_unknown() {
    let desk = Desk::new();
    let post = |path: &str| {
        let request = Request::post(path).header("content-type", "application/json");
        request.body(never_comes()).unwrap()
    };
    let late = desk.ask(post("/api/v1/transactions")).await;
    let problem = late.json();
    assert_eq!(
        (late.status, &problem["status"], &problem["code"]),
        (StatusCode::REQUEST_TIMEOUT, &408.into(), &4.into())
    );
    let hint = problem["hint"].as_str().unwrap();
    assert!(hint.starts_with("send the whole request again") && !hint.contains("hash"), "{problem}");
    let late = desk.ask(post("/cosmos/tx/v1beta1/txs")).await;
    assert_eq!((late.status, &late.json()["code"]), (StatusCode::REQUEST_TIMEOUT, &4.into()));
}

#[tokio::test]
async fn who_has_an_answer_gets_none_until_it_changes() {
    let mut desk = Desk::new();
    let path = "/api/v1/roles/customer/members";
    let first = desk.get(path).await;
    let tag = first.header("etag").to_owned();
    let again = |tag: String| Request::get(path).header("if-none-match", tag).body(Body::empty()).unwrap();
    let same = desk.ask(again(tag.clone())).await;
    assert_eq!(
        (same.status, same.body.len(), same.header("etag")),
        (StatusCode::NOT_MODIFIED, 0, tag.as_str())
    );
    desk.appoint(5);
    let changed = desk.ask(again(tag.clone())).await;
    assert_eq!(changed.status, StatusCode::OK);
    assert_ne!(changed.header("etag"), tag);
}

#[tokio::test]
async fn a_list_is_paged_to_its_end_and_each_record_comes_once() {
    let mut desk = Desk::new();
    for number in 0..12 {
        desk.appoint(number);
    }
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let page = desk.get(&format!("/api/v1/roles/customer/members?limit=5&cursor={cursor}")).await.json();
        let members = page["members"].as_array().unwrap().clone();
        seen.extend(members.iter().map(|member| member["address"].as_str().unwrap().to_owned()));
        cursor = page["next_cursor"].as_str().unwrap().to_owned();
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!(seen.len(), 12);
    seen.dedup();
    assert_eq!(seen.len(), 12);
    let newest = desk.get("/api/v1/tickets?status=open&reverse=true&limit=1").await.json();
    assert_eq!(newest["tickets"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn each_list_of_tickets_is_there_and_two_at_once_are_not() {
    let desk = Desk::new();
    let count = async |query: String| {
        let answer = desk.get(&format!("/api/v1/tickets?{query}")).await;
        answer.json()["tickets"].as_array().map(Vec::len)
    };
    let (customer, agent) = (person("customer").text, person("agent").text);
    assert_eq!(count(format!("customer={customer}")).await, Some(5));
    assert_eq!(count(format!("customer={customer}&status=closed")).await, Some(1));
    assert_eq!(count(format!("agent={agent}&status=in_progress")).await, Some(1));
    assert_eq!(count(format!("provider={agent}")).await, Some(0));
    assert_eq!(count("status=resolved".to_owned()).await, Some(1));
    assert_eq!(count("priority=normal".to_owned()).await, Some(1));
    assert_eq!(count("priority=urgent&status=open".to_owned()).await, Some(0));
    for query in [
        String::new(),
        format!("customer={customer}&agent={agent}"),
        format!("customer={customer}&priority=high"),
        "priority=high&status=closed".to_owned(),
        "status=gone".to_owned(),
        "status=open&status=closed".to_owned(),
        "limit=0&status=open".to_owned(),
        "limit=101&status=open".to_owned(),
        "cursor=*&status=open".to_owned(),
        format!("custmer={customer}"),
    ] {
        let answer = desk.get(&format!("/api/v1/tickets?{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        let problem = answer.json();
        assert_eq!((&problem["codespace"], &problem["code"]), (&json!("node"), &json!(3)), "{problem}");
        assert!(
            !problem["detail"].as_str().unwrap().is_empty() && !problem["hint"].as_str().unwrap().is_empty()
        );
    }
}

#[tokio::test]
async fn what_a_form_leaves_empty_is_not_named() {
    let desk = Desk::new();
    let empty = desk.get("/api/v1/tickets?customer=&priority=&status=open&limit=&cursor=&reverse=").await;
    assert_eq!(empty.json(), desk.get("/api/v1/tickets?status=open").await.json());
    assert_eq!(empty.status, StatusCode::OK);
}

#[tokio::test]
async fn an_error_of_a_service_says_over_grpc_what_it_is() {
    use prost::Message as _;
    use sealdesk_protocol::wire::google::rpc;
    let desk = Desk::new();
    let dispatch = crate::api::dispatch::Dispatch::new(desk.api.routes().unwrap());
    let request = QueryTicketRequest { ticket_id: "TKT-00000099".to_owned() };
    let call = crate::api::dispatch::Call {
        source: crate::http::source::Source::Own,
        path: "/virtengine.support.v1.Query/Ticket",
        metadata: http::HeaderMap::new(),
        message: request.encode_to_vec().into(),
    };
    let status = dispatch.unary(call).await.unwrap_err();
    let details = rpc::Status::decode(status.details()).unwrap();
    let info = rpc::ErrorInfo::decode(details.details[0].value.as_slice()).unwrap();
    assert_eq!((info.reason.as_str(), info.domain.as_str()), ("NOT_FOUND", "sealdesk"));
    assert_eq!((info.metadata["codespace"].as_str(), info.metadata["code"].as_str()), ("node", "5"));
    let refused = person("customer").attempt(7, &person("admin"));
    let simulated = json!({ "tx_bytes": STANDARD.encode(refused) }).to_string();
    let request = Request::post("/cosmos/tx/v1beta1/simulate").body(Body::from(simulated)).unwrap();
    let answer = desk.ask(request).await;
    let info = &answer.json()["details"][0];
    assert_eq!(
        (&info["domain"], &info["metadata"]["codespace"]),
        (&json!("sealdesk"), &json!("support")),
        "{info}"
    );
}

#[tokio::test]
async fn what_is_not_there_is_said_as_a_problem_with_the_next_step() {
    let desk = Desk::new();
    for (path, status, code) in [
        ("/api/v1/tickets/TKT-00000099", 404, 5),
        ("/api/v1/tickets/x", 400, 3),
        ("/api/v1/transactions/x", 400, 3),
        ("/api/v1/nothing", 404, 12),
        ("/api/v1", 404, 12),
    ] {
        let answer = desk.get(path).await;
        let problem = answer.json();
        assert_eq!(answer.header("content-type"), "application/problem+json", "{path}");
        assert_eq!(
            (answer.status.as_u16(), &problem["status"]),
            (status, &json!(status)),
            "{path}: {problem}"
        );
        assert_eq!(
            (&problem["codespace"], &problem["code"]),
            (&json!("node"), &json!(code)),
            "{path}: {problem}"
        );
        assert!(!problem["hint"].as_str().unwrap().is_empty(), "{problem}");
    }
    let request = Request::delete("/api/v1/params").body(Body::empty()).unwrap();
    let answer = desk.ask(request).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(answer.header("allow").contains("GET") && answer.json()["code"] == 12);
}

fn post(media_type: &str, query: &str, body: impl Into<Body>) -> Request<Body> {
    let request = Request::post(format!("/api/v1/transactions{query}"));
    request.header("content-type", media_type).body(body.into()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_is_sent_and_its_outcome_is_found_again() {
    let mut desk = Desk::new();
    let tx = person("admin").appoint(desk.sequence, &Person::number(1));
    let hash = TxHash::of(&tx).to_string();
    let (router, mut request) = (desk.router.clone(), post("application/octet-stream", "", tx.clone()));
    request.extensions_mut().insert(crate::http::source::Source::Own);
    let mut sending = tokio::spawn(tower::ServiceExt::oneshot(router, request));
    let answer = loop {
        tokio::select! {
            answer = &mut sending => break answer.unwrap().unwrap(),
            () = tokio::task::yield_now() => drop(settle(&mut desk.solo, &desk.clock)),
        }
    };
    assert_eq!(answer.status(), StatusCode::OK);
    let body = http_body_util::BodyExt::collect(answer.into_body()).await.unwrap().to_bytes();
    let sent: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((&sent["code"], &sent["txhash"]), (&json!(0), &json!(hash)));
    assert_eq!(desk.get(&format!("/api/v1/transactions/{hash}")).await.json(), sent);
    // The same once more: its one outcome is everyone's.
    let body = json!({ "tx_bytes": STANDARD.encode(&tx) }).to_string();
    let again = desk.ask(post("application/json", "?wait=false", body)).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "{:?}", again.json());
    assert_eq!((&again.json()["codespace"], &again.json()["txhash"]), (&json!("sdk"), &json!(hash)));
}

#[tokio::test]
async fn a_transaction_that_is_not_waited_for_is_accepted_by_its_hash() {
    let desk = Desk::new();
    let tx = person("admin").appoint(desk.sequence, &Person::number(1));
    let answer = desk.ask(post("application/octet-stream", "?wait=false", tx.clone())).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_eq!(answer.json(), json!({ "txhash": TxHash::of(&tx).to_string() }));
}

#[tokio::test]
async fn a_body_that_is_no_transaction_is_refused_for_what_it_is() {
    let desk = Desk::new();
    let long = vec![0; REQUEST_BYTES_MAX + 1];
    for (media_type, body, status) in [
        ("application/json", b"{}".to_vec(), 400),
        ("application/json", b"{\"tx_bytes\":\"?\"}".to_vec(), 400),
        ("application/json", b"{\"tx_bytes\":\"\",\"mode\":1}".to_vec(), 400),
        ("application/json; charset=utf-8", b"{\"tx_bytes\":\"AAAA\"}".to_vec(), 400),
        ("text/plain", b"AAAA".to_vec(), 415),
        ("application/octet-stream", long, 413),
        ("application/octet-stream", vec![0; 300_000], 413),
    ] {
        let answer = desk.ask(post(media_type, "", body)).await;
        assert_eq!(answer.status.as_u16(), status, "{media_type}: {:?}", answer.json());
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
}

#[tokio::test]
async fn cosmos_s_paths_answer_in_cosmos_s_json() {
    let desk = Desk::new();
    let admin = person("admin").text;
    let account = desk.get(&format!("/cosmos/auth/v1beta1/accounts/{admin}")).await.json();
    assert_eq!(account["account"]["@type"], "/cosmos.auth.v1beta1.BaseAccount");
    assert_eq!(account["account"]["sequence"], desk.sequence.to_string());
    assert_eq!(account["account"]["pub_key"]["@type"], "/cosmos.crypto.secp256k1.PubKey");
    let query = "?pagination.limit=2&pagination.count_total=true&unknown=x";
    let balances = desk.get(&format!("/cosmos/bank/v1beta1/balances/{admin}{query}")).await;
    assert_eq!(balances.status, StatusCode::OK, "{:?}", balances.json());
    let wrong = desk.get("/cosmos/auth/v1beta1/accounts/x").await;
    assert_eq!((wrong.status, &wrong.json()["code"]), (StatusCode::BAD_REQUEST, &json!(3)));
    let wrong = desk.get("/cosmos/tx/v1beta1/txs?limit=many").await;
    assert_eq!((wrong.status, &wrong.json()["details"]), (StatusCode::BAD_REQUEST, &json!([])));
    let events = desk.get("/api/v1/history?type=EventTicketCreated").await.json();
    let hash = events["events"][0]["txhash"].as_str().unwrap();
    let tx = desk.get(&format!("/cosmos/tx/v1beta1/txs/{hash}")).await.json();
    assert_eq!((&tx["tx_response"]["txhash"], &tx["tx_response"]["code"]), (&json!(hash), &json!(0)));
    assert_eq!(tx["tx"]["body"]["messages"][0]["@type"], "/virtengine.support.v1.MsgCreateTicket");
}

#[tokio::test]
async fn whoever_has_the_history_goes_on_where_it_ended_and_gets_nothing_twice() {
    let mut desk = Desk::new();
    for number in 20..24 {
        desk.appoint(number);
    }
    let path = "/api/v1/history?type=EventRoleAssigned";
    let all = desk.get(path).await.json()["events"].as_array().unwrap().clone();
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let page = desk.get(&format!("{path}&limit=2&cursor={cursor}")).await.json();
        let events = page["events"].as_array().unwrap().clone();
        assert!(events.len() <= 2, "{page}");
        seen.extend(events);
        cursor = page["end_cursor"].as_str().unwrap().to_owned();
        match page["next_cursor"].as_str().unwrap() {
            "" => break,
            next => assert_eq!(next, cursor),
        }
    }
    assert!(all.len() > 2, "{all:?}");
    assert_eq!(seen, all);
    let nothing = desk.get(&format!("{path}&cursor={cursor}")).await.json();
    assert!(nothing["events"].as_array().unwrap().is_empty(), "{nothing}");
    desk.appoint(30);
    let since = desk.get(&format!("{path}&cursor={cursor}")).await.json();
    assert_eq!(since["events"].as_array().unwrap().len(), 1, "{since}");
    assert_eq!(desk.get(&format!("{path}&limit=101")).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_page_of_the_past_is_as_it_was_where_nothing_has_happened() {
    let mut desk = Desk::new();
    desk.appoint(20);
    let path = "/api/v1/tickets/TKT-00000002/events";
    let had = desk.get(path).await;
    let tag = had.header("etag").to_owned();
    let again = || Request::get(path).header("if-none-match", &tag).body(Body::empty()).unwrap();
    assert_eq!(desk.ask(again()).await.status, StatusCode::NOT_MODIFIED);
    // A block that is about something else moves the end of the page alone.
    desk.appoint(21);
    assert_ne!(desk.get(path).await.json()["end_cursor"], had.json()["end_cursor"]);
    assert_eq!(desk.ask(again()).await.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn a_receipt_verifies_without_this_node() {
    use sealdesk_protocol::receipt::{Trust, VerifiedReceipt};
    let desk = Desk::new();
    let answer = desk.get("/api/v1/tickets/TKT-00000002/receipt").await;
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"TKT-00000002.receipt\"");
    let hash = desk.get("/api/v1/status").await.json()["validators_hash"].as_str().unwrap().to_owned();
    let trust =
        Trust::Pinned { validators_hash: hex::decode(hash).unwrap().try_into().unwrap(), chain_id: None };
    let receipt = VerifiedReceipt::verify(&answer.body, &trust).unwrap();
    assert_eq!(receipt.ticket().unwrap().to_string(), "TKT-00000002");
}

#[tokio::test]
async fn a_queue_is_read_without_what_is_sealed() {
    let desk = Desk::new();
    let sealed = async |path: &str| {
        let page = desk.get(path).await.json();
        let tickets = page["tickets"].as_array().unwrap().clone();
        assert!(!tickets.is_empty(), "{page}");
        tickets.iter().filter(|ticket| !ticket["encrypted_payload"].is_null()).count()
    };
    assert!(sealed("/api/v1/queue").await > 0);
    assert_eq!(sealed("/api/v1/queue?texts=false").await, 0);
}

/// Where an answer was written last.
static WRITTEN_BY: std::sync::Mutex<Option<std::thread::ThreadId>> = std::sync::Mutex::new(None);

fn note_thread<A>(
    _: A,
    _: &crate::rest::arguments::Arguments,
) -> Result<Value, crate::rest::problem::Problem> {
    *WRITTEN_BY.lock().unwrap() = Some(std::thread::current().id());
    Ok(Value::Null)
}

#[tokio::test]
async fn a_long_answer_is_written_in_a_turn_and_not_where_requests_arrive() {
    use sealdesk_protocol::wire::sealdesk::ledger::v1 as wire;

    use crate::rest::route::{Asked, Route};
    let desk = Desk::new();
    let route = || Route::get("/x", "x", "x", "x");
    let long = route().by_method(
        "/sealdesk.ledger.v1.Ledger/Proof",
        |_| {
            let key = |n| sealdesk_protocol::state::tree::account(&Person::number(n).address);
            Ok(wire::ProofRequest { state_keys: (0..64).map(key).collect(), ..Default::default() })
        },
        note_thread::<wire::ProofResponse>,
    );
    let short = route().by_method(
        "/sealdesk.ledger.v1.Ledger/Status",
        |_| Ok(wire::StatusRequest {}),
        note_thread::<wire::StatusResponse>,
    );
    for (route, at_once) in [(long, false), (short, true)] {
        let asked = Asked {
            source: crate::http::source::Source::Own,
            arguments: Default::default(),
            headers: http::HeaderMap::new(),
            body: Default::default(),
        };
        (route.handler)(crate::rest::Rest(desk.context.clone()), asked).await.unwrap();
        let here = *WRITTEN_BY.lock().unwrap() == Some(std::thread::current().id());
        assert_eq!(here, at_once);
    }
}
