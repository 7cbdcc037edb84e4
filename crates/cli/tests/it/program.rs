//! What the program promises to scripts and to people at a keyboard: exit codes, one object a command, where keys and
//! passphrases come from, whom a home believes.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::desk::node::Node;
use crate::desk::session::Session;
use crate::desk::{isolated, program, wait_for, wait_until};
use serde_json::Value;

/// Runs the program in a folder, with nothing set but what is given.
fn run(home: &Path, args: &[&str]) -> Output {
    isolated(Command::new(program()), home).args(args).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Every file below a folder.
fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] })
        .filter(|path| path.is_file())
        .collect()
}

fn ticket(desk: &Session) {
    desk.key("alice");
    let args = ["--category", "technical", "--subject", "S", "--message", "M", "--from", "alice"];
    desk.ask(&[&["tx", "support", "create-ticket"][..], &args].concat());
}

#[test]
fn a_first_start_without_a_terminal_asks_nothing_and_keeps_its_secrets_private() {
    let home = tempfile::tempdir().unwrap();
    let mut command = isolated(Command::new(program()), home.path());
    command.arg("start").stderr(Stdio::null());
    let (node, printed) = Node::start_shown(command);
    let folder = home.path().join(".sealdesk");
    for secret in ["keyring.passphrase", "validator_key.json"] {
        let mode = fs::metadata(folder.join(secret)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{secret}");
    }
    // The phrase is nowhere but in the keyring, which tells it.
    assert!(!folder.join("admin.recovery-phrase").exists());
    let exported = run(home.path(), &["keys", "export", "admin", "--yes", "--output", "json"]);
    let phrase = serde_json::from_slice::<Value>(&exported.stdout).unwrap()["recovery_phrase"].clone();
    let phrase = phrase.as_str().unwrap();
    assert_eq!(phrase.split_whitespace().count(), 24);
    assert!(printed.contains("sealdesk keys export admin") && !printed.contains(phrase), "{printed}");
    for path in walk(&folder) {
        let bytes = fs::read(&path).unwrap();
        let holds = bytes.windows(phrase.len()).any(|window| window == phrase.as_bytes());
        assert!(!holds, "{} holds the phrase", path.display());
    }
    // Every later command finds the passphrase: subjects are opened with it, too.
    let inbox = run(home.path(), &["inbox", "--from", "admin"]);
    assert!(
        inbox.status.success() && !text(&inbox.stderr).contains("stay sealed"),
        "{}",
        text(&inbox.stderr)
    );
    // The keyring is the encrypted one.
    let added = run(home.path(), &["keys", "add", "alice", "--output", "json"]);
    assert!(added.status.success(), "{}", text(&added.stderr));
    let kept = fs::read_to_string(folder.join("keyring-file/alice.json")).unwrap();
    let phrase = serde_json::from_slice::<Value>(&added.stdout).unwrap()["recovery_phrase"].clone();
    assert!(!kept.contains(phrase.as_str().unwrap()), "the phrase is not kept in clear");
    node.stop();
    assert!(!folder.join("node.address").exists(), "a stopped desk leaves no address");
    let (node, again) = Node::start_shown({
        let mut command = isolated(Command::new(program()), home.path());
        command.arg("start");
        command
    });
    assert!(!again.contains("Made a new desk"), "{again}");
    node.stop();
}

#[test]
fn a_desk_of_somebody_elsewhere_names_no_key_that_is_not_there() {
    let administrator = Session::idle().key("admin");
    let desk = Session::idle();
    desk.ask(&["init", "--administrator", &administrator]);
    let (node, printed) = Node::start_shown(desk.command(&["start"]));
    assert!(printed.contains("new --from alice") && !printed.contains("--from admin"), "{printed}");
    node.stop();
}

#[test]
fn a_lost_note_of_what_was_signed_is_said_and_a_damaged_one_stops_the_desk() {
    let mut desk = Session::start();
    desk.stop_node();
    let note = desk.home().join(".sealdesk/validator_signed");
    let whole = fs::read(&note).unwrap();
    let log = desk.home().join("said");
    let start = || {
        let mut command = desk.command(&["start"]);
        command.stderr(fs::File::create(&log).unwrap());
        command
    };
    let said = || fs::read_to_string(&log).unwrap();
    let ended = || {
        let mut child = start().stdout(Stdio::null()).spawn().unwrap();
        wait_for("the desk to refuse", || child.try_wait().unwrap().ok_or("it runs")).code()
    };
    // What a power cut cannot leave says nothing of what was signed.
    for damaged in [&[7; 8][..], &whole[..40], &[&whole[..], b"x"].concat()] {
        fs::write(&note, damaged).unwrap();
        assert_eq!(ended(), Some(1), "{}", said());
        assert!(said().contains("validator_signed") && said().contains("sealdesk export"), "{}", said());
    }
    for lost in [&[][..], &[0; 72]] {
        fs::write(&note, lost).unwrap();
        Node::start(start()).stop();
        assert!(said().contains("which block this node's key has signed last"), "{}", said());
        assert_eq!(fs::read(&note).unwrap().len(), 72, "it is written again");
    }
    fs::remove_file(&note).unwrap();
    Node::start(start()).stop();
    assert!(said().contains("second history"), "{}", said());
    Node::start(start()).stop();
    assert!(!said().contains("second history"), "{}", said());
    // Without the data nobody is sent to a copy of the home.
    fs::rename(desk.home().join(".sealdesk/data"), desk.home().join("data")).unwrap();
    assert_eq!(ended(), Some(1));
    assert!(said().contains("sealdesk restore FILE"), "{}", said());
}

#[test]
fn pins_that_are_damaged_are_moved_away_by_what_the_hint_says() {
    let desk = Session::start();
    let identity = desk.ask(&["status"])["identity"].as_str().unwrap().to_owned();
    let pins = desk.home().join(".sealdesk/pins.json");
    for damaged in ["", "{", "{\"ledgers\":7}"] {
        fs::write(&pins, damaged).unwrap();
        let told = desk.run(&["trust", &identity]);
        let told: Value = serde_json::from_slice(&told.stdout).unwrap();
        let hint = told["hint"].as_str().unwrap();
        let typed: Vec<&str> = hint.split('`').skip(1).step_by(2).collect();
        assert!(typed.len() == 2 && typed[0].starts_with("mv "), "{hint}");
        for line in typed {
            let line = line.replace("IDENTITY", &identity);
            let mut sh = isolated(Command::new("sh"), desk.home());
            let output = sh.args(["-c", &line]).output().unwrap();
            assert!(output.status.success(), "{line}: {}", text(&output.stderr));
        }
        desk.ask(&["inbox", "--from", "admin"]);
    }
}

#[test]
fn a_passphrase_comes_from_a_file_or_standard_input_and_a_wrong_one_opens_nothing() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("passphrase");
    fs::write(&file, "correct horse battery\n").unwrap();
    let with_file = |args: &[&str]| {
        let mut command = isolated(Command::new(program()), home.path());
        command.env("SEALDESK_PASSPHRASE_FILE", &file).args(args).output().unwrap()
    };
    assert!(with_file(&["keys", "add", "alice"]).status.success());
    let piped = |passphrase: &str| {
        let mut sh = isolated(Command::new("sh"), home.path());
        sh.arg("-c").arg(format!("echo '{passphrase}' | sealdesk keys export alice --yes")).output().unwrap()
    };
    let exported = piped("correct horse battery");
    assert_eq!(text(&exported.stdout).split_whitespace().count(), 24, "{}", text(&exported.stderr));
    let wrong = piped("correct horse");
    assert_eq!(wrong.status.code(), Some(1));
    assert!(
        wrong.stdout.is_empty() && text(&wrong.stderr).contains("does not open alice"),
        "{}",
        text(&wrong.stderr)
    );
    // Nobody there, and nothing given: the way out is named.
    let nobody = run(home.path(), &["keys", "export", "alice", "--yes"]);
    assert_eq!(nobody.status.code(), Some(2));
    assert!(text(&nobody.stderr).contains("SEALDESK_PASSPHRASE_FILE"), "{}", text(&nobody.stderr));
    fs::write(&file, "short\n").unwrap();
    fs::remove_dir_all(home.path().join(".sealdesk")).unwrap();
    assert_eq!(with_file(&["keys", "add", "alice"]).status.code(), Some(2), "a short passphrase is none");
}

