//! Keys on a disk that others use too.

use std::os::unix::fs::{PermissionsExt as _, symlink};

use getrandom::SysRng;
use proptest::prelude::*;
use sealdesk_envelope::PhraseLength;

use super::*;

const PASSPHRASE: &[u8] = b"correct horse battery staple";
const WORDS: &str =
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";

fn ring(backend: Backend) -> (tempfile::TempDir, Keyring) {
    let home = tempfile::tempdir().unwrap();
    let ring = Keyring::open(home.path(), backend).unwrap();
    (home, ring)
}

/// The keys of a keyring without bad files.
fn keys(ring: &Keyring) -> Vec<KeyInfo> {
    ring.list().unwrap().into_iter().map(|listed| listed.info.unwrap()).collect()
}

fn mode(path: &Path) -> u32 {
    std::fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_key_comes_back_from_its_words_on_another_machine() {
    for backend in [Backend::File, Backend::Test] {
        let (_home, ring) = ring(backend);
        let added = ring.add("bob", PASSPHRASE, PhraseLength::TwentyFour, &mut SysRng).unwrap();
        assert_eq!(added.phrase.split(' ').count(), 24);
        assert_eq!(*ring.export("bob", PASSPHRASE).unwrap(), *added.phrase);
        let (_home, other) = self::ring(Backend::Test);
        let again = other.import("bob", b"", &added.phrase, &mut SysRng).unwrap();
        assert_eq!(again, added.info);
        assert_eq!(*ring.unlock("bob", PASSPHRASE).unwrap().public_key(), again.public_key);
        assert_eq!(keys(&ring), [ring.show("bob").unwrap()]);
        ring.delete("bob").unwrap();
        assert!(matches!(ring.show("bob"), Err(KeyringError::NotFound(_))));
        assert_eq!(keys(&ring), []);
    }
}

#[test]
fn a_wrong_passphrase_or_a_changed_file_opens_nothing() {
    let (_home, ring) = ring(Backend::File);
    ring.import("bob", PASSPHRASE, WORDS, &mut SysRng).unwrap();
    let wrong = ring.unlock("bob", b"wrong horse").err().unwrap();
    assert!(matches!(wrong, KeyringError::WrongPassphrase(_)), "{wrong}");
    let path = ring.dir.join("bob.json");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(!text.contains("abandon"), "no word stands in the file in clear");
    let changes = [("\"passes\": 3", "\"passes\": 4"), ("\"public_key\": \"0", "\"public_key\": \"1")];
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        std::fs::write(&path, text.replace(from, to)).unwrap();
        assert!(ring.unlock("bob", PASSPHRASE).is_err(), "{from}");
    }
    // Another key's file in this one's place is noticed by its name, and a renamed one by its seal.
    std::fs::write(&path, text.replace("\"bob\"", "\"eve\"")).unwrap();
    assert!(matches!(ring.show("bob"), Err(KeyringError::Form { .. })));
    std::fs::rename(&path, ring.dir.join("eve.json")).unwrap();
    assert!(matches!(ring.unlock("eve", PASSPHRASE), Err(KeyringError::WrongPassphrase(_))));
}

#[test]
fn a_file_that_asks_for_the_whole_memory_is_refused() {
    let (_home, ring) = ring(Backend::File);
    ring.import("bob", PASSPHRASE, WORDS, &mut SysRng).unwrap();
    let path = ring.dir.join("bob.json");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("65536", "4294967295")).unwrap();
    assert!(matches!(ring.unlock("bob", PASSPHRASE), Err(KeyringError::Form { .. })));
}

#[test]
fn twelve_words_and_twenty_four_make_files_of_one_length() {
    let (_home, ring) = ring(Backend::File);
    ring.add("a", PASSPHRASE, PhraseLength::Twelve, &mut SysRng).unwrap();
    ring.add("b", PASSPHRASE, PhraseLength::TwentyFour, &mut SysRng).unwrap();
    let length = |name: &str| std::fs::metadata(ring.dir.join(name)).unwrap().len();
    assert_eq!(length("a.json"), length("b.json"));
}

