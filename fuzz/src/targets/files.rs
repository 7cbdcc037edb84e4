//! Files of a person's home: key files and pins, which a copy, an editor or another program may have changed.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use sealdesk_client::genesis::pin_of;
use sealdesk_client::keyring::{Backend, KeyName, Keyring};
use sealdesk_client::trust::pins::Pins;
use sealdesk_protocol::ids::ChainId;
use tempfile::TempDir;

use super::{choose, chosen};
use crate::{Outcome, Target};

const PASSPHRASE: &[u8] = b"a long passphrase";
const WORDS: &str =
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
const BACKENDS: [Backend; 2] = [Backend::Test, Backend::File];

pub(super) fn targets() -> Vec<Target> {
    let target = |name, run, seeds| Target { name, bytes_max: 2_048, run, seeds, contains_panics: false };
    vec![
        target("key_file", key_file, key_file_seeds),
        Target { bytes_max: 64, ..target("key_name", key_name, key_name_seeds) },
        target("pins", pins, pins_seeds),
    ]
}

thread_local! {
    static HOME: TempDir = tempfile::tempdir().expect("there is room for temporary files");
}

/// A home of this thread alone: tests run side by side.
pub(super) fn home() -> PathBuf {
    HOME.with(|home| home.path().to_owned())
}

pub(super) fn write(path: &Path, bytes: &[u8]) {
    let _ = fs::remove_file(path);
    let mut options = OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(bytes)).expect("there is room for temporary files");
}

fn keyring(backend: Backend) -> (Keyring, PathBuf) {
    let keyring = Keyring::open(&home(), backend).expect("a keyring opens in a home of its own");
    (keyring, home().join(format!("keyring-{}", backend.name())))
}

/// `backend ‖ file`. A key file that was changed gives the very key that it names, or none.
fn key_file(data: &[u8]) -> Outcome {
    let Some((choice, file)) = choose(data, 2) else { return Outcome::Refused };
    let (keyring, folder) = keyring(BACKENDS[choice]);
    write(&folder.join("me.json"), file);
    let listed = keyring.list().expect("one bad file hides no other");
    let mine = listed.iter().find(|listed| listed.name.as_str() == "me").expect("the file is there");
    assert_eq!(mine.info.is_ok(), keyring.show("me").is_ok());
    let Ok(info) = keyring.show("me") else { return Outcome::Refused };
    // Stretching a passphrase takes as long as the file asks for; its bounds have a test of their own.
    let Some(opened) = is_quick(file).then(|| keyring.unlock("me", PASSPHRASE)) else {
        return Outcome::Refused;
    };
    if let Ok(actor) = &opened {
        assert!(*actor.public_key() == info.public_key, "a key file gives another key than it names");
    }
    Outcome::from(&opened)
}

fn is_quick(file: &[u8]) -> bool {
    let stored: Option<serde_json::Value> = serde_json::from_slice(file).ok();
    let of = |name: &str| stored.as_ref()?.get("sealed")?.get(name)?.as_u64();
    of("memory_kib").zip(of("passes")).is_none_or(|(memory, passes)| memory.saturating_mul(passes) <= 4_096)
}

fn key_file_seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = BACKENDS
        .iter()
        .enumerate()
        .map(|(choice, backend)| {
            let (keyring, folder) = keyring(*backend);
            let path = folder.join("me.json");
            let _ = fs::remove_file(&path);
            let mut rng = <chacha20::ChaCha20Rng as chacha20::rand_core::SeedableRng>::from_seed([5; 32]);
            keyring.import("me", PASSPHRASE, WORDS, &mut rng).expect("the words are a phrase");
            chosen(choice, &fs::read(path).expect("the key was kept"))
        })
        .collect();
    // One that is quick to try, though it opens for no passphrase.
    let slow = String::from_utf8_lossy(&seeds[1]).into_owned();
    let quick =
        slow.replace("\"memory_kib\": 65536", "\"memory_kib\": 8").replace("\"passes\": 3", "\"passes\": 1");
    assert!(quick != slow, "the form of a key file has changed");
    seeds.push(quick.into_bytes());
    seeds
}

/// A name leads to a file of its own folder and nowhere else.
fn key_name(data: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(data) else { return Outcome::Refused };
    let name = KeyName::parse(text);
    if let Ok(name) = &name {
        assert_eq!(name.to_string(), text);
        let path = Path::new("folder").join(format!("{name}.json"));
        assert!(
            path.parent() == Some(Path::new("folder")) && path.file_name().is_some(),
            "a name leads elsewhere"
        );
        assert!(!text.starts_with('.'), "a name hides its file");
    }
    Outcome::from(&name)
}

fn key_name_seeds() -> Vec<Vec<u8>> {
    [&b"me"[..], b"a.b-c_9", b"../me", b".hidden", b"a/b"].map(<[u8]>::to_vec).to_vec()
}

/// Pins that were read are kept as they were.
fn pins(data: &[u8]) -> Outcome {
    let path = home().join("pins.json");
    write(&path, data);
    let Ok(mut read) = Pins::load(&path) else { return Outcome::Refused };
    let before: Vec<_> = read.iter().cloned().collect();
    for pin in &before {
        assert!(ChainId::parse(pin.chain_id().as_str()).is_ok() && read.get(pin.chain_id()) == Some(pin));
    }
    let unknown = ChainId::parse("unknown").expect("a plain chain id");
    if read.get(&unknown).is_none() && read.forget(&unknown).is_ok() {
        let again = Pins::load(&path).map(|again| again.iter().cloned().collect::<Vec<_>>());
        assert!(again.is_ok_and(|again| again == before), "pins change when written again");
    }
    Outcome::Accepted
}

/// What a home knows of one ledger, as the program keeps it, and of none.
fn pins_seeds() -> Vec<Vec<u8>> {
    let path = home().join("seed.json");
    let mut one = Pins::load(&path).expect("no pins yet");
    one.keep(pin_of(&crate::desk::genesis()).expect("a good genesis")).expect("a pin is kept");
    let kept = std::fs::read(&path).expect("the pins that were kept");
    vec![kept, br#"{"ledgers":{}}"#.to_vec()]
}
