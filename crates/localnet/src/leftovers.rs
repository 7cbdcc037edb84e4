//! What a localnet that was killed could not take down: validators that stood still at that moment, and network namespaces.
//!
//! A validator that runs notices by itself that its localnet is gone. Whatever is ended here names the process of a localnet that
//! does not exist any more.

use std::path::Path;

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use crate::links;
use crate::validator::{UNDER, comet_pid};

/// Ends it all.
pub(crate) fn clear() {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    for process in processes {
        let pid = process.file_name().to_str().and_then(|name| name.parse().ok()).and_then(Pid::from_raw);
        if let Some(pid) = pid {
            end_orphan(pid, &process.path());
        }
    }
    links::remove_all(|owner| !is_alive(owner));
}

/// Kills a validator, and its CometBFT, if its localnet is gone.
fn end_orphan(pid: Pid, process: &Path) {
    let command = std::fs::read(process.join("cmdline")).unwrap_or_default();
    let words: Vec<&str> =
        command.split(|byte| *byte == 0).filter_map(|word| std::str::from_utf8(word).ok()).collect();
    let after = |option: &str| words.iter().skip_while(|word| **word != option).nth(1);
    let owner = after(UNDER).and_then(|owner| owner.parse().ok());
    let (Some(owner), Some(home)) = (owner, after("--home")) else { return };
    if is_alive(owner) {
        return;
    }
    for pid in [comet_pid(Path::new(home)), Some(pid)].into_iter().flatten() {
        let _ = kill_process(pid, Signal::KILL);
    }
}

fn is_alive(pid: i32) -> bool {
    Pid::from_raw(pid).is_some_and(|pid| test_kill_process(pid).is_ok())
}