#[test]
fn a_key_is_never_overwritten_and_its_name_leads_nowhere() {
    let home = tempfile::tempdir().unwrap();
    let add = |name: &str| run(home.path(), &["keys", "add", name, "--keyring-backend", "test"]);
    assert!(add("alice").status.success());
    let kept = fs::read(home.path().join(".sealdesk/keyring-test/alice.json")).unwrap();
    assert_eq!(add("alice").status.code(), Some(1));
    assert_eq!(fs::read(home.path().join(".sealdesk/keyring-test/alice.json")).unwrap(), kept);
    for name in ["../alice", "/alice", "a/b", "..", "Alice", "", "a b"] {
        assert_eq!(add(name).status.code(), Some(1), "{name:?}");
    }
    assert_eq!(fs::read_dir(home.path().join(".sealdesk/keyring-test")).unwrap().count(), 1);
}

#[test]
fn a_receipt_with_a_byte_changed_is_refused_and_without_a_pin_it_is_not_pinned() {
    let desk = Session::start();
    ticket(&desk);
    desk.ask(&["receipt", "1", "-o", "receipt"]);
    let genesis = desk.home().join(".sealdesk/genesis.json");
    let verify = |file: &str| desk.run(&["verify", file, "--genesis", genesis.to_str().unwrap()]);
    let good = verify("receipt");
    assert_eq!(good.status.code(), Some(0), "{}", text(&good.stdout));
    let shown: Value = serde_json::from_slice(&good.stdout).unwrap();
    assert_eq!((&shown["pinned"], &shown["ticket"]["status"]), (&Value::from(true), &Value::from("open")));
    // It names the ledger by more than its name, and another one that has the same validator is not it.
    let identity = desk.ask(&["status"])["identity"].clone();
    assert!(
        shown["identity"] == identity && shown["proves"].to_string().contains(identity.as_str().unwrap())
    );
    let mut other: Value = serde_json::from_slice(&fs::read(&genesis).unwrap()).unwrap();
    other["app_state"]["keys"] = Value::Array(Vec::new());
    let mut members = other["app_state"]["members"].as_array().unwrap().clone();
    let alice = desk.ask(&["keys", "show", "alice"])["address"].clone();
    members[0]["address"] = alice;
    other["app_state"]["members"] = Value::Array(members);
    fs::write(desk.home().join("other.json"), other.to_string()).unwrap();
    let refused = desk.run(&["verify", "receipt", "--genesis", "other.json"]);
    assert!(
        refused.status.code() == Some(1) && text(&refused.stdout).contains("its identity is"),
        "{}",
        text(&refused.stdout)
    );
    assert_eq!(desk.run(&["verify", "receipt"]).status.code(), Some(2));
    let wrong = "00".repeat(32);
    assert_eq!(desk.run(&["verify", "receipt", "--trust", &wrong]).status.code(), Some(1));
    let bytes = fs::read(desk.home().join("receipt")).unwrap();
    // Every byte is tried in the protocol's own tests; here a sample, through the program.
    for place in (0..bytes.len()).step_by(bytes.len() / 24) {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        fs::write(desk.home().join("changed"), changed).unwrap();
        assert_eq!(verify("changed").status.code(), Some(1), "byte {place}");
    }
    fs::write(desk.home().join("changed"), &bytes[..bytes.len() - 1]).unwrap();
    assert_eq!(verify("changed").status.code(), Some(1));
}

