//! Homes that have lost a part of their ledger: nothing is made in its place, and what is told leads on.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Scene, commands, identity_in};
use crate::desk::{isolated, program};

/// Every file of a home, with what it holds.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => drop(found.insert(path.clone(), fs::read(&path).unwrap())),
        }
    }
    found
}

#[test]
fn a_hint_names_the_home_unless_the_variable_does() {
    let place = tempfile::tempdir().unwrap();
    let told = |named: &str, variable: &str| {
        let mut command = isolated(Command::new(program()), place.path());
        command.args(["init", "--home", named]).env("SEALDESK_KEYRING_BACKEND", "test");
        let output = command.env("SEALDESK_HOME", variable).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().find_map(|line| line.strip_prefix("Now run it: ")).unwrap().to_owned()
    };
    assert_eq!(told("b", "a"), "sealdesk --home b start");
    assert_eq!(told("a", "a"), "sealdesk start");
    // What the variable names is found, and not the usual home.
    let usual = place.path().join(".sealdesk");
    assert_eq!(told(usual.to_str().unwrap(), "a"), "sealdesk --home ~/.sealdesk start");
    let (own, blank) = (place.path().join("my desk"), "sealdesk --home ~/'my desk' start");
    assert_eq!(told(own.to_str().unwrap(), ""), blank);
    // A second desk in it is refused with the command that runs the one that is there.
    let mut again = isolated(Command::new(program()), place.path());
    let output = again.args(["init", "--home", "b"]).env("SEALDESK_HOME", "a").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("`sealdesk --home b start` runs it"), "{said}");
}

#[test]
fn the_lines_that_join_prints_are_what_the_node_reads() {
    let place = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let mut command = isolated(Command::new(program()), place.path());
        let output = command.args(args).env("SEALDESK_KEYRING_BACKEND", "test").output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    fs::write(place.path().join("card.json"), run(&["--home", "maker", "join"])).unwrap();
    run(&["--home", "maker", "genesis", "card.json", "-o", "genesis.json"]);
    let peer = "0123456789abcdef0123456789abcdef01234567@10.0.0.1:26656";
    for (name, before) in [
        ("none", None),
        ("listens", Some("listen = \"127.0.0.1:1\"\n[port]\nconnections = 600")),
        ("section", Some("[comet]\nmoniker = \"one\"")),
    ] {
        let home = place.path().join(name);
        fs::create_dir(&home).unwrap();
        let file = home.join("config.toml");
        before.inspect(|text| fs::write(&file, text).unwrap());
        let told = run(&["--home", name, "join", "genesis.json"]);
        let lines: Vec<&str> = told.lines().filter_map(|line| line.strip_prefix("  ")).collect();
        assert_eq!(lines.len(), if name == "section" { 1 } else { 2 }, "{told}");
        let lines = lines.join("\n").replace("ID@HOST:26656", peer);
        fs::write(&file, format!("{}\n{lines}\n", before.unwrap_or_default())).unwrap();
        let config = sealdesk_node::home::Home::new(&home).config().unwrap();
        assert_eq!(config.comet.peers, [peer], "{told}");
        // What is no peer is told by whoever reads the file, before CometBFT dies of it.
        fs::write(&file, "[comet]\npeers = [\"10.0.0.1:26656\"]\n").unwrap();
        let mut command = isolated(Command::new(program()), place.path());
        let output = command.args(["--home", name, "doctor"]).output().unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        assert!(told.contains("'10.0.0.1:26656' is not a peer: write ID@HOST:PORT"), "{told}");
    }
}

