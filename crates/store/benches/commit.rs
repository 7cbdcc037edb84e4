//! What a block costs as the state grows: 1,000 transactions of 4 records (200–1000 bytes) and 4 side values each.
//!
//! Of a transaction's records two are new (a ticket, an entry of the due queue) and two are changed ones anywhere in the
//! state (another ticket, an account). Sizes are records before the first block; set `STORE_BENCH_RECORDS` to a list such
//! as `10000,100000,1000000` for more than the default. Every block is committed and synced to a file.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, clippy::cast_possible_truncation)]

use std::time::{Duration, Instant};

use criterion::Criterion;
use sealdesk_store::{Changes, Durability, Log, State, Store};

const TXS: u64 = 1_000;
const ROUNDS: usize = 9;
const DEFAULT_SIZES: &[u64] = &[10_000, 100_000];

/// SplitMix64, so that every run has the same state.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn bytes(&mut self) -> Vec<u8> {
        let fill = self.next() as u8;
        vec![fill; 200 + (self.next() % 801) as usize]
    }
}

struct Desk {
    store: Store,
    tickets: u64,
    accounts: u64,
    random: Random,
    _dir: tempfile::TempDir,
}

impl Desk {
    fn with(records: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open_dir(dir.path()).unwrap();
        let mut desk = Desk { store, tickets: 0, accounts: records / 10, random: Random(records), _dir: dir };
        while desk.tickets < records - desk.accounts {
            let mut state = State::new(desk.store.latest());
            for _ in 0..10_000.min(records) {
                let (ticket, record) = (desk.tickets, desk.random.bytes());
                state.put(format!("ticket/{ticket:010}"), record);
                state.put_side(format!("index/customer/{}/{ticket:010}", ticket % 997), [1; 8]);
                state.put_side(format!("envelope/{ticket:010}"), desk.random.bytes());
                if ticket < desk.accounts {
                    state.put(account(ticket), desk.random.bytes());
                }
                desk.tickets += 1;
            }
            desk.commit(state.into_changes(), Durability::Deferred);
        }
        desk.store.sync().unwrap();
        desk
    }

    fn commit(&self, changes: Changes, durability: Durability) {
        let version = self.store.latest().version() + 1;
        let staged = self.store.prepare(version, changes).unwrap();
        self.store.commit(staged, durability).unwrap();
    }

    fn block(&mut self) -> Changes {
        let mut state = State::new(self.store.latest());
        for _ in 0..TXS {
            let (ticket, old) = (self.tickets, self.random.next() % self.tickets);
            let sender = self.random.next() % self.accounts;
            self.tickets += 1;
            state.put(format!("ticket/{ticket:010}"), self.random.bytes());
            state.put(format!("ticket/{old:010}"), self.random.bytes());
            state.put(account(sender), self.random.bytes());
            state.put(format!("due/{ticket:010}"), self.random.bytes());
            state.put_side(format!("index/customer/{}/{ticket:010}", ticket % 997), [1; 8]);
            state.put_side(format!("envelope/{ticket:010}"), self.random.bytes());
            state.put_side(format!("index/status/{}/{old:010}", old % 5), [1; 8]);
            state.put_side(format!("result/{ticket:010}"), self.random.bytes());
        }
        state.into_changes()
    }

    fn run_block(&mut self, durability: Durability) -> Cost {
        let changes = self.block();
        let (start, cpu) = (Instant::now(), cpu_time());
        self.commit(changes, durability);
        Cost { wall: start.elapsed(), cpu: cpu_time() - cpu }
    }
}

/// What a block took by the clock, and by the processor, which neighbours on the machine disturb less.
#[derive(Clone, Copy, Debug)]
struct Cost {
    wall: Duration,
    cpu: Duration,
}

/// Time this thread has run; zero where the system does not tell.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(stat.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0))
}

fn account(n: u64) -> String {
    format!("account/{:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

fn sizes() -> Vec<u64> {
    let given = std::env::var("STORE_BENCH_RECORDS").unwrap_or_default();
    let given: Vec<u64> = given.split(',').filter_map(|size| size.trim().parse().ok()).collect();
    if given.is_empty() { DEFAULT_SIZES.to_vec() } else { given }
}

fn median(costs: &[Cost], pick: impl Fn(&Cost) -> Duration) -> f64 {
    let mut times: Vec<_> = costs.iter().map(pick).collect();
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1e3
}

/// The sizes take turns, so that a busy neighbour slows all of them alike.
fn blocks() {
    let mut desks: Vec<_> = sizes().into_iter().map(|size| (size, Desk::with(size))).collect();
    for durability in [Durability::Synced, Durability::Deferred] {
        let mut costs = vec![Vec::new(); desks.len()];
        for _ in 0..ROUNDS {
            for ((_, desk), costs) in desks.iter_mut().zip(&mut costs) {
                costs.push(desk.run_block(durability));
            }
        }
        let figures =
            costs.iter().map(|costs| (median(costs, |cost| cost.wall), median(costs, |cost| cost.cpu)));
        let figures: Vec<_> = figures.collect();
        for ((size, _), (wall, cpu)) in desks.iter().zip(&figures) {
            let (ratio, cpu_ratio) = (wall / figures[0].0, cpu / figures[0].1);
            println!(
                "{durability:?}, {size:>8} records: {wall:6.1} ms (x{ratio:.2}), cpu {cpu:6.1} ms (x{cpu_ratio:.2})"
            );
        }
    }
    desks.iter().for_each(|(size, desk)| reads(*size, desk));
}

fn reads(size: u64, desk: &Desk) {
    let view = desk.store.latest();
    let mut criterion = Criterion::default().sample_size(10).measurement_time(Duration::from_millis(300));
    criterion = criterion.warm_up_time(Duration::from_millis(100)).without_plots();
    let mut random = Random(7);
    let tickets = desk.tickets;
    let mut ticket = move || format!("ticket/{:010}", random.next() % tickets);
    criterion.bench_function(&format!("get of {size}"), |bench| {
        bench.iter(|| view.get(ticket().as_bytes()).unwrap())
    });
    let mut n = 0;
    criterion.bench_function(&format!("get, absent of {size}"), |bench| {
        bench.iter(|| {
            n += 1;
            view.get(format!("absent/{n}").as_bytes()).unwrap()
        });
    });
    criterion.bench_function(&format!("prove of {size}"), |bench| {
        bench.iter(|| view.prove(b"ticket/0000000007").unwrap())
    });
}

/// How long a log takes to open, with records enough to matter and few enough for a default run.
fn open_log() {
    let records = std::env::var("STORE_BENCH_LOG").ok().and_then(|n| n.parse().ok()).unwrap_or(100_000u64);
    let dir = tempfile::tempdir().unwrap();
    let log = Log::open_dir(dir.path()).unwrap();
    for n in 0..records {
        log.append(&[n as u8; 1_000]).unwrap();
    }
    log.sync().unwrap();
    let start = Instant::now();
    (0..100).for_each(|_| {
        log.append(&[7; 1_000]).unwrap();
        log.sync().unwrap();
    });
    println!("log: append and sync {:.3} ms", start.elapsed().as_secs_f64() * 10.0);
    drop(log);
    let start = Instant::now();
    assert_eq!(Log::open_dir(dir.path()).unwrap().len(), records + 100);
    println!("log: {records} records of 1 kB opened in {:.0} ms", start.elapsed().as_secs_f64() * 1e3);
}

fn main() {
    blocks();
    open_log();
}