#[test]
fn a_home_that_knows_a_ledger_does_not_believe_another_one() {
    let (desk, other) = (Session::start(), Session::start());
    ticket(&desk);
    let elsewhere = fs::read_to_string(other.home().join(".sealdesk/node.address")).unwrap();
    let refused = desk.run(&["inbox", "--from", "alice", "--node", elsewhere.trim()]);
    assert_eq!(refused.status.code(), Some(1), "{}", text(&refused.stdout));
    let message = serde_json::from_slice::<Value>(&refused.stdout).unwrap();
    assert!(message["hint"].as_str().unwrap().contains("--chain-id"), "{message}");
    let chain_id = other.ask(&["status"])["chain_id"].as_str().unwrap().to_owned();
    desk.ask(&["inbox", "--from", "alice", "--node", elsewhere.trim(), "--chain-id", &chain_id]);
    // From now on both are known, and a node that serves the other one under a wish is refused.
    let wished = desk.run(&["inbox", "--from", "alice", "--chain-id", &chain_id]);
    assert_eq!(wished.status.code(), Some(1), "{}", text(&wished.stdout));
}

#[test]
fn a_ledger_whose_validators_changed_is_not_believed() {
    let desk = Session::start();
    ticket(&desk);
    let pins = desk.home().join(".sealdesk/pins.json");
    let mut known: Value = serde_json::from_slice(&fs::read(&pins).unwrap()).unwrap();
    for pin in known["ledgers"].as_object_mut().unwrap().values_mut() {
        pin["validators_hash"] = "AB".repeat(32).into();
    }
    fs::write(&pins, known.to_string()).unwrap();
    let read = desk.run(&["read", "1", "--from", "alice"]);
    assert_eq!(read.status.code(), Some(1));
    let shown = text(&read.stdout);
    assert!(shown.contains("changed") && !shown.contains("\"messages\""), "{shown}");
    assert!(desk.run(&["read", "1", "--from", "alice", "--trust-node"]).status.success());
}

