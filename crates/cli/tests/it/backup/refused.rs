//! What is no backup, what was changed, where there is no room, and where there is a desk already.

use std::fs;
use std::io::Read as _;
use std::process::{Command, Output};

use sealdesk_node::backup::{FrameReader, FrameWriter, Part, socket};
use sealdesk_node::home::Home;
use serde_json::Value;

use super::{PASSPHRASE, back_up, desk, names, restore};
use crate::desk::session::Session;
use crate::desk::{isolated, wait_until};

fn told_by(output: &Output) -> String {
    assert!(!output.status.success());
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    format!("{} {}", value["message"].as_str().unwrap(), value["hint"].as_str().unwrap_or_default())
}

fn refused(desk: &Session, args: &[&str]) -> String {
    told_by(&desk.run(args))
}

#[test]
fn a_changed_byte_anywhere_is_refused_and_nothing_is_made() {
    let desk = desk();
    back_up(&desk, "desk.backup");
    let whole = fs::read(desk.home().join("desk.backup")).unwrap();
    // The beginning of each part, where lengths and kinds stand, and places all over the rest.
    let (mut places, mut reader) = (vec![0], FrameReader::file(&whole[..]).unwrap());
    loop {
        let at = usize::try_from(reader.bytes()).unwrap();
        places.extend([at, at + 4, at + 6]);
        if reader.next_frame().unwrap().part == Part::End {
            break;
        }
    }
    places.extend((0..12).map(|part| part * whole.len() / 12));
    places.push(whole.len() - 1);
    for at in places {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(desk.home().join("changed.backup"), changed).unwrap();
        let said = refused(&desk, &["backup", "--check", "changed.backup"]);
        assert!(said.contains("backup"), "byte {at}: {said}");
    }
    for length in [0, 10, whole.len() / 2, whole.len() - 1] {
        fs::write(desk.home().join("cut.backup"), &whole[..length]).unwrap();
        let args = [&["restore", "cut.backup", "--home", "new"], &PASSPHRASE[..]].concat();
        let said = refused(&desk, &args);
        assert!(said.contains("not whole") || said.contains("not a backup"), "{length} bytes: {said}");
        assert_eq!(names(&desk.home().join("new")), [""; 0], "{length} bytes");
    }
}

/// Writes a backup anew with one part changed, or left out, and a digest that fits.
fn forged(whole: &[u8], part: Part, change: impl Fn(Vec<u8>) -> Option<Vec<u8>>) -> Vec<u8> {
    let (mut reader, mut writer) =
        (FrameReader::file(whole).unwrap(), FrameWriter::file(Vec::new()).unwrap());
    let mut is_done = false;
    loop {
        let frame = reader.next_frame().unwrap();
        match frame.part {
            Part::End => return writer.end().unwrap(),
            found if found == part && !is_done => {
                is_done = true;
                if let Some(bytes) = change(frame.bytes) {
                    writer.put(found, &bytes).unwrap();
                }
            }
            found => writer.put(found, &frame.bytes).unwrap(),
        }
    }
}

// Whoever changes a backup can write its digest as well; the ledger's part is held against what its validator signed.
#[test]
fn a_forged_backup_is_held_against_the_signed_header() {
    let desk = desk();
    desk.ask(&["backup", "desk.backup"]);
    let whole = fs::read(desk.home().join("desk.backup")).unwrap();
    let flipped = |mut bytes: Vec<u8>| {
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        Some(bytes)
    };
    let parts = [Part::Proof, Part::Genesis, Part::Rows, Part::Block, Part::Counts];
    for part in parts {
        for (how, bytes) in
            [("changed", forged(&whole, part, flipped)), ("gone", forged(&whole, part, |_| None))]
        {
            fs::write(desk.home().join("forged.backup"), bytes).unwrap();
            let said = refused(&desk, &["restore", "forged.backup", "--home", "new"]);
            assert!(said.contains("damaged"), "{part:?} {how}: {said}");
        }
    }
    // A piece of a file that is another one is only not found under its name.
    fs::write(desk.home().join("forged.backup"), forged(&whole, Part::Piece, |_| None)).unwrap();
    assert!(refused(&desk, &["restore", "forged.backup", "--home", "new"]).contains("missing"));
    let other = forged(&whole, Part::File, |_| Some([&[0, 14][..], b"../genesis.txt", b"x"].concat()));
    fs::write(desk.home().join("forged.backup"), other).unwrap();
    assert!(refused(&desk, &["restore", "forged.backup", "--home", "new"]).contains("no home has"));
    assert_eq!(names(&desk.home().join("new")), [""; 0]);
    assert!(!desk.home().join("genesis.txt").exists());
}

