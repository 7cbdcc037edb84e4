//! What Prometheus reads of a node, with either engine: names, types, numbers, and what never stands there.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use crate::desk::exposition::{Exposition, get};
use crate::desk::node::Node;
use crate::desk::session::Session;
use crate::desk::{PATIENCE, wait_for, wait_until};
use regex::Regex;

/// What a ticket's life holds that nobody but its readers may know, and who took part.
struct Life {
    words: Vec<String>,
    ticket: String,
}

/// Starts a node that serves its metrics, and gives their address.
fn start(session: &Session, args: &[&str]) -> (Node, String) {
    let mut command = session.command(&[&["start", "--metrics", "127.0.0.1:0"], args].concat());
    command.env("SEALDESK_COMETBFT", sealdesk_node::comet::find_program(None).unwrap());
    let (node, printed) = Node::start_shown(command);
    let url = printed.split_whitespace().find(|word| word.ends_with("/metrics")).expect("it says where");
    (node, url.to_owned())
}

/// A ticket from its first word to its end, with a refusal on the way.
fn live(session: &Session) -> Life {
    let alice = session.key("alice");
    let made = session.ask(&[
        "tx",
        "support",
        "create-ticket",
        "--from",
        "alice",
        "--category",
        "technical",
        "--subject",
        "Heliotrope",
        "--message",
        "The quagga burns",
    ]);
    let ticket = made["ticket_id"].as_str().unwrap().to_owned();
    let id = ticket.as_str();
    session.ask(&["tx", "support", "assign-ticket", id, "admin", "--from", "admin"]);
    session.ask(&["tx", "support", "respond", id, "--message", "Water the okapi", "--from", "admin"]);
    session.refused(&[
        "tx",
        "support",
        "close-ticket",
        "TKT-00000404",
        "--reason",
        "none",
        "--from",
        "admin",
    ]);
    session.ask(&["tx", "support", "resolve-ticket", id, "--resolution", "Marmalade", "--from", "admin"]);
    session.ask(&["tx", "support", "close-ticket", id, "--reason", "Zanzibar", "--from", "alice"]);
    let admin = session.ask(&["keys", "show", "admin"])["address"].as_str().unwrap().to_owned();
    let phrase = session.ask(&["keys", "export", "admin", "--yes"])["recovery_phrase"].clone();
    let phrase = phrase.as_str().unwrap().to_owned();
    let mut words: Vec<String> =
        ["Heliotrope", "quagga", "okapi", "Marmalade", "Zanzibar", "alice", "TKT-"].map(str::to_owned).into();
    words.extend([alice, admin, ticket.clone(), phrase.trim().to_owned()]);
    words.push(session.home().to_str().unwrap().to_owned());
    Life { words, ticket }
}

/// What such a life leaves in the numbers of any engine.
fn shows_that_life(shown: &Exposition, engine: &str) {
    assert_eq!(shown.value("sealdesk_build_info", &[("engine", engine)]), 1.0);
    assert_eq!(shown.value("sealdesk_ledger_up", &[]), 1.0);
    assert!(shown.value("sealdesk_ledger_height", &[]) >= 5.0);
    for (status, tickets) in [("open", 0.0), ("assigned", 0.0), ("closed", 1.0)] {
        assert_eq!(shown.value("sealdesk_tickets", &[("status", status)]), tickets, "{status}");
    }
    for action in ["MsgCreateTicket", "MsgAssignTicket", "MsgRespondToTicket", "MsgResolveTicket"] {
        assert_eq!(shown.value("sealdesk_messages_total", &[("module", "support"), ("action", action)]), 1.0);
    }
    let closings = shown.value("sealdesk_messages_total", &[("action", "MsgCloseTicket")]);
    assert_eq!(closings, 1.0, "the one that was refused did nothing");
    let done = shown.value("sealdesk_transactions_total", &[("codespace", ""), ("code", "0")]);
    assert!(done >= 5.0, "{done}");
    let asked = shown.value(
        "sealdesk_api_requests_total",
        &[("method", "/cosmos.tx.v1beta1.Service/BroadcastTx"), ("status", "ok")],
    );
    assert!(asked >= 5.0, "{asked}");
    assert!(shown.value("sealdesk_storage_file_bytes", &[("file", "state.redb")]) > 10_000.0);
    assert!(shown.value("sealdesk_storage_available_bytes", &[]) > 0.0);
    let blocks = shown.value("sealdesk_block_phase_duration_seconds_count", &[("phase", "commit")]);
    assert!(blocks >= 5.0, "{blocks}");
}

