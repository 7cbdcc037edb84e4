//! Strangers on the network beside one honest client: what each attack of `strangers` and `floods` does to what that client waits for, and to
//! the memory of the node, for both engines.
//!
//! The honest client is the real one, with proofs, from an address that is a stranger's to the node too; it connects anew once the strangers
//! are there. Strangers share the processors with the node, a little behind it. Progress goes to standard error, figures to
//! standard output. Everything is on loopback, and stops by itself, after seven minutes.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr
)]

mod floods;
mod honest;
mod program;
mod strangers;
mod wire;

use std::time::Duration;

use sealdesk_testkit::figures::{Times, millis, ratio};
use tokio::runtime::{Builder, Runtime};

use floods::Flood;
use honest::{Honest, Waited};
use program::{Engine, Program};
use strangers::{Hold, Strangers};

/// How long the honest client works in each phase. Undisturbed it does so before the attacks and after them.
const PHASE: Duration = Duration::from_secs(20);
/// The most that a disturbed client should wait, in times of what it waits undisturbed.
const RATIO_MAX: f64 = 2.0;
/// The most memory that the node should take, in MiB.
const RESIDENT_MIB_MAX: u64 = 512;

/// What strangers do.
#[derive(Clone, Copy, Debug)]
enum Attack {
    Hold(Hold),
    Flood(Flood),
}

const ATTACKS: [(&str, Attack); 7] = [
    ("sockets that only ping", Attack::Hold(Hold::Pings)),
    ("answers not read", Attack::Hold(Hold::Unread)),
    ("idle Follow streams", Attack::Hold(Hold::Follow)),
    ("half-sent requests", Attack::Hold(Hold::HalfSent)),
    ("one customer's grants", Attack::Flood(Flood::Grants)),
    ("newcomers", Attack::Flood(Flood::Newcomers)),
    ("invalid transactions", Attack::Flood(Flood::Invalid)),
];

/// What a phase came to.
struct Phase {
    name: &'static str,
    waited: Waited,
    /// Most memory of the node, and of CometBFT beside it, in MiB.
    peak: (u64, u64),
    did: String,
}

fn main() {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    println!("hostile: {cores} cores; the machine's load before: {}", load.trim());
    let only = std::env::var("SEALDESK_BENCH_ATTACK").unwrap_or_default();
    let honest = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let theirs = strangers::runtime();
    for engine in [Engine::Solo, Engine::Comet] {
        measure(engine, &honest, &theirs, &only);
    }
}

fn measure(engine: Engine, honest_runtime: &Runtime, theirs: &Runtime, only: &str) {
    eprintln!("{}: a desk, and what the floods send", engine.name());
    let program = Program::start(engine);
    let strangers = theirs.block_on(Strangers::new(&program));
    let honest = honest_runtime.block_on(Honest::new(&program));
    let quiet = || Phase {
        name: "undisturbed",
        waited: honest_runtime.block_on(honest.work(PHASE)),
        peak: program.peak(),
        did: String::new(),
    };
    eprintln!("  undisturbed");
    let before = quiet();
    let mut disturbed = Vec::new();
    for (name, attack) in ATTACKS.iter().filter(|(name, _)| name.contains(only)) {
        eprintln!("  {name}");
        program.forget_peak();
        let attacking = theirs.block_on(strangers.begin(*attack));
        let waited = honest_runtime.block_on(honest.work(PHASE));
        let did = attacking.did();
        theirs.block_on(attacking.end());
        disturbed.push(Phase { name, waited, peak: program.peak(), did });
    }
    eprintln!("  undisturbed again");
    program.forget_peak();
    let after = quiet();
    print(engine, &before, &after, &disturbed);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("  the machine's load afterwards: {}", load.trim());
    program.stop();
}

fn print(engine: Engine, before: &Phase, after: &Phase, disturbed: &[Phase]) {
    println!(
        "\n{}: one honest client, p50 and p99 in times of undisturbed (aim: p99 within x{RATIO_MAX:.0}), and the node's memory at its \
         peak (aim: under {RESIDENT_MIB_MAX} MiB)",
        engine.name()
    );
    for phase in [before, after] {
        let Waited { writes, reads, failed, connected } = &phase.waited;
        println!(
            "  {:<22} writes {} and {} of {}; reads {} and {} of {}; {failed} failed; met in {}; {}",
            phase.name,
            millis(writes.p50()),
            millis(writes.p99()),
            writes.len(),
            millis(reads.p50()),
            millis(reads.p99()),
            reads.len(),
            millis(*connected),
            memory(phase.peak),
        );
    }
    let quiet = before.waited.and(&after.waited);
    for phase in disturbed {
        let Waited { writes, reads, failed, connected } = &phase.waited;
        println!(
            "  {:<22} writes {}; reads {}; {failed} failed; met in {}; {}{}",
            phase.name,
            times(writes, &quiet.writes),
            times(reads, &quiet.reads),
            millis(*connected),
            memory(phase.peak),
            misses(phase, &quiet),
        );
        println!("  {:<22} {}", "", phase.did);
    }
}

/// Ratios, and the figures behind them.
fn times(disturbed: &Times, quiet: &Times) -> String {
    format!(
        "x{:.2} and x{:.2} ({} and {} of {})",
        ratio(disturbed.p50(), quiet.p50()),
        ratio(disturbed.p99(), quiet.p99()),
        millis(disturbed.p50()),
        millis(disturbed.p99()),
        disturbed.len(),
    )
}

fn memory((node, comet): (u64, u64)) -> String {
    if comet == 0 { format!("{node} MiB") } else { format!("{node} MiB, CometBFT {comet} MiB") }
}

fn misses(phase: &Phase, quiet: &Waited) -> &'static str {
    let worst = [(&phase.waited.writes, &quiet.writes), (&phase.waited.reads, &quiet.reads)]
        .map(|(disturbed, quiet)| ratio(disturbed.p99(), quiet.p99()));
    let slow = worst.iter().any(|ratio| *ratio > RATIO_MAX) || phase.waited.failed > 0;
    let large = phase.peak.0 >= RESIDENT_MIB_MAX;
    match (slow, large) {
        (false, false) => "",
        (true, false) => "  <- misses its aim: time",
        (false, true) => "  <- misses its aim: memory",
        (true, true) => "  <- misses its aims",
    }
}
