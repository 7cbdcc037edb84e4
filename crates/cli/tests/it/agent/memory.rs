//! Where the keys of an agent are, and where they are not.

use std::fs;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Home, PASSPHRASE, agent, is_gone, send, text};
use crate::desk::{isolated, program, wait_until};
use crate::homes::{SOMEBODY, copy_of_program, is_root};

/// A stretch of a process's memory, with what the system does with it.
struct Stretch {
    from: u64,
    to: u64,
    flags: Vec<String>,
}

fn stretches(process: u32) -> Vec<Stretch> {
    let smaps = fs::read_to_string(format!("/proc/{process}/smaps")).unwrap();
    let mut found = Vec::new();
    for line in smaps.lines() {
        let range = line.split(' ').next().and_then(|range| range.split_once('-'));
        let number = |text: &str| u64::from_str_radix(text, 16).ok();
        if let Some((Some(from), Some(to))) = range.map(|(from, to)| (number(from), number(to))) {
            found.push(Stretch { from, to, flags: Vec::new() });
        } else if let (Some(flags), Some(last)) = (line.strip_prefix("VmFlags: "), found.last_mut()) {
            last.flags = flags.split_whitespace().map(str::to_owned).collect();
        }
    }
    found
}

/// How often some bytes stand in others, which may be many.
fn contains(bytes: &[u8], wanted: &[u8]) -> usize {
    let escaped: String = wanted.iter().map(|byte| format!("\\x{byte:02x}")).collect();
    regex::bytes::Regex::new(&format!("(?s-u){escaped}")).unwrap().find_iter(bytes).count()
}

#[test]
fn the_keys_are_in_one_locked_page_that_no_core_dump_has() {
    let home = Home::new();
    let answer = home.unlock("1h");
    let (process, key) = (agent(&answer), home.key());
    assert_eq!(answer["memory_is_locked"], true);
    let limits = fs::read_to_string(format!("/proc/{process}/limits")).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().filter(|word| *word == "0").count(), 2, "{core}");
    if !is_root() {
        // Nobody but root looks into it.
        assert!(fs::read(format!("/proc/{process}/environ")).is_err());
        return;
    }
    assert_eq!(fs::read(format!("/proc/{process}/environ")).unwrap(), b"");
    let mut memory = fs::File::open(format!("/proc/{process}/mem")).unwrap();
    let mut seen = Vec::new();
    for stretch in stretches(process) {
        let mut bytes = vec![0; usize::try_from(stretch.to - stretch.from).unwrap()];
        // What the kernel maps for itself cannot be read.
        if memory.seek(SeekFrom::Start(stretch.from)).is_err() || memory.read_exact(&mut bytes).is_err() {
            continue;
        }
        assert_eq!(contains(&bytes, PASSPHRASE.as_bytes()), 0, "no passphrase ever comes there");
        let found = contains(&bytes, &key);
        if found > 0 {
            seen.push((found, stretch.flags, stretch.to - stretch.from));
        }
    }
    assert!(seen.len() == 1 && seen[0].0 == 1 && seen[0].2 == 4_096, "{seen:?}");
    for flag in ["lo", "dd", "dc"] {
        assert!(seen[0].1.iter().any(|found| found == flag), "{flag}: {seen:?}");
    }
    // A fault that dumps the core of other processes dumps none of this one.
    let before = cores();
    send("ABRT", process);
    wait_until("the agent to end", || is_gone(process));
    assert_eq!(cores(), before);
}

/// Core dumps where the agent would leave one: it is in the topmost folder.
fn cores() -> Vec<PathBuf> {
    let entries = fs::read_dir("/").unwrap().flatten().map(|entry| entry.path());
    entries.filter(|path| path.to_string_lossy().starts_with("/core")).collect()
}

/// Every plain file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
    entries
        .flat_map(|path| match path.symlink_metadata().unwrap().file_type() {
            kind if kind.is_dir() => files(&path),
            kind if kind.is_file() => vec![path],
            _ => Vec::new(),
        })
        .collect()
}

#[test]
fn neither_key_nor_passphrase_is_on_the_disk_or_in_a_command_line() {
    let home = Home::new();
    let process = agent(&home.unlock("1h"));
    assert!(home.is_unlocked());
    let key = home.key();
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let wanted: [Vec<u8>; 4] =
        [key.clone(), hex.into_bytes(), STANDARD.encode(&key).into_bytes(), PASSPHRASE.as_bytes().to_vec()];
    let look = || {
        let found = files(home.path());
        assert!(found.len() > 3, "{found:?}");
        for path in found.iter().filter(|path| !path.ends_with("passphrase")) {
            let bytes = fs::read(path).unwrap();
            assert!(wanted.iter().all(|wanted| contains(&bytes, wanted) == 0), "{path:?}");
        }
    };
    look();
    let line = fs::read(format!("/proc/{process}/cmdline")).unwrap();
    assert!(wanted.iter().all(|wanted| contains(&line, wanted) == 0), "{}", text(&line));
    send("KILL", process);
    wait_until("the agent to end", || is_gone(process));
    look();
}

#[test]
fn where_memory_cannot_be_locked_that_is_said() {
    let home = Home::new();
    let mut unlock = match is_root() {
        false => {
            let mut unlock = Command::new("prlimit");
            unlock.arg("--memlock=0:0").arg(program());
            unlock
        }
        true => {
            // Root may lock what it likes; somebody else may not.
            let give = |path: &Path| chown(path, Some(SOMEBODY), Some(SOMEBODY)).unwrap();
            let keyring = home.folder().join("keyring-file");
            for path in [home.folder(), keyring.clone(), keyring.join("alice.json"), keyring.join("bob.json")]
            {
                give(&path);
            }
            for (path, mode) in [(home.path().to_owned(), 0o755), (home.path().join("passphrase"), 0o644)] {
                fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            }
            let somebody = SOMEBODY.to_string();
            let mut unlock = Command::new("prlimit");
            unlock.args(["--memlock=0:0", "setpriv", "--reuid", &somebody, "--regid", &somebody]);
            unlock.arg("--clear-groups").arg(copy_of_program());
            unlock
        }
    };
    unlock = isolated(unlock, home.path());
    unlock.current_dir("/").env("SEALDESK_PASSPHRASE_FILE", home.path().join("passphrase"));
    let output = unlock.args(["unlock", "--for", "1h", "--output", "json"]).output().unwrap();
    let told = text(&output.stderr);
    assert!(output.status.success(), "{told}");
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    home.agents.borrow_mut().push(agent(&answer));
    assert_eq!(answer["memory_is_locked"], false);
    assert!(told.contains("does not let the agent lock its memory"), "{told}");
}
