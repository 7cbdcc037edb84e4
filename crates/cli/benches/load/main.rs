//! The load command of `make bench`: a whole desk under load, each figure as a ratio to a limit or a peer of the same run.
//!
//! Desks of 10,000 and 100,000 tickets, with `SEALDESK_BENCH_FULL=1` of 1,000,000 too (or `SEALDESK_BENCH_TICKETS`, a list), are
//! filled through the ledger's own engine, measured in turns in this process, and then served by the program itself and asked
//! over gRPC; last the smallest has ten thousand readers of what happens. `cargo bench … --bench load -- readers` is that alone, with an
//! empty desk. Every desk is on real files. Progress goes to standard error, figures to standard output.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr
)]

mod clients;
mod crowd;
mod ledger;
mod readers;
mod server;
mod serving;
mod surfaces;

use sealdesk_testkit::figures::{Times, micros, millis, ratio};
use std::time::{Duration, Instant};

use clients::{Reading, Replay, Sealed};
use ledger::{BLOCK_TXS, Cost, Desk};
use sealdesk_protocol::ids::TicketId;
use server::Server;
use serving::{Queries, Single, Throughput};
use surfaces::Surfaces;

const DEFAULT_SIZES: &[u64] = &[10_000, 100_000];
const FULL_SIZE: u64 = 1_000_000;
/// Blocks of a thousand that are measured at each size, after some that warm up.
const ROUNDS: usize = 5;
const WARM_UP_ROUNDS: usize = 2;
/// Blocks of one ticket that are measured at each size.
const SINGLE_ROUNDS: usize = 100;
/// Starts after a clean stop.
const STARTS: usize = 3;
/// Senders at the same time, and the tickets that they write together.
const CROWDS: [(usize, u64); 3] = [(1, 200), (64, 3_000), (512, 8_000)];
/// Senders with the real client, and the tickets that each writes.
const CLIENTS: [(usize, usize); 2] = [(1, 200), (64, 30)];
/// Writers beside whom somebody reads.
const WRITERS: usize = 64;

fn sizes() -> Vec<u64> {
    let given = std::env::var("SEALDESK_BENCH_TICKETS").unwrap_or_default();
    let given: Vec<u64> = given.split(',').filter_map(|size| size.trim().parse().ok()).collect();
    if !given.is_empty() {
        return given;
    }
    let full = std::env::var("SEALDESK_BENCH_FULL").is_ok_and(|full| full == "1");
    DEFAULT_SIZES.iter().copied().chain(full.then_some(FULL_SIZE)).collect()
}

/// A desk with what was measured of it.
struct Measured {
    tickets: u64,
    desk: Desk,
    filled_in: Duration,
    disk_bytes: u64,
    blocks: Cost,
    singles: Cost,
}

/// What was measured of a desk while the program served it.
struct Served {
    starts: Times,
    resident_bytes: u64,
    queries: Queries,
    surfaces: Surfaces,
    single: Single,
    together: Vec<Throughput>,
    sealed: Vec<Sealed>,
    reading: Reading,
    past: Replay,
    replay: (u64, Duration),
}

fn fill(tickets: u64) -> Measured {
    eprintln!("filling a desk with {tickets} tickets");
    let mut desk = Desk::new(tickets);
    let start = Instant::now();
    let mut running = desk.open();
    desk.fill(&mut running, tickets);
    let filled_in = start.elapsed();
    drop(running);
    let disk_bytes = desk.disk_bytes();
    Measured { tickets, desk, filled_in, disk_bytes, blocks: Cost::default(), singles: Cost::default() }
}

/// The sizes take turns, so that a busy neighbour slows all of them alike.
fn blocks(measured: &mut [Measured]) {
    eprintln!("blocks of {BLOCK_TXS} and of one, in turns");
    let mut running: Vec<_> = measured.iter().map(|one| one.desk.open()).collect();
    for round in 0..WARM_UP_ROUNDS + ROUNDS {
        for (one, running) in measured.iter_mut().zip(&mut running) {
            let txs = one.desk.take(BLOCK_TXS);
            let mut warm_up = Cost::default();
            running.block(&txs, if round < WARM_UP_ROUNDS { &mut warm_up } else { &mut one.blocks });
        }
    }
    for _ in 0..SINGLE_ROUNDS {
        for (one, running) in measured.iter_mut().zip(&mut running) {
            let txs = one.desk.take(1);
            running.block(&txs, &mut one.singles);
            one.singles.fsync.add(one.desk.fsync());
        }
    }
    running.iter_mut().for_each(ledger::Running::sync);
}