#[test]
fn a_key_is_never_overwritten() {
    let (_home, ring) = ring(Backend::Test);
    let first = ring.add("bob", b"", PhraseLength::Twelve, &mut SysRng).unwrap();
    let second = ring.add("bob", b"", PhraseLength::Twelve, &mut SysRng).err().unwrap();
    assert!(matches!(second, KeyringError::Exists(_)), "{second}");
    assert_eq!(*ring.export("bob", b"").unwrap(), *first.phrase);
    assert_eq!(std::fs::read_dir(&ring.dir).unwrap().count(), 1, "no draft is left behind");
}

#[test]
fn a_short_passphrase_is_none() {
    let (_home, ring) = ring(Backend::File);
    for passphrase in [&b""[..], b"1234567"] {
        let refused = ring.import("bob", passphrase, WORDS, &mut SysRng);
        assert!(matches!(refused, Err(KeyringError::PassphraseTooShort)));
    }
    assert_eq!(keys(&ring), []);
}

#[test]
fn a_name_leads_nowhere_else() {
    let (home, ring) = ring(Backend::Test);
    let outside = home.path().join("outside.json");
    std::fs::write(&outside, "precious").unwrap();
    let names =
        ["", ".", "..", "../outside", "/etc/passwd", "a/b", "a\\b", "Bob", "a b", "a\0", ".a", "ä", "-a"];
    for name in names.into_iter().chain([&*"a".repeat(65)]) {
        assert!(matches!(ring.add(name, b"", PhraseLength::Twelve, &mut SysRng), Err(KeyringError::Name(_))));
        assert!(matches!(ring.unlock(name, b""), Err(KeyringError::Name(_))), "{name:?}");
        assert!(matches!(ring.delete(name), Err(KeyringError::Name(_))), "{name:?}");
    }
    assert_eq!(std::fs::read(&outside).unwrap(), b"precious");
}

#[test]
fn a_link_in_the_keyring_is_neither_read_nor_written_through() {
    let (home, ring) = ring(Backend::Test);
    let outside = home.path().join("outside.json");
    ring.import("bob", b"", WORDS, &mut SysRng).unwrap();
    std::fs::copy(ring.dir.join("bob.json"), &outside).unwrap();
    let inside = std::fs::read(&outside).unwrap();
    ring.delete("bob").unwrap();
    symlink(&outside, ring.dir.join("bob.json")).unwrap();
    assert!(matches!(ring.unlock("bob", b""), Err(KeyringError::File { .. })));
    assert!(matches!(ring.import("bob", b"", WORDS, &mut SysRng), Err(KeyringError::Exists(_))));
    ring.delete("bob").unwrap();
    assert_eq!(std::fs::read(&outside).unwrap(), inside, "the link is gone, and not what it led to");

    let real = home.path().join("real");
    std::fs::create_dir(&real).unwrap();
    symlink(&real, home.path().join("keyring-file")).unwrap();
    assert!(matches!(Keyring::open(home.path(), Backend::File), Err(KeyringError::File { .. })));
}

#[test]
fn key_files_are_for_their_owner_alone() {
    let (_home, ring) = ring(Backend::Test);
    ring.import("bob", b"", WORDS, &mut SysRng).unwrap();
    let path = ring.dir.join("bob.json");
    assert_eq!((mode(&ring.dir), mode(&path)), (0o700, 0o600));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let refused = ring.unlock("bob", b"").err().unwrap();
    assert!(refused.to_string().contains("others may read it"), "{refused}");
}