#[test]
fn watch_tells_what_happens_and_goes_on_after_its_cursor() {
    let desk = Session::start();
    desk.key("alice");
    let mut watching =
        desk.command(&["watch", "--count", "2", "--output", "json"]).stdout(Stdio::piped()).spawn().unwrap();
    // What happens before the subscription is not told, so something happens until two events were told.
    let lines = BufReader::new(watching.stdout.take().unwrap()).lines();
    let told = std::thread::spawn(|| lines.map(Result::unwrap).collect::<Vec<_>>());
    let mut acts = ["assign-role", "revoke-role"].iter().cycle();
    wait_until("two events to be told", || {
        desk.ask(&["tx", "roles", acts.next().unwrap(), "alice", "support_agent", "--from", "admin"]);
        told.is_finished()
    });
    assert!(watching.wait().unwrap().success());
    let told = told.join().unwrap();
    let [first, second] = [0, 1].map(|n: usize| serde_json::from_str::<Value>(&told[n]).unwrap());
    assert_ne!(first["assigned_by"].is_string(), second["assigned_by"].is_string(), "{first} {second}");
    assert!(first["timestamp"].is_i64() && first["block_height"].is_i64(), "{first}");
    let from = first["cursor"].as_str().unwrap();
    let again = desk.ask(&["watch", "--count", "1", "--cursor", from]);
    assert_eq!(again["cursor"], second["cursor"], "neither a gap nor a double");
}

#[test]
fn doctor_says_what_is_wrong_and_what_to_do() {
    let mut desk = Session::start();
    ticket(&desk);
    desk.stop_node();
    let folder = desk.home().join(".sealdesk");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    let open = desk.run(&["doctor"]);
    assert_eq!(open.status.code(), Some(1));
    assert!(text(&open.stdout).contains("chmod go-rwx"), "{}", text(&open.stdout));
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(desk.ask(&["doctor"])["ok"], true);
    // One bit of the block log, in the middle of what is written.
    let mut files = fs::read_dir(folder.join("data/blocks")).unwrap().map(|entry| entry.unwrap().path());
    let log = files.next().unwrap();
    let mut bytes = fs::read(&log).unwrap();
    let written = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    bytes[written / 2] ^= 1;
    fs::write(&log, bytes).unwrap();
    let damaged = desk.run(&["doctor"]);
    assert_eq!(damaged.status.code(), Some(1), "{}", text(&damaged.stdout));
}

