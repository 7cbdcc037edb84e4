//! What executing each message costs beside verifying its signature, on a desk of many tickets (`TICKETS`, 10,000 unless
//! named). Prints the ratios; criterion keeps the times.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark is a test: it may fail loudly and prints its table"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::Criterion;
use prost_types::Any;
use sealdesk_machine::BlockContext;
use sealdesk_protocol::params::Params;
use sealdesk_protocol::tx::{Tx, VerifiedTx};
use sealdesk_store::State;
use sealdesk_testkit::desk::Desk;
use sealdesk_testkit::many::{People, grown};
use sealdesk_testkit::people::Person;
use sealdesk_testkit::scenario::{
    assign, assign_role, close, create, grant, link, note, priority, propose, rate, register, reopen,
    resolve, respond, revoke_key, revoke_role, set_state, snooze, status, transfer, update_params,
};
use sealdesk_testkit::transaction::{Options, transaction};

struct Case {
    name: &'static str,
    tx: Vec<u8>,
    verified: VerifiedTx,
}

fn cases(desk: &Desk, people: &People, count: u64) -> Vec<Case> {
    let People { admin, agent, customer, writer } = people;
    let chain = desk.machine.chain_id().clone();
    // The last five tickets, one in each status.
    let base = (count / 5 - 1) * 5;
    let (open, working, resolved, closed, assigned) = (base + 1, base + 2, base + 3, base + 4, base + 5);
    let stranger = Person::new("stranger");
    let messages: Vec<(&'static str, &Person, Any)> = vec![
        ("create-ticket", writer, create(desk, writer, &[admin, writer])),
        ("assign-ticket", admin, assign(admin, open, agent)),
        ("respond", agent, respond(desk, agent, working, &[admin, agent, customer])),
        ("note", agent, note(desk, agent, working, &[admin, agent])),
        ("update-status", agent, status(agent, assigned, "in_progress")),
        ("update-priority", agent, priority(agent, working, "high")),
        ("rate-ticket", customer, rate(customer, resolved, 5)),
        ("link-tickets", admin, link(admin, open, "related", working, false)),
        ("transfer-ticket", admin, transfer(admin, open, writer)),
        ("snooze-ticket", agent, snooze(agent, working, desk.time + 3_600)),
        ("resolve-ticket", agent, resolve(agent, working)),
        ("close-ticket", customer, close(customer, resolved)),
        ("reopen-ticket", customer, reopen(customer, closed)),
        ("grant-access", admin, grant(desk, admin, working, 0, &agent.fingerprint(0))),
        ("update-params", admin, update_params(admin, &Params::default())),
        ("register-key", agent, register(agent, 1)),
        ("revoke-key", agent, revoke_key(agent, agent.fingerprint(0))),
        ("assign-role", admin, assign_role(admin, &stranger, "support_agent")),
        ("revoke-role", admin, revoke_role(admin, agent, "support_agent")),
        ("set-account-state", admin, set_state(admin, &stranger, "suspended")),
        ("propose-validator", admin, propose(admin, stranger.verify_key(0).as_bytes(), 1)),
    ];
    let case = |(name, who, message): (&'static str, &Person, Any)| {
        let options = Options { chain: Some(chain.clone()), ..Options::default() };
        let tx = transaction(vec![message], &[(who, desk.sequence(who))], &options);
        let verified = Tx::decode(&tx, desk.machine.prefix()).unwrap().verify(&chain).unwrap();
        Case { name, tx, verified }
    };
    messages.into_iter().map(case).collect()
}

fn execute(desk: &Desk, case: &Case) -> u32 {
    let mut state = State::new(desk.snapshot());
    let block = BlockContext { height: desk.height + 1, time: desk.time + 100 };
    desk.machine.execute_verified(&mut state, &block, black_box(&case.verified), 0).unwrap().code
}

fn verify(desk: &Desk, case: &Case) -> bool {
    let tx = Tx::decode(black_box(&case.tx), desk.machine.prefix()).unwrap();
    tx.verify(desk.machine.chain_id()).is_ok()
}

/// The fastest of several rounds: what is slower was something else on the machine.
fn fastest(mut work: impl FnMut()) -> Duration {
    let round = |work: &mut dyn FnMut()| {
        let start = Instant::now();
        (0..50).for_each(|_| work());
        start.elapsed() / 50
    };
    (0..12).map(|_| round(&mut work)).min().unwrap()
}

fn main() {
    let count = std::env::var("TICKETS").ok().and_then(|n| n.parse().ok()).unwrap_or(10_000);
    let (desk, people) = grown(count, &["open", "in_progress", "resolved", "closed", "assigned"]);
    let cases = cases(&desk, &people, count);
    println!(
        "{count} tickets; execution (without the signature) against decoding and verifying the transaction"
    );
    for case in &cases {
        let code = execute(&desk, case);
        let verifying = fastest(|| assert!(verify(&desk, case)));
        let executing = fastest(|| assert_eq!(execute(&desk, case), code));
        let ratio = executing.as_secs_f64() / verifying.as_secs_f64();
        println!(
            "{:18} code {code:2}  verify {verifying:>9.1?}  execute {executing:>9.1?}  ratio {ratio:.2}",
            case.name
        );
    }
    let mut criterion = Criterion::default().sample_size(20).configure_from_args();
    for case in &cases {
        criterion
            .bench_function(&format!("execute/{}", case.name), |bench| bench.iter(|| execute(&desk, case)));
        criterion
            .bench_function(&format!("verify/{}", case.name), |bench| bench.iter(|| verify(&desk, case)));
    }
    criterion.final_summary();
}