#[test]
fn a_desk_and_a_home_with_anything_in_it_are_not_restored_over() {
    let desk = desk();
    back_up(&desk, "desk.backup");
    let before = names(&desk.home().join(".sealdesk"));
    let said = refused(&desk, &[&["restore", "desk.backup"], &PASSPHRASE[..]].concat());
    assert!(said.contains("holds a ledger already"), "{said}");
    fs::create_dir(desk.home().join("used")).unwrap();
    fs::write(desk.home().join("used/notes.txt"), "mine").unwrap();
    let said = refused(&desk, &[&["restore", "desk.backup", "--home", "used"], &PASSPHRASE[..]].concat());
    assert!(said.contains("it holds notes.txt already") && said.contains("--home DIR"), "{said}");
    assert_eq!(names(&desk.home().join("used")), ["notes.txt"]);
    assert_eq!(names(&desk.home().join(".sealdesk")), before);
    // Two homes of one backup are two ledgers: neither goes on as the old one.
    let (one, two) = (restore(&desk, "desk.backup", "one"), restore(&desk, "desk.backup", "two"));
    assert!(one["chain_id"] != two["chain_id"] && one["identity"] != two["identity"]);
}

#[test]
fn a_file_that_is_no_backup_is_neither_written_over_nor_read() {
    let desk = desk();
    fs::write(desk.home().join("letter"), "dear bob").unwrap();
    let said = refused(&desk, &["backup", "letter"]);
    assert!(said.contains("not a backup"), "{said}");
    assert_eq!(fs::read(desk.home().join("letter")).unwrap(), b"dear bob");
    let said = refused(&desk, &["restore", "letter", "--home", "new"]);
    assert!(said.contains("not a backup") && said.contains("sealdesk backup"), "{said}");
    let mut wrong = desk.command(&["restore", "desk.backup", "--home", "new", "--passphrase-file", "letter"]);
    back_up(&desk, "desk.backup");
    let output = wrong.args(["--output", "json"]).output().unwrap();
    let said = told_by(&output);
    assert!(said.contains("passphrase") && said.contains("--without-keys"), "{said}");
    desk.ask(&["restore", "desk.backup", "--home", "new", "--without-keys"]);
}

/// Runs a command whose files can have so many blocks of 512 bytes at most: what a full disk does.
fn without_room(desk: &Session, line: &str, blocks: u32) -> Output {
    let mut sh = isolated(Command::new("sh"), desk.home());
    sh.env("SEALDESK_KEYRING_BACKEND", "test");
    sh.arg("-c").arg(format!("trap '' XFSZ; ulimit -f {blocks}; exec {line} --output json")).output().unwrap()
}

#[test]
fn without_room_there_is_neither_half_a_backup_nor_half_a_desk() {
    let desk = desk();
    back_up(&desk, "desk.backup");
    let before = names(desk.home());
    let output = without_room(&desk, "sealdesk backup other.backup", 100);
    assert!(told_by(&output).contains("other.backup"));
    assert_eq!(names(desk.home()), before);
    let mut to_full = isolated(Command::new("sh"), desk.home());
    let status = to_full.args(["-c", "sealdesk backup - > /dev/full"]).status().unwrap();
    assert!(!status.success());
    let output =
        without_room(&desk, "sealdesk restore desk.backup --home new --passphrase-file passphrase", 100);
    assert!(!output.status.success());
    assert_eq!(names(&desk.home().join("new")), [""; 0]);
    restore(&desk, "desk.backup", "new");
}

#[test]
fn a_reader_who_stands_still_holds_up_neither_the_desk_nor_its_end() {
    let mut desk = desk();
    let home = Home::new(desk.home().join(".sealdesk"));
    let mut slow = socket::ask(&home).unwrap();
    // It has begun, and cannot go on: what is given is longer than what the socket holds.
    slow.read_exact(&mut [0; 5]).unwrap();
    let said = refused(&desk, &["backup", "desk.backup"]);
    assert!(said.contains("another backup is being made"), "{said}");
    desk.ask(&["tx", "support", "respond", "1", "--message", "Meanwhile.", "--from", "admin"]);
    let second = socket::ask(&home).unwrap();
    drop(slow);
    drop(second);
    wait_until("the place to be free again", || desk.run(&["backup", "desk.backup"]).status.success());
    let mut slow = socket::ask(&home).unwrap();
    slow.read_exact(&mut [0; 5]).unwrap();
    desk.stop_node();
    assert!(!home.path().join(socket::SOCKET_FILE).exists());
    desk.ask(&["doctor"]);
}
