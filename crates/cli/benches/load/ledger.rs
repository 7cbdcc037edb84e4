//! A desk's ledger driven in this process, block by block, on real files: for filling it, and for what a transaction costs.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use sealdesk_client::genesis::chain_of;
use sealdesk_node::clock::ManualClock;
use sealdesk_node::home::Home;
use sealdesk_node::solo::{Setup, Solo, file_disks};
use sealdesk_node::validator::ValidatorKey;
use sealdesk_protocol::genesis::{Genesis, GenesisValidator, Params as GenesisParams};
use sealdesk_protocol::ids::ChainId;
use sealdesk_testkit::figures::{Times, cpu_time};
use tempfile::TempDir;

use crate::crowd::{CHAIN_ID, Crowd, THREADS, params, prefix};

/// Transactions that are checked and executed together: in two or three blocks, by what tickets may cost.
pub const BLOCK_TXS: u64 = 1_000;
/// Time between two blocks: so far apart that no limit's record grows with the speed of this machine.
const BLOCK_MILLIS: i64 = 86_400_000;
/// What one block of one ticket adds to the block log, about, in bytes.
const RECORD_BYTES: usize = 2_048;

/// What so many blocks took by the clock and by the processor.
#[derive(Clone, Debug, Default)]
pub struct Cost {
    /// Checking a transaction for the pool.
    pub check_wall: Times,
    pub check_cpu: Duration,
    /// Making a block.
    pub block_wall: Times,
    pub block_cpu: Duration,
    /// One fsync after each block.
    pub fsync: Times,
    pub txs: u32,
}

impl Cost {
    pub fn cpu_per_tx(&self) -> Duration {
        (self.check_cpu + self.block_cpu) / self.txs.max(1)
    }

    pub fn wall_per_tx(&self) -> Duration {
        (self.check_wall.sum() + self.block_wall.sum()) / self.txs.max(1)
    }
}

/// A desk on disk with its crowd.
pub struct Desk {
    pub crowd: Crowd,
    pub home: Home,
    /// The next transaction's number; as many tickets are there.
    pub next: u64,
    probe: Probe,
    /// How many people outside of the crowd have come.
    newcomers: u64,
    /// Removed with everything in it.
    _dir: TempDir,
}

/// One fsync of the same disk, of as many bytes as a block of one ticket has.
pub struct Probe(File);

impl Probe {
    pub fn new(dir: &Path) -> Self {
        Self(OpenOptions::new().create(true).append(true).open(dir.join("probe")).unwrap())
    }

    pub fn fsync(&mut self) -> Duration {
        let start = Instant::now();
        self.0.write_all(&[7; RECORD_BYTES]).unwrap();
        self.0.sync_data().unwrap();
        start.elapsed()
    }
}

impl Desk {
    /// An empty desk, whose begin lies so far back that its blocks end before now.
    pub fn new(tickets: u64) -> Self {
        let administrator = Crowd::administrator();
        let dir = tempfile::Builder::new().prefix("sealdesk-load").tempdir().unwrap();
        let home = Home::new(dir.path().join("home"));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let days = tickets / BLOCK_TXS + 500;
        let begin = i64::try_from(now - days * 86_400).unwrap();
        let administrators = [administrator.address(&prefix())];
        let nobody = GenesisValidator::new(&ValidatorKey::from_seed(&[1; 32]).public_key(), 1, "load");
        let chain_id = ChainId::parse(CHAIN_ID).unwrap();
        let mut genesis = Genesis::new(&chain_id, &prefix(), begin, &administrators, nobody).unwrap();
        genesis.app_state.params = GenesisParams::from(&params());
        let genesis = home.init(genesis).unwrap();
        let crowd = Crowd::of(tickets, chain_of(&genesis).unwrap());
        let probe = Probe::new(dir.path());
        Self { crowd, home, next: 0, probe, newcomers: 0, _dir: dir }
    }

    /// Opens the ledger in this process. Dropping it without syncing is what a crash does.
    pub fn open(&self) -> Running {
        let genesis = self.home.genesis().unwrap();
        let clock = ManualClock::at(genesis.time().unwrap() * 1_000);
        let setup = Setup {
            disks: file_disks(&self.home).unwrap(),
            genesis,
            key: self.home.key().unwrap(),
            clock: Arc::new(clock.clone()),
        };
        Running { solo: Solo::open(setup).unwrap(), clock }
    }