async fn serve(one: &mut Measured) -> Served {
    eprintln!("serving {} tickets", one.tickets);
    let mut starts = Times::default();
    for _ in 1..STARTS {
        let server = Server::start(&one.desk.home);
        starts.add(server.started_in);
        server.stop();
    }
    let server = Server::start(&one.desk.home);
    starts.add(server.started_in);
    let node = server.connect().await;
    eprintln!("  queries");
    let queries = serving::ask(&one.desk, &node).await;
    let resident_bytes = server.resident_bytes();
    eprintln!("  surfaces");
    // Its calls wait on threads that are not the runtime's.
    let surfaces = std::thread::scope(|scope| {
        scope.spawn(|| surfaces::measure(&server, TicketId::new(1).unwrap())).join().unwrap()
    });
    eprintln!("  one ticket at a time");
    let single = serving::write_singly(&mut one.desk, &node).await;
    let mut together = Vec::new();
    for (senders, txs) in CROWDS {
        eprintln!("  {senders} at once");
        together.push(serving::write_together(&mut one.desk, &server, senders, txs).await);
    }
    let mut sealed = Vec::new();
    for (senders, each) in CLIENTS {
        eprintln!("  {senders} with the real client");
        sealed.push(clients::write_sealed(&mut one.desk, &server, senders, each).await);
    }
    eprintln!("  reading beside {WRITERS}");
    let reading = clients::read_beside(&mut one.desk, &server, WRITERS).await;
    let past = clients::replay(&node).await;
    drop(node);
    server.kill();
    let server = Server::start(&one.desk.home);
    // What came last was written faster than an idle ledger syncs its state, so it is executed again.
    let replay = (together.last().map_or(0, |last| last.txs), server.started_in);
    server.stop();
    Served { starts, resident_bytes, queries, surfaces, single, together, sealed, reading, past, replay }
}

fn print_fill(measured: &[Measured], served: &[Served], empty: (Duration, u64)) {
    println!("\nsize, beside an empty desk ({} to start, {} MiB resident)", millis(empty.0), empty.1 >> 20);
    for (one, served) in measured.iter().zip(served) {
        let resident = served.resident_bytes.saturating_sub(empty.1) / one.tickets;
        println!(
            "  {:>9} tickets: {} B on disk a ticket, {resident} B resident; filled in {:.0} s, {:.0} a second",
            one.tickets,
            one.disk_bytes / one.tickets,
            one.filled_in.as_secs_f64(),
            one.tickets as f64 / one.filled_in.as_secs_f64(),
        );
        let (start, (txs, replay)) = (served.starts.p50(), served.replay);
        println!(
            "            start x{:.1} of an empty one ({}), after a kill with {txs} tickets to execute again x{:.1} ({})",
            ratio(start, empty.0),
            millis(start),
            ratio(replay, empty.0),
            millis(replay),
        );
    }
}

fn print_blocks(measured: &[Measured]) {
    println!(
        "\na transaction in a synced block of {BLOCK_TXS}, check and execution (aim: within 2 of the smallest desk)"
    );
    let first = &measured[0].blocks;
    for one in measured {
        let (cpu, wall) = (one.blocks.cpu_per_tx(), one.blocks.wall_per_tx());
        println!(
            "  {:>9} tickets: cpu x{:.2}, wall x{:.2}   ({} cpu, {} of it the check; {} wall)",
            one.tickets,
            ratio(cpu, first.cpu_per_tx()),
            ratio(wall, first.wall_per_tx()),
            micros(cpu),
            micros(one.blocks.check_cpu / one.blocks.txs),
            micros(wall),
        );
    }
}

fn print_single(measured: &[Measured], served: &[Served]) {
    println!(
        "\none ticket to an idle desk, sent to durable, in fsyncs of that disk (aim: under 3, and what execution costs)"
    );
    for (one, Served { single, queries, .. }) in measured.iter().zip(served) {
        let fsync = single.fsync.p50();
        let (p50, p99) = (single.ticket.p50(), single.ticket.p99());
        println!(
            "  {:>9} tickets: p50 x{:.2}, p99 x{:.2} of the fsync's   ({} and {}; fsync {} and {})",
            one.tickets,
            ratio(p50, fsync),
            ratio(p99, single.fsync.p99()),
            millis(p50),
            millis(p99),
            millis(fsync),
            millis(single.fsync.p99()),
        );
        let singles = &one.singles;
        let (check, block, synced) =
            (singles.check_wall.p50(), singles.block_wall.p50(), singles.fsync.p50());
        let execution = block.saturating_sub(synced);
        let [rest, trip] = [p50.saturating_sub(execution).saturating_sub(check), queries.floor.p50()];
        println!(
            "            of it: check {}, execution and writing {} (block {} − fsync {}), a gRPC round trip {}; without check \
             and execution x{:.2}",
            millis(check),
            millis(execution),
            millis(block),
            millis(synced),
            millis(trip),
            ratio(rest, fsync),
        );
    }
}

fn print_together(measured: &[Measured], served: &[Served]) {
    println!(
        "\nsenders at once over gRPC, each waiting for the sync; beside the engine alone in blocks of {BLOCK_TXS}"
    );
    for (one, served) in measured.iter().zip(served) {
        let alone = one.blocks.wall_per_tx();
        for load in &served.together {
            let each = load.took / u32::try_from(load.txs).unwrap();
            println!(
                "  {:>9} tickets, {:>3} senders: x{:.2} of the engine's rate   ({:.0} a second; answered p50 {}, p99 {}; {} cpu of \
                 the node a ticket)",
                one.tickets,
                load.senders,
                ratio(alone, each),
                1.0 / each.as_secs_f64(),
                millis(load.answered.p50()),
                millis(load.answered.p99()),
                micros(load.server_cpu / u32::try_from(load.txs).unwrap()),
            );
        }
    }
}