#[test]
fn bug_98_one_bad_file_of_many_hides_no_other_key() {
    for backend in [Backend::File, Backend::Test] {
        let (home, ring) = ring(backend);
        ring.import("alice", PASSPHRASE, WORDS, &mut SysRng).unwrap();
        let good = std::fs::read(ring.dir.join("alice.json")).unwrap();
        let outside = home.path().join("outside");
        std::fs::write(&outside, &good).unwrap();
        let write = |bytes: &[u8], mode: u32| {
            let path = ring.dir.join("other.json");
            std::fs::write(&path, bytes).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        let neighbours: [(&str, &dyn Fn()); 8] = [
            ("a copy", &|| write(&good, 0o600)),
            ("open to others", &|| write(&good, 0o644)),
            ("empty", &|| write(b"", 0o600)),
            ("cut off", &|| write(&good[..good.len() / 2], 0o600)),
            ("no JSON", &|| write(b"\xff\xfe", 0o600)),
            ("too long", &|| write(&vec![b' '; 20_000], 0o600)),
            ("a folder", &|| std::fs::create_dir(ring.dir.join("other.json")).unwrap()),
            ("a link", &|| symlink(&outside, ring.dir.join("other.json")).unwrap()),
        ];
        for (what, make) in neighbours {
            make();
            let listed = ring.list().unwrap();
            let seen: Vec<_> = listed.iter().map(|item| (item.name.as_str(), item.info.is_ok())).collect();
            assert_eq!(seen, [("alice", true), ("other", false)], "{what}");
            assert!(ring.unlock("alice", PASSPHRASE).is_ok(), "{what}");
            // What is asked for and cannot be used is another matter than what is not there.
            let refused = ring.show("other").err().unwrap();
            assert!(!matches!(refused, KeyringError::NotFound(_)), "{what}: {refused}");
            assert!(matches!(ring.show("third"), Err(KeyringError::NotFound(_))), "{what}");
            let path = ring.dir.join("other.json");
            std::fs::remove_file(&path).or_else(|_| std::fs::remove_dir(&path)).unwrap();
        }
    }
}

#[test]
fn no_error_repeats_a_secret() {
    let (_home, ring) = ring(Backend::Test);
    ring.import("bob", b"", WORDS, &mut SysRng).unwrap();
    let path = ring.dir.join("bob.json");
    let damaged =
        std::fs::read_to_string(&path).unwrap().replace("\"version\": 1", "\"version\": \"abandon\"");
    std::fs::write(&path, damaged).unwrap();
    let unknown = ring.import("eve", b"", &WORDS.replace("about", "abouto"), &mut SysRng);
    let errors = [ring.unlock("bob", b"").err().unwrap(), unknown.err().unwrap()];
    for error in errors {
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("abandon") && !shown.contains("abouto"), "{shown}");
    }
}

#[test]
fn the_same_words_always_make_the_same_address() {
    let (_home, ring) = ring(Backend::Test);
    let info = ring.import("bob", b"", WORDS, &mut SysRng).unwrap();
    // The address that wallets show for these words at m/44'/118'/0'/0/0.
    let cosmos = Prefix::parse("cosmos").unwrap();
    assert_eq!(info.address(&cosmos).as_str(), "cosmos19rl4cm2hmr8afy4kldpxz3fka4jguq0auqdal4");
}

proptest! {
    #[test]
    fn a_name_that_is_accepted_is_one_plain_file_name(text in ".{0,70}") {
        if let Ok(name) = KeyName::parse(&text) {
            let path = Path::new("dir").join(format!("{name}.json"));
            prop_assert_eq!(path.components().count(), 2);
            prop_assert_eq!(name.as_str(), text.to_lowercase());
        }
    }
}

#[test]
fn a_key_gets_another_name_and_keeps_everything_else() {
    for backend in [Backend::File, Backend::Test] {
        let (_home, ring) = ring(backend);
        let bob = ring.import("bob", PASSPHRASE, WORDS, &mut SysRng).unwrap();
        ring.add("eve", PASSPHRASE, PhraseLength::Twelve, &mut SysRng).unwrap();
        assert!(matches!(ring.rename("bob", "eve", PASSPHRASE, &mut SysRng), Err(KeyringError::Exists(_))));
        assert!(matches!(ring.rename("bob", "../x", PASSPHRASE, &mut SysRng), Err(KeyringError::Name(_))));
        assert_eq!(ring.show("bob").unwrap(), bob, "nothing was changed");
        let robert = ring.rename("bob", "robert", PASSPHRASE, &mut SysRng).unwrap();
        assert_eq!(KeyInfo { name: bob.name.clone(), ..robert }, bob);
        assert!(matches!(ring.show("bob"), Err(KeyringError::NotFound(_))));
        assert_eq!(*ring.export("robert", PASSPHRASE).unwrap(), WORDS);
    }
    let (_home, ring) = ring(Backend::File);
    ring.import("bob", PASSPHRASE, WORDS, &mut SysRng).unwrap();
    let wrong = ring.rename("bob", "robert", b"wrong horse", &mut SysRng);
    assert!(matches!(wrong, Err(KeyringError::WrongPassphrase(_))) && ring.show("bob").is_ok());
}