#[test]
fn doctor_makes_the_indexes_anew_only_where_no_desk_runs() {
    let mut desk = Session::start();
    ticket(&desk);
    let running = desk.run(&["doctor", "--rebuild-indexes"]);
    assert_eq!(running.status.code(), Some(1), "{}", text(&running.stdout));
    assert!(text(&running.stdout).contains("stop it first"), "{}", text(&running.stdout));
    desk.stop_node();
    assert_eq!(desk.ask(&["doctor", "--rebuild-indexes"])["ok"], true);
    desk.start_node("127.0.0.1:0");
    let open = desk.ask(&["query", "support", "open-tickets"]).to_string();
    assert!(open.contains("TKT-00000001"), "{open}");
}

#[test]
fn two_desks_do_not_share_a_home() {
    let desk = Session::start();
    let second = desk.run(&["start"]);
    assert_eq!(second.status.code(), Some(1), "{}", text(&second.stdout));
    assert!(text(&second.stdout).contains("stop it first"), "{}", text(&second.stdout));
    assert_eq!(desk.ask(&["doctor"])["ok"], true);
}

#[test]
fn envelope_check_counts_what_passed_and_exits_with_1_if_anything_failed() {
    let home = tempfile::tempdir().unwrap();
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/envelope");
    for file in ["envelope.json", "attacks-sample.json", "identity.json"] {
        let output = run(home.path(), &["envelope", "check", vectors.join(file).to_str().unwrap()]);
        let shown = text(&output.stdout);
        assert!(
            output.status.success() && shown.trim_end().ends_with(" passed, 0 failed"),
            "{file}\n{shown}"
        );
    }
    let good = fs::read_to_string(vectors.join("attacks-sample.json")).unwrap();
    let bad = good.replacen("\"reader_secret\"", "\"other\"", 1);
    let bad = if bad == good { good.replacen("\"context\"", "\"other\"", 1) } else { bad };
    fs::write(home.path().join("bad.json"), bad).unwrap();
    let output = run(home.path(), &["envelope", "check", "bad.json"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
    assert!(text(&output.stdout).contains("1 failed"), "{}", text(&output.stdout));
    fs::write(home.path().join("none.json"), "{}").unwrap();
    assert_eq!(run(home.path(), &["envelope", "check", "none.json"]).status.code(), Some(2));
}

#[test]
fn settings_come_from_the_home_and_a_word_that_is_none_is_refused() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join(".sealdesk")).unwrap();
    let settings = home.path().join(".sealdesk/client.toml");
    fs::write(&settings, "output = \"json\"\nkeyring-backend = \"test\"\n").unwrap();
    let listed = run(home.path(), &["keys", "list"]);
    assert_eq!(serde_json::from_slice::<Value>(&listed.stdout).unwrap(), Value::Array(Vec::new()));
    let version = run(home.path(), &["version", "--output", "text"]).stdout;
    assert!(text(&version).starts_with("sealdesk 0.1.0 (commit "), "{}", text(&version));
    fs::write(&settings, "outptu = \"json\"\n").unwrap();
    assert_eq!(run(home.path(), &["version"]).status.code(), Some(2));
}

#[test]
fn every_command_has_a_help_text_and_every_shell_its_completions() {
    let home = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = run(home.path(), &["completions", shell]);
        assert!(output.status.success() && text(&output.stdout).contains("SEALDESK_COMPLETE"), "{shell}");
    }
    let public = [
        ("close-ticket", "--reason"),
        ("reopen-ticket", "--reason"),
        ("set-priority", "--reason"),
        ("resolve-ticket", "--resolution"),
        ("respond", "--memo"),
    ];
    for (command, option) in public {
        let help = text(&run(home.path(), &["tx", "support", command, "--help"]).stdout);
        let line = help.lines().find(|line| line.trim_start().starts_with(option)).unwrap();
        assert!(line.contains("PUBLIC"), "{command}: {line}");
    }
}
