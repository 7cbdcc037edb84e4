//! What is looked up when somebody asks: where the ledger stands, and how much room it takes.

use std::path::Path;

use prometheus::{Gauge, GaugeVec};
use sealdesk_store::STATE_FILE;

use super::families::{Families, number};
use crate::data_files::{BLOCKS_DIR, HEADERS_DIR};
use crate::ledger::Ledger;

/// See the module.
pub(super) struct Present {
    build: GaugeVec,
    up: Gauge,
    height: Gauge,
    time: Gauge,
    tickets: GaugeVec,
    files: GaugeVec,
    available: Gauge,
    size: Gauge,
}

impl Present {
    pub(super) fn new(families: &Families) -> Self {
        Self {
            build: families.gauges(
                "sealdesk_build_info",
                "1; the labels say which program runs, and who orders the transactions.",
                &["version", "engine"],
            ),
            up: families.gauge("sealdesk_ledger_up", "1 while the ledger takes transactions, 0 once it has stopped."),
            height: families.gauge("sealdesk_ledger_height", "The newest block."),
            time: families.gauge(
                "sealdesk_ledger_block_timestamp_seconds",
                "The newest block's time, in Unix seconds.",
            ),
            tickets: families.gauges(
                "sealdesk_tickets",
                "Tickets by status. Absent for a ledger that was begun before tickets were counted.",
                &["status"],
            ),
            files: families.gauges(
                "sealdesk_storage_file_bytes",
                "Bytes of the ledger's files: its state with every index, and under the embedded engine its block log and the headers of dropped blocks.",
                &["file"],
            ),
            available: families.gauge(
                "sealdesk_storage_available_bytes",
                "Bytes that can still be written where the ledger's files are.",
            ),
            size: families.gauge(
                "sealdesk_storage_size_bytes",
                "Bytes of the whole file system where the ledger's files are.",
            ),
        }
    }

    /// Reads the newest block, six numbers of its state, and the sizes of its files.
    pub(super) fn look(&self, ledger: &dyn Ledger, data_dir: &Path) {
        let tip = ledger.tip();
        self.build.with_label_values(&[env!("CARGO_PKG_VERSION"), ledger.engine().name()]).set(1.0);
        self.up.set(if ledger.is_closed() { 0.0 } else { 1.0 });
        self.height.set(number(tip.height));
        self.time.set(number(u64::try_from(tip.time.unix_timestamp()).unwrap_or(0)));
        match ledger.machine().ticket_counts(&tip.snapshot) {
            Ok(counts) => {
                for (status, count) in counts {
                    self.tickets.with_label_values(&[status.name()]).set(number(count));
                }
            }
            Err(error) => tracing::error!("the tickets' counts cannot be read: {error}"),
        }
        if let Ok(meta) = std::fs::metadata(data_dir.join(STATE_FILE)) {
            self.files.with_label_values(&[STATE_FILE]).set(number(meta.len()));
        }
        for dir in [BLOCKS_DIR, HEADERS_DIR] {
            if let Ok(files) = std::fs::read_dir(data_dir.join(dir)) {
                let sizes = files.filter_map(|file| Some(file.ok()?.metadata().ok()?.len()));
                self.files.with_label_values(&[dir]).set(number(sizes.sum()));
            }
        }
        if let Ok(room) = rustix::fs::statvfs(data_dir) {
            self.available.set(number(room.f_bavail.saturating_mul(room.f_frsize)));
            self.size.set(number(room.f_blocks.saturating_mul(room.f_frsize)));
        }
    }
}