#[test]
fn no_desk_is_made_over_data_whose_genesis_is_missing() {
    let scene = Scene::new();
    let home = scene.home().join(".sealdesk");
    fs::rename(home.join("genesis.json"), scene.home().join("genesis.json")).unwrap();
    fs::remove_file(home.join("pins.json")).unwrap();
    scene.desk.ask(&["init", "--home", "other"]);
    scene.desk.ask(&["export", "--home", "other", "-o", "other.json"]);
    let before = files(&home);
    for command in [
        "sealdesk start",
        "sealdesk init",
        "sealdesk join",
        "sealdesk join genesis.json",
        "sealdesk import other.json",
        "sealdesk export",
        "sealdesk backup ../b",
        "sealdesk prune --keep-blocks 1000",
    ] {
        let output = scene.sh(command);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{command}: {told}");
        assert!(told.contains("its genesis.json is missing"), "{command}: {told}");
        assert!(
            told.contains("Put genesis.json back") && told.contains("sealdesk restore"),
            "{command}: {told}"
        );
        assert_eq!(files(&home).keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>(), "{command}");
    }
    assert!(files(&home) == before, "nothing was written");
    let doctor = String::from_utf8(scene.sh("sealdesk doctor").stdout).unwrap();
    assert!(doctor.contains("WRONG  ledger"), "{doctor}");
    // The very same genesis mends it.
    let mut scene = scene;
    scene.typed("mv genesis.json .sealdesk/genesis.json");
    scene.desk.start_node("127.0.0.1:0");
    scene.alice(&["read", "1"]);
}

#[test]
fn a_desk_that_lost_its_validators_key_goes_on_by_what_the_hint_says() {
    for (break_it, says) in [
        ("rm .sealdesk/validator_key.json", "cannot use the validator key file"),
        ("echo '{' > .sealdesk/validator_key.json", "does not hold a validator key"),
        ("cp other/validator_key.json .sealdesk/validator_key.json", "genesis"),
    ] {
        let mut scene = Scene::new();
        // A node that was killed leaves blocks that its state lacks: they are in the export, too.
        scene.desk.start_node("127.0.0.1:0");
        scene.alice(&["tx", "support", "respond", "1", "--message", "late"]);
        scene.desk.kill_node();
        scene.typed("sealdesk init --home other");
        scene.typed(break_it);
        let started = scene.sh("sealdesk start");
        let told = String::from_utf8(started.stderr).unwrap();
        assert!(started.status.code() == Some(1) && told.contains(says), "{told}");
        let hint = told.lines().find(|line| line.starts_with("hint: ")).unwrap();
        assert!(hint.contains("no backup has one"), "{hint}");
        let typed = commands(hint);
        assert_eq!(typed.len(), 5, "{hint}");
        scene.typed(&typed[0]);
        let made = scene.typed(&typed[1]);
        let identity = identity_in(&made);
        assert!(typed[2].ends_with("start --home ~/.sealdesk-new"), "{}", typed[2]);
        scene.typed("ln -s ~/.sealdesk-new new");
        scene.start("new");
        scene.typed(&typed[3].replace("IDENTITY", &identity));
        let voted = typed[4].replace("NAME", "admin");
        scene.typed(&format!("{voted} --node {}", scene.url()));
        scene.desk.ask(&["trust", &identity, "--home", "alice"]);
        let (read, _) = scene.alice(&["read", "1"]);
        assert!(read.to_string().contains("late"), "{read}");
        scene.alice(&["read", "2"]);
    }
}

#[test]
fn a_desk_that_lost_its_validators_key_before_its_first_block_is_made_anew() {
    let place = tempfile::tempdir().unwrap();
    let run = |line: &str| {
        let mut command = isolated(Command::new("sh"), place.path());
        let line = line.replace("sealdesk ", &format!("{} ", program().display()));
        command.args(["-c", &line]).env("SEALDESK_KEYRING_BACKEND", "test").output().unwrap()
    };
    assert!(run("sealdesk init").status.success());
    fs::remove_file(place.path().join(".sealdesk/validator_key.json")).unwrap();
    // What the first try leaves is no ledger to the next one.
    for command in
        ["sealdesk start --listen 127.0.0.1:0", "sealdesk export", "sealdesk start --listen 127.0.0.1:0"]
    {
        let told = String::from_utf8(run(command).stderr).unwrap();
        assert!(
            told.contains("remove ~/.sealdesk/genesis.json, and `sealdesk start` makes the desk again"),
            "{told}"
        );
    }
    fs::remove_file(place.path().join(".sealdesk/genesis.json")).unwrap();
    let again = run("sealdesk init");
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
}