    /// Fills the desk while the threads make the next blocks' transactions.
    pub fn fill(&mut self, running: &mut Running, tickets: u64) {
        let start = Instant::now();
        if self.next == 0 {
            running.block(&[self.crowd.registration()], &mut Cost::default());
        }
        let (crowd, first) = (&self.crowd, self.next);
        let block = move |n: u64| {
            let from = first + n * BLOCK_TXS;
            (from < tickets).then(|| (from, tickets.min(from + BLOCK_TXS)))
        };
        thread::scope(|scope| {
            let made: Vec<_> = (0..THREADS as u64)
                .map(|thread| {
                    let (send, receive) = sync_channel(2);
                    scope.spawn(move || {
                        let mut blocks = (thread..).step_by(THREADS).map_while(block);
                        blocks.all(|(from, to)| {
                            send.send((from..to).map(|t| crowd.transaction(t)).collect::<Vec<_>>()).is_ok()
                        });
                    });
                    receive
                })
                .collect();
            for n in (0u64..).take_while(|n| block(*n).is_some()) {
                let txs = made[usize::try_from(n).unwrap() % THREADS].recv().unwrap();
                running.block(&txs, &mut Cost::default());
                self.next += txs.len() as u64;
                if self.next.is_multiple_of(10_000) {
                    let seconds = start.elapsed().as_secs_f64();
                    eprintln!("  {} of {tickets} tickets, {seconds:.0} s", self.next);
                }
            }
        });
        running.solo.sync().unwrap();
    }

    /// The next transactions, signed.
    pub fn take(&mut self, count: u64) -> Vec<Vec<u8>> {
        let txs = self.crowd.transactions(self.next, self.next + count);
        self.next += count;
        txs
    }

    /// The first of so many people who have not written yet.
    pub fn newcomers(&mut self, count: usize) -> u64 {
        let first = self.newcomers;
        self.newcomers += count as u64;
        first
    }

    pub fn fsync(&mut self) -> Duration {
        self.probe.fsync()
    }

    /// Bytes of the block log, without the zeros that its last file has ahead.
    pub fn log_bytes(&self) -> u64 {
        let files = std::fs::read_dir(self.home.data_dir().join("blocks")).unwrap();
        let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
        files.sort();
        let last = std::fs::read(files.pop().unwrap()).unwrap();
        let used = last.iter().rposition(|byte| *byte != 0).map_or(0, |place| place + 1);
        files.iter().map(|file| file.metadata().unwrap().len()).sum::<u64>() + used as u64
    }

    /// Bytes of the ledger's files on the device.
    pub fn disk_bytes(&self) -> u64 {
        use std::os::unix::fs::MetadataExt as _;
        let files = std::fs::read_dir(self.home.data_dir()).unwrap();
        files.map(|file| file.unwrap().metadata().unwrap().blocks() * 512).sum()
    }
}

/// An open ledger.
pub struct Running {
    solo: Solo,
    clock: ManualClock,
}

impl Running {
    /// Checks transactions and executes them in as few blocks as have room for them, each of which must succeed, and adds what that took.
    pub fn block(&mut self, txs: &[Vec<u8>], cost: &mut Cost) {
        // Only a few waiters: answering is not what is measured, and one answer in a thousand shows that all is well.
        let (told, outcome) = std::sync::mpsc::channel();
        let cpu = cpu_time();
        for (n, tx) in txs.iter().enumerate() {
            let told = told.clone();
            let waiter = Box::new(move |outcome| drop(told.send(outcome)));
            let start = Instant::now();
            self.solo.handle().submit(tx, (n == 0).then_some(waiter as _)).unwrap();
            cost.check_wall.add(start.elapsed());
        }
        cost.check_cpu += cpu_time() - cpu;
        self.clock.advance(BLOCK_MILLIS);
        let (start, cpu) = (Instant::now(), cpu_time());
        let mut waiting = txs.len();
        while waiting > 0 {
            let made = self.solo.make_block().unwrap().unwrap();
            assert!(made.txs > 0, "a block has room for some");
            waiting -= made.txs;
        }
        cost.block_wall.add(start.elapsed());
        cost.block_cpu += cpu_time() - cpu;
        cost.txs += u32::try_from(txs.len()).unwrap();
        match outcome.recv().unwrap() {
            sealdesk_node::solo::TxOutcome::Committed(record) => assert_eq!(record.code, 0, "{}", record.log),
            other => panic!("not on the ledger: {other:?}"),
        }
    }

    pub fn sync(&mut self) {
        self.solo.sync().unwrap();
    }
}
