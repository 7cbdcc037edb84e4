//! What is counted, and that it is counted once.

use sealdesk_testkit::CHAIN_ID;
use sealdesk_testkit::people::Person;
use sealdesk_testkit::transaction::attempt;
use std::path::Path;
use std::time::Duration;

use http::{HeaderMap, StatusCode};

use crate::desk::{Memory, clock, execute, open, settle, submit};
use crate::ledger::Ledger;
use crate::ledger::NEWCOMER_TXS_MAX;
use crate::solo::Solo;

/// The lines of a ledger that begin so, without the ledger's name.
fn lines(solo: &Solo, begin: &str) -> Vec<String> {
    let ledger: &dyn Ledger = solo.handle().as_ref();
    let text = ledger.metrics().text(ledger, Path::new("/nowhere"));
    let chain = format!("chain_id=\"{CHAIN_ID}\"");
    let lines =
        text.lines().map(|line| line.replace(&format!(",{chain}"), "").replace(&format!("{{{chain}}}"), ""));
    lines.filter(|line| line.starts_with(begin)).collect()
}

fn line(solo: &Solo, begin: &str) -> String {
    let found = lines(solo, begin);
    assert_eq!(found.len(), 1, "{begin}: {found:?}");
    found[0].clone()
}

#[test]
fn a_transaction_is_counted_on_the_ledger_and_not_again_when_it_is_replayed() {
    let (memory, clock, admin) = (Memory::default(), clock(), Person::number(0));
    let mut solo = open(memory.disks(), &clock).unwrap();
    execute(&mut solo, &clock, &admin.appoint(0, &Person::number(1)));
    let refused = execute(&mut solo, &clock, &Person::number(2).attempt(0, &admin));
    assert_eq!(
        lines(&solo, "sealdesk_transactions_total{"),
        [
            "sealdesk_transactions_total{code=\"0\",codespace=\"\"} 1".to_owned(),
            format!(
                "sealdesk_transactions_total{{code=\"{}\",codespace=\"{}\"}} 1",
                refused.code, refused.codespace
            ),
        ]
    );
    assert_eq!(
        lines(&solo, "sealdesk_messages_total{"),
        ["sealdesk_messages_total{action=\"MsgAssignRole\",module=\"roles\"} 1"]
    );
    assert_eq!(line(&solo, "cometbft_consensus_total_txs "), "cometbft_consensus_total_txs 2");
    drop(solo);
    // The log has every block; the state is made anew from it.
    let again = open(memory.without_state().disks(), &clock).unwrap();
    assert_eq!(
        lines(&again, "sealdesk_transactions_total{"),
        ["sealdesk_transactions_total{code=\"0\",codespace=\"\"} 0"]
    );
    assert_eq!(line(&again, "cometbft_consensus_total_txs "), "cometbft_consensus_total_txs 0");
    assert_eq!(lines(&again, "sealdesk_messages_total"), Vec::<String>::new());
}

#[test]
fn what_waits_is_shown_and_what_is_not_let_in_is_counted_by_its_code() {
    let clock = clock();
    let mut solo = open(Memory::default().disks(), &clock).unwrap();
    let (flooder, other) = (Person::number(5), Person::number(6));
    for sequence in 0..=NEWCOMER_TXS_MAX as u64 {
        let _ = submit(&solo, &flooder.attempt(sequence, &other));
    }
    submit(&solo, &other.attempt(0, &flooder)).unwrap();
    let _ = submit(&solo, &other.attempt(9, &flooder));
    let waiting = NEWCOMER_TXS_MAX + 1;
    assert_eq!(
        line(&solo, "sealdesk_mempool_transactions "),
        format!("sealdesk_mempool_transactions {waiting}")
    );
    assert_eq!(line(&solo, "sealdesk_mempool_senders "), "sealdesk_mempool_senders 2");
    assert_eq!(line(&solo, "cometbft_mempool_size "), format!("cometbft_mempool_size {waiting}"));
    for code in ["20", "32"] {
        let begin = format!("sealdesk_mempool_refused_total{{code=\"{code}\"");
        assert!(line(&solo, &begin).ends_with(" 1"), "{}", line(&solo, &begin));
    }
    assert_eq!(line(&solo, "cometbft_mempool_rejected_txs "), "cometbft_mempool_rejected_txs 1");
    assert_eq!(line(&solo, "cometbft_mempool_failed_txs "), "cometbft_mempool_failed_txs 1");
    let in_time = Person::number(7);
    let late = in_time.sign(0, &[attempt(&in_time, &other)], 2);
    submit(&solo, &late).unwrap();
    settle(&mut solo, &clock);
    assert_eq!(line(&solo, "sealdesk_mempool_transactions "), "sealdesk_mempool_transactions 0");
    assert_eq!(line(&solo, "sealdesk_mempool_senders "), "sealdesk_mempool_senders 0");
    assert_eq!(line(&solo, "cometbft_mempool_size_bytes "), "cometbft_mempool_size_bytes 0");
}

#[test]
fn whoever_invents_paths_and_statuses_makes_no_series_of_them() {
    let solo = open(Memory::default().disks(), &clock()).unwrap();
    let calls = &solo.handle().view().metrics().calls;
    let before = lines(&solo, "sealdesk_api_requests_total").len();
    for n in 0..100 {
        let mut headers = HeaderMap::new();
        headers.insert("grpc-status", format!("{}", 1_000 + n).parse().unwrap());
        calls.answered(
            &format!("/invented.v1.Query/Number{n}"),
            StatusCode::OK,
            &headers,
            Duration::from_millis(1),
        );
    }
    let after = lines(&solo, "sealdesk_api_requests_total");
    assert_eq!(after.len(), before + 1, "{after:?}");
    assert!(after.iter().any(|line| line.contains("method=\"other\",status=\"unknown\"")), "{after:?}");
    calls.answered(
        "/virtengine.support.v1.Query/Ticket",
        StatusCode::OK,
        &HeaderMap::new(),
        Duration::from_millis(1),
    );
    let known = "sealdesk_api_requests_total{method=\"/virtengine.support.v1.Query/Ticket\",status=\"ok\"";
    assert!(line(&solo, known).ends_with(" 1"));
}