fn print_sealed(measured: &[Measured], served: &[Served]) {
    println!(
        "\nthe real client, which seals, sends and asks for the proof, each sender on this machine too (aim: one 60 a second, 64 \
         together 600)"
    );
    for (one, served) in measured.iter().zip(served) {
        let alone = one.blocks.wall_per_tx();
        for load in &served.sealed {
            let each = load.took / u32::try_from(load.tickets).unwrap();
            println!(
                "  {:>9} tickets, {:>3} senders: {:.0} a second; one x{:.2} of an fsync, x{:.2} of the engine alone   (p50 {}, p99 {}; \
                 fsync p50 {}, p99 {}; {:.2} blocks and {} B of log a ticket)",
                one.tickets,
                load.senders,
                1.0 / each.as_secs_f64(),
                ratio(each, load.fsync.p50()),
                ratio(each, alone),
                millis(load.answered.p50()),
                millis(load.answered.p99()),
                millis(load.fsync.p50()),
                millis(load.fsync.p99()),
                load.blocks as f64 / load.tickets as f64,
                load.log_bytes / load.tickets,
            );
        }
    }
}

fn print_reading(measured: &[Measured], served: &[Served]) {
    println!(
        "\nreading beside {WRITERS} such senders, to reading alone (aim: p99 within 2); the past again (aim: 100,000 a second)"
    );
    for (one, served) in measured.iter().zip(served) {
        let Served { reading, past, .. } = served;
        for (name, (idle, beside)) in ["read", "inbox"].iter().zip(reading.idle.iter().zip(&reading.beside)) {
            println!(
                "  {:>9} tickets, {name:<5}: p50 x{:.2}, p99 x{:.2}   ({} and {} alone, {} and {} beside {:.0} tickets a second)",
                one.tickets,
                ratio(beside.p50(), idle.p50()),
                ratio(beside.p99(), idle.p99()),
                millis(idle.p50()),
                millis(idle.p99()),
                millis(beside.p50()),
                millis(beside.p99()),
                reading.written,
            );
        }
        println!(
            "            {} events again: {:.0} a second",
            past.events,
            past.events as f64 / past.took.as_secs_f64()
        );
    }
}

fn print_queries(measured: &[Measured], served: &[Served]) {
    println!(
        "\nqueries over gRPC, 20 records a page, beside the shortest call (`params`) and the smallest desk"
    );
    let first = &served[0].queries;
    for (one, Served { queries, .. }) in measured.iter().zip(served) {
        println!(
            "  {:>9} tickets: params p50 {}, p99 {}",
            one.tickets,
            millis(queries.floor.p50()),
            millis(queries.floor.p99())
        );
        for ((name, times), (_, least)) in queries.kinds.iter().zip(&first.kinds) {
            println!(
                "            {name:<20} p50 x{:.2} of params, x{:.2} of the smallest; p99 x{:.2}, x{:.2}   ({} and {})",
                ratio(times.p50(), queries.floor.p50()),
                ratio(times.p50(), least.p50()),
                ratio(times.p99(), queries.floor.p99()),
                ratio(times.p99(), least.p99()),
                millis(times.p50()),
                millis(times.p99()),
            );
        }
    }
}

/// Start and resident memory of a desk without tickets.
fn empty() -> (Duration, u64) {
    let desk = Desk::new(0);
    drop(desk.open());
    let servers = (0..STARTS).map(|_| {
        let server = Server::start(&desk.home);
        let found = (server.started_in, server.resident_bytes());
        server.stop();
        found
    });
    let found: Vec<_> = servers.collect();
    let starts: Times = found.iter().map(|(start, _)| *start).collect();
    (starts.p50(), found.iter().map(|(_, resident)| *resident).max().unwrap_or(0))
}

/// The readers alone, for whoever has just a minute.
fn only_readers() {
    // What is told of a block does not depend on what was there before.
    let mut one = fill(0);
    readers::print(&readers::measure(&mut one.desk));
}

fn main() {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    if std::env::args().any(|argument| argument == "readers") {
        println!("load: readers of events alone, {cores} cores");
        return only_readers();
    }
    println!("load: desks of {:?} tickets, {cores} cores", sizes());
    let empty = empty();
    let mut measured: Vec<Measured> = sizes().into_iter().map(fill).collect();
    blocks(&mut measured);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let served: Vec<Served> = measured.iter_mut().map(|one| runtime.block_on(serve(one))).collect();
    print_fill(&measured, &served, empty);
    print_blocks(&measured);
    print_single(&measured, &served);
    print_together(&measured, &served);
    print_sealed(&measured, &served);
    print_reading(&measured, &served);
    print_queries(&measured, &served);
    measured.iter().zip(&served).for_each(|(one, served)| surfaces::print(one.tickets, &served.surfaces));
    if let Some(smallest) = measured.first_mut() {
        readers::print(&readers::measure(&mut smallest.desk));
    }
}