#[test]
fn a_changed_passphrase_opens_and_a_half_done_change_is_finished_by_the_same_call() {
    let (_home, ring) = ring(Backend::File);
    ring.import("bob", PASSPHRASE, WORDS, &mut SysRng).unwrap();
    let new = b"another horse".as_slice();
    let short = ring.change_passphrase(PASSPHRASE, b"horse", &mut SysRng);
    assert!(matches!(short, Err(KeyringError::PassphraseTooShort)));
    let wrong = ring.change_passphrase(b"wrong horse", b"wrong donkey", &mut SysRng);
    assert!(matches!(wrong, Err(KeyringError::WrongPassphrase(_))));
    assert!(ring.unlock("bob", PASSPHRASE).is_ok());
    assert_eq!(ring.change_passphrase(PASSPHRASE, new, &mut SysRng).unwrap(), 1);
    assert!(matches!(ring.unlock("bob", PASSPHRASE), Err(KeyringError::WrongPassphrase(_))));
    assert_eq!(*ring.export("bob", new).unwrap(), WORDS);
    assert_eq!(ring.change_passphrase(PASSPHRASE, new, &mut SysRng).unwrap(), 0);
    assert_eq!(mode(&ring.path(&KeyName::parse("bob").unwrap())), 0o600);
}

#[test]
fn one_keyring_key_opens_what_is_under_it_and_nothing_else() {
    let (_home, ring) = ring(Backend::File);
    ring.import("bob", PASSPHRASE, WORDS, &mut SysRng).unwrap();
    let key = ring.derive("bob", PASSPHRASE).unwrap();
    assert!(matches!(ring.derive("bob", b"wrong horse"), Err(KeyringError::WrongPassphrase(_))));
    ring.add("eve", &key, PhraseLength::Twelve, &mut SysRng).unwrap();
    ring.rename("bob", "robert", &key, &mut SysRng).unwrap();
    for name in ["robert", "eve"] {
        assert_eq!(ring.key_id(name).unwrap(), Some(key.id()), "{name}");
        assert!(ring.unlock(name, &key).is_ok() && ring.unlock(name, PASSPHRASE).is_ok(), "{name}");
        let bytes = Zeroizing::new(*key.reveal());
        assert!(ring.recall(name, bytes).unwrap().id() == key.id(), "{name}");
        let other = ring.recall(name, Zeroizing::new([7; KEYRING_KEY_BYTES]));
        assert!(matches!(other, Err(KeyringError::WrongPassphrase(_))), "{name}");
    }
    // A file of its own passphrase, and so of another salt.
    ring.add("dora", PASSPHRASE, PhraseLength::Twelve, &mut SysRng).unwrap();
    assert!(matches!(ring.unlock("dora", &key), Err(KeyringError::WrongPassphrase(_))));
    let ids = |ring: &Keyring| keys(ring).iter().map(|key| ring.key_id(key.name.as_str()).unwrap()).collect();
    assert_eq!(ring.change_passphrase(PASSPHRASE, b"another horse", &mut SysRng).unwrap(), 3);
    let after: std::collections::BTreeSet<_> = ids(&ring);
    assert!(after.len() == 1 && !after.contains(&Some(key.id())), "one new keyring key for all: {after:?}");
    assert!(matches!(ring.unlock("eve", &key), Err(KeyringError::WrongPassphrase(_))));
    // A key that is kept elsewhere is made of no passphrase.
    let (_home, kept) = self::ring(Backend::Os);
    let own = KeyringKey::generate_kept(&mut SysRng).unwrap();
    kept.import("bob", &own, WORDS, &mut SysRng).unwrap();
    assert!(kept.recall("bob", Zeroizing::new(*own.reveal())).unwrap().id() == own.id());
    assert!(kept.unlock("bob", PASSPHRASE).is_err() && *kept.export("bob", &own).unwrap() == WORDS);
    let (_home, clear) = self::ring(Backend::Test);
    clear.import("bob", b"", WORDS, &mut SysRng).unwrap();
    assert_eq!(clear.key_id("bob").unwrap(), None);
}