/// No metric says what a person is called, wrote, or where.
fn keeps_silent(shown: &Exposition, life: &Life) {
    for word in &life.words {
        assert!(!shown.text.contains(word.as_str()), "the metrics hold {word}");
    }
}

fn deploy(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The metrics that the dashboard and the alert rules ask for.
fn asked_for() -> BTreeSet<String> {
    let dashboard: serde_json::Value = serde_json::from_str(&deploy("grafana/sealdesk.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().filter_map(|panel| panel["targets"].as_array()).flatten();
    let mut queries: Vec<String> =
        targets.map(|target| target["expr"].as_str().unwrap().to_owned()).collect();
    assert!(queries.len() > 30, "{} queries", queries.len());
    let rules = deploy("prometheus/alerts.yml");
    let rules = rules.lines().filter(|line| !line.contains("summary:") && !line.contains("description:"));
    queries.push(rules.collect::<Vec<_>>().join("\n"));
    let name = Regex::new(r"\b(sealdesk|cometbft|process)_[a-z0-9_]+\b").unwrap();
    let found = queries.iter().flat_map(|query| name.find_iter(query)).map(|name| name.as_str().to_owned());
    found.collect()
}

/// Names that only a replicated ledger has, and those that CometBFT gives only once there is another node.
const REPLICATED: [&str; 4] = ["sealdesk_abci_", "sealdesk_cometbft_", "sealdesk_snapshot", "process_"];
const AMONG_OTHERS: [&str; 1] = ["cometbft_p2p_peers"];

#[test]
fn both_engines_show_what_the_dashboard_asks_for_and_nothing_that_anyone_wrote() {
    let solo = Session::idle();
    let (node, url) = start(&solo, &[]);
    let life = live(&solo);
    let alone = Exposition::of(&url);
    shows_that_life(&alone, "solo");
    keeps_silent(&alone, &life);
    assert_eq!(
        alone.value("sealdesk_ledger_height", &[]),
        alone.value("cometbft_consensus_latest_block_height", &[])
    );
    assert!(alone.value("cometbft_consensus_total_txs", &[]) >= 5.0);
    assert!(alone.value("cometbft_mempool_tx_size_bytes_count", &[]) >= 5.0);
    assert_eq!(alone.value("sealdesk_mempool_transactions", &[]), 0.0);
    assert_eq!(get(&url.replace("/metrics", "/health"), "GET", None), (200, "ok\n".to_owned()));
    node.stop();

    let comet = Session::idle();
    let (node, url) = start(&comet, &["--engine", "comet"]);
    let life = live(&comet);
    let among = up(&url, 1.0);
    shows_that_life(&among, "comet");
    keeps_silent(&among, &life);
    assert!(among.value("sealdesk_abci_request_duration_seconds_count", &[("request", "check_tx")]) >= 5.0);
    node.stop();

    let (ours, theirs) = (alone.names(), among.names());
    for name in asked_for() {
        let only_there = REPLICATED.iter().any(|begin| name.starts_with(begin));
        assert!(ours.contains(&name) || only_there, "{name} is nowhere without CometBFT");
        assert!(theirs.contains(&name) || AMONG_OTHERS.contains(&name.as_str()), "{name} is nowhere with it");
    }
    // CometBFT gives some of its names only once there is something to say; those that both give are of one kind.
    let both = alone.families.iter().filter(|(name, _)| name.starts_with("cometbft_"));
    let both: Vec<_> = both.filter_map(|(name, own)| Some((name, own, among.families.get(name)?))).collect();
    assert!(both.len() >= 14, "{} names in common", both.len());
    for (name, own, its) in both {
        assert_eq!(own.kind, its.kind, "{name}");
        let labels =
            |sample: &crate::desk::exposition::Sample| sample.labels.keys().cloned().collect::<Vec<_>>();
        assert_eq!(labels(&own.samples[0]), labels(&its.samples[0]), "{name}");
    }
    assert!(life.ticket.starts_with("TKT-"));
}

/// What is shown once CometBFT's own metrics are asked for in vain, or not.
fn up(url: &str, expected: f64) -> Exposition {
    wait_for(&format!("CometBFT's metrics to be up = {expected}"), || {
        let shown = Exposition::of(url);
        let up = shown.value("sealdesk_cometbft_metrics_up", &[]);
        if up == expected { Ok(shown) } else { Err(up) }
    })
}

#[test]
fn without_cometbfts_answer_ours_are_served_and_say_so_and_a_restart_is_counted() {
    let session = Session::idle();
    let (node, url) = start(&session, &["--engine", "comet"]);
    let pid_file = session.home().join(".sealdesk/comet/cometbft.pid");
    let signal = |name: &str| {
        let pid = std::fs::read_to_string(&pid_file).unwrap();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    };
    let up = |expected: f64| {
        let shown = up(&url, expected);
        assert_eq!(shown.names().contains("cometbft_consensus_height"), expected == 1.0);
        shown
    };
    up(1.0);
    signal("-STOP");
    assert_eq!(up(0.0).value("sealdesk_ledger_up", &[]), 1.0);
    signal("-CONT");
    assert_eq!(up(1.0).value("sealdesk_cometbft_restarts_total", &[]), 0.0);
    signal("-KILL");
    wait_until("the restart to be counted", || {
        Exposition::of(&url).value("sealdesk_cometbft_restarts_total", &[]) > 0.0
    });
    up(1.0);
    node.stop();
}

#[test]
fn the_address_of_metrics_changes_nothing_and_answers_its_own_name_alone() {
    let session = Session::idle();
    // More than there are places, each silent.
    let (node, url) = start(&session, &[]);
    let address = url.strip_prefix("http://").unwrap().strip_suffix("/metrics").unwrap();
    let mut silent: Vec<TcpStream> = (0..40).map(|_| TcpStream::connect(address).unwrap()).collect();
    silent.iter_mut().for_each(|stream| stream.write_all(b"GET /metrics HTTP/1.1\r\nX: ").unwrap());
    assert_eq!(get(&url, "POST", None).0, 405);
    assert_eq!(get(&url, "DELETE", None).0, 405);
    assert_eq!(get(&url.replace("/metrics", "/"), "GET", None).0, 404);
    for host in ["desk.example.org", "desk.example.org:80", "localhost.example.org"] {
        let (status, body) = get(&url, "GET", Some(host));
        assert_eq!(status, 421, "a page that rebinds {host} to this machine reads nothing");
        assert!(!body.contains("sealdesk_"));
    }
    assert_eq!(get(&url, "GET", Some("localhost:1")).0, 200);
    for mut stream in silent {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut rest = Vec::new();
        // Closed by the other side, with or without a word; a time-out would be an error of another kind.
        if let Err(error) = stream.read_to_end(&mut rest) {
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
        }
        assert!(!rest.starts_with(b"HTTP/1.1 200"));
    }
    node.stop();
}

#[test]
fn metrics_are_served_where_the_configuration_says_and_nowhere_where_nothing_does() {
    let mut session = Session::start();
    assert_eq!(session.ask(&["status"])["addresses"]["metrics"], serde_json::Value::Null);
    session.stop_node();
    let config = session.home().join(".sealdesk/config.toml");
    std::fs::write(&config, "metrics = \"127.0.0.1:0\"\n").unwrap();
    session.start_node("127.0.0.1:0");
    let url = session.ask(&["status"])["addresses"]["metrics"].as_str().unwrap().to_owned();
    assert_eq!(Exposition::of(&url).value("sealdesk_ledger_up", &[]), 1.0);
    session.stop_node();

    std::fs::write(&config, "metrics = \"127.0.0.1:9\"\n[comet]\nmetrics = \"127.0.0.1:9\"\n").unwrap();
    let output = session.run(&["start"]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        !output.status.success() && said.contains("are both 127.0.0.1:9") && said.contains("leave out"),
        "{said}"
    );
}
