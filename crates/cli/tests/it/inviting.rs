//! A way in: the line that a desk prints, and the home that is set up by it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Output;

use serde_json::Value;

use crate::admission;
use crate::desk::node::Node;
use crate::desk::session::Session;

const TICKET: [&str; 9] =
    ["tx", "support", "create-ticket", "--category", "technical", "--subject", "S", "--message", "M"];

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn answer(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

/// What `connect -` answers to a line; `false` where it failed.
fn connect(home: &Session, line: &str, more: &[&str]) -> (Value, bool, String) {
    let output = home.run_with_input(&[&["connect", "-"], more].concat(), line);
    (answer(&output), output.status.success(), text(&output.stderr))
}

#[test]
fn who_is_invited_connects_writes_and_is_known_by_name() {
    let desk = admission::desk("invitations = true");
    let output = desk.run(&["invite", "--for", "carol"]);
    let (invited, told) = (answer(&output), text(&output.stderr));
    assert!(told.contains("leads nowhere but to this computer"), "{told}");
    let (line, status) = (invited["line"].as_str().unwrap(), desk.ask(&["status"]));
    assert!(line.starts_with("http://127.0.0.1:") && line.contains("/#sealdesk=1&"), "{line}");
    assert_eq!((&invited["identity"], &invited["words"]), (&status["identity"], &status["identity_words"]));
    // For a person the words stand below the line.
    let shown = text(&desk.command(&["invite", "--for", "nobody", "--no-qr"]).output().unwrap().stdout);
    assert!(shown.lines().nth(1).unwrap().contains(status["identity_words"].as_str().unwrap()), "{shown}");
    let carol = Session::idle();
    let (made, done, told) = connect(&carol, &format!("{line}\n  in words: and so on\n"), &[]);
    assert!(done && made["reached"] == true && made["key"]["name"] == "carol", "{made}");
    assert!(told.contains("is this computer"), "{told}");
    assert_eq!(made["recovery_phrase"].as_str().unwrap().split(' ').count(), 24);
    let code = line.split("&code=").nth(1).unwrap().split('&').next().unwrap();
    let kept = carol.home().join(".sealdesk/invitation.code");
    let (kept_code, for_what) = (fs::read_to_string(&kept).unwrap(), invited["identity"].as_str().unwrap());
    assert_eq!(kept_code.lines().collect::<Vec<_>>(), [code, for_what]);
    assert_eq!(fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o600);
    let settings = fs::read_to_string(carol.home().join(".sealdesk/client.toml")).unwrap();
    assert!(!settings.contains(code), "{settings}");
    // No words to compare, no code to name, no key to choose.
    carol.ask(&TICKET);
    assert_eq!(carol.ask(&["contacts", "list"])["contacts"][1]["name"], "admin", "who invited has a name");
    // The desk knows whom it let in.
    let inbox = text(&desk.command(&["inbox", "--from", "admin"]).output().unwrap().stdout);
    assert!(inbox.contains(" carol "), "{inbox}");
    // The same line again changes nothing, and asks for no other key.
    let (again, done, _) = connect(&carol, line, &[]);
    assert!(
        done && again["key"]["new"] == false && again["key"]["address"] == made["key"]["address"],
        "{again}"
    );
}

#[test]
fn a_node_that_asks_by_its_option_alone_is_invited_to_with_a_code() {
    let desk = Session::idle();
    let start = |asks: &[&str]| {
        let mut command = desk.command(&[&["start"][..], asks].concat());
        command.env("SEALDESK_LISTEN", "127.0.0.1:0");
        Node::start(command)
    };
    let node = start(&["--admission-invitations"]);
    let line = desk.ask(&["invite", "--for", "carol"])["line"].as_str().unwrap().to_owned();
    assert!(line.contains("&code="), "{line}");
    let carol = Session::idle();
    assert!(connect(&carol, &line, &[]).1);
    carol.ask(&TICKET);
    let added = desk.run(&["invite", "add"]);
    assert!(added.status.success() && !text(&added.stderr).contains("does not ask"), "{added:?}");
    node.stop();
    let node = start(&[]);
    let line = desk.ask(&["invite", "--for", "dora"])["line"].as_str().unwrap().to_owned();
    assert!(!line.contains("&code="), "{line}");
    node.stop();
}

#[test]
fn the_code_of_one_desk_is_shown_to_no_other() {
    let [desk, other] = [(); 2].map(|()| admission::desk("invitations = true"));
    let line = desk.ask(&["invite"])["line"].as_str().unwrap().to_owned();
    let (status, home) = (other.ask(&["status"]), Session::idle());
    assert!(connect(&home, &line, &[]).1);
    let theirs = other.ask(&["invite"])["line"].as_str().unwrap().to_owned();
    let node = theirs.split("/#").next().unwrap();
    let elsewhere = ["--node", node, "--chain-id", status["chain_id"].as_str().unwrap(), "--trust-first"];
    let refused = home.run(&[&TICKET[..], &elsewhere].concat());
    let told = text(&refused.stdout);
    assert!(!refused.status.success() && !told.contains("no such invitation"), "{told}");
    assert!(told.contains("invitation code"), "{told}");
    // Older programs wrote the code alone. Nobody knows for which desk it is, and the person is told.
    let kept = home.home().join(".sealdesk/invitation.code");
    let code = fs::read_to_string(&kept).unwrap().lines().next().unwrap().to_owned();
    fs::write(&kept, format!("{code}\n")).unwrap();
    let refused = home.run(&TICKET);
    let told = text(&refused.stderr);
    assert!(!refused.status.success() && told.contains("does not say for which desk"), "{told}");
    assert!(!told.contains(&code) && told.contains("--invitation-file"), "{told}");
    // At its own desk it is good still.
    home.ask(&[&TICKET[..], &["--invitation-file", kept.to_str().unwrap()]].concat());
}

#[test]
fn a_home_that_believes_one_desk_is_not_made_one_for_another_without_a_word() {
    let [desk, other] = [(); 2].map(|()| admission::desk("invitations = true"));
    let [line, theirs] =
        [&desk, &other].map(|desk| desk.ask(&["invite"])["line"].as_str().unwrap().to_owned());
    let home = Session::idle();
    assert!(connect(&home, &line, &[]).1);
    home.ask(&["config", "unset", "chain-id"]);
    let (answer, done, _) = connect(&home, &theirs, &[]);
    assert!(
        !done && answer["message"].as_str().unwrap().contains("this home believes the ledger"),
        "{answer}"
    );
    assert!(connect(&home, &line, &[]).1, "its own line is taken as before");
    home.ask(&["config", "unset", "chain-id"]);
    assert!(connect(&home, &theirs, &["--yes"]).1, "whoever means it says so");
}

#[test]
fn a_line_that_was_cut_off_or_changed_sets_nothing_up_and_its_code_is_not_repeated() {
    let desk = admission::desk("invitations = true");
    let line = desk.ask(&["invite"])["line"].as_str().unwrap().to_owned();
    let code = line.split("&code=").nth(1).unwrap().split('&').next().unwrap();
    let home = Session::idle();
    for (wrong, why) in [
        (line[..line.len() - 1].to_owned(), "cut off"),
        (line[..line.len() / 2].to_owned(), "cut off"),
        (line.replace("127.0.0.1", "127.0.0.2"), "was changed on its way"),
        (line.replace("sealdesk=1", "sealdesk=7"), "another version"),
        (line.replace("&identity", " &identity"), "was broken"),
        ("https://desk.example".to_owned(), "not the line of an invitation"),
        (String::new(), "not the line of an invitation"),
        (line.repeat(8), "longer than"),
    ] {
        let (said, done, told) = connect(&home, &wrong, &[]);
        let message = said["message"].as_str().unwrap();
        assert!(
            !done && message.contains(why) && !said["hint"].as_str().unwrap().is_empty(),
            "{wrong}: {said}"
        );
        assert!(!format!("{said}{told}").contains(&code[..5]), "{said}{told}");
    }
    assert!(!home.home().join(".sealdesk").exists());
    // Another ledger than the line names is not believed, whatever answers.
    let mut other = admission::desk("invitations = true");
    let elsewhere = other.ask(&["status"])["addresses"]["grpc"].as_str().unwrap().to_owned();
    let forging = ["invite", "--url", elsewhere.as_str()];
    // While it answers, nobody is invited to it by another ledger's name.
    let refused = desk.run(&forging);
    assert!(!refused.status.success(), "{}", text(&refused.stdout));
    other.stop_node();
    let forged = desk.ask(&forging)["line"].as_str().unwrap().to_owned();
    other.start_node(elsewhere.trim_start_matches("http://"));
    let (said, done, _) = connect(&home, &forged, &[]);
    assert!(!done && said["message"].as_str().unwrap().contains("identity"), "{said}");
    assert!(!home.home().join(".sealdesk/client.toml").exists());
}

#[test]
fn a_home_is_set_up_while_the_node_is_away_and_for_one_desk_alone() {
    let mut desk = Session::start();
    let line = desk.ask(&["invite", "--for", "Zoë"])["line"].as_str().unwrap().to_owned();
    assert!(!line.contains("&code="), "a desk that asks for no code needs none");
    desk.stop_node();
    let home = Session::idle();
    let (made, done, _) = connect(&home, &line, &["--patience", "1"]);
    assert!(done && made["reached"] == false && made["key"]["name"] == "me", "{made}");
    // The desk's own home, and one that is for another desk.
    let (said, done, _) = connect(&desk, &line, &[]);
    assert!(!done && said["message"].as_str().unwrap().contains("a desk of its own"), "{said}");
    let other = Session::start();
    let another = other.ask(&["invite"])["line"].as_str().unwrap().to_owned();
    let (said, done, _) = connect(&home, &another, &[]);
    assert!(!done && said["hint"].as_str().unwrap().contains("--home"), "{said}");
    // A key that is there is taken.
    let third = Session::idle();
    let mine = third.key("mine");
    let (made, done, _) = connect(&third, &another, &[]);
    assert!(done && made["key"]["address"].as_str() == Some(mine.as_str()), "{made}");
    third.ask(&TICKET);
}

#[test]
fn an_administrator_elsewhere_invites_to_the_desk_that_their_home_knows() {
    let desk = Session::start();
    let line = desk.ask(&["invite"])["line"].as_str().unwrap().to_owned();
    let home = Session::idle();
    assert!(connect(&home, &line, &[]).1);
    let passed_on = home.ask(&["invite", "--for", "dora"])["line"].as_str().unwrap().to_owned();
    assert!(passed_on.contains("&for=dora") && passed_on.contains("&from=me:virtengine1"), "{passed_on}");
    // Who wants no home set up still trusts by the line.
    assert_eq!(Session::idle().ask(&["trust", &line])["identity"], desk.ask(&["status"])["identity"]);
    let output = home.run(&["invite", "--code"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stdout));
    let nowhere = Session::idle().run(&["invite"]);
    assert!(text(&nowhere.stdout).contains("knows no desk"), "{}", text(&nowhere.stdout));
}

#[test]
fn the_link_that_start_prints_says_which_ledger_is_trusted() {
    let desk = Session::idle();
    let (node, printed) = Node::start_shown(desk.command(&["start"]));
    let link = printed.split_whitespace().find(|word| word.contains("/#desk=")).unwrap();
    let identity = desk.ask(&["status"])["identity"].clone();
    assert_eq!(Session::idle().ask(&["trust", link])["identity"], identity);
    let claim = format!("<{link}&claim=abandon-ability>");
    assert_eq!(Session::idle().ask(&["trust", &claim])["identity"], identity);
    // What sets a home up is told what the link is good for, and one that was cut off is not taken for a file.
    let (told, done, _) = connect(&Session::idle(), link, &[]);
    assert!(!done && told["hint"].as_str().unwrap().contains("sealdesk trust LINK"), "{told}");
    let cut = Session::idle().run(&["trust", &link[..link.len() - 3]]);
    assert!(cut.status.code() == Some(2) && text(&cut.stdout).contains("does not name a ledger"));
    node.stop();
}

#[test]
fn a_line_replaces_no_ledger_that_this_home_believes() {
    let desk_named = |name: &str| {
        let mut desk = Session::idle();
        desk.ask(&["init", "--chain-id", name]);
        desk.start_node("127.0.0.1:0");
        desk
    };
    let (desk, other) = (desk_named("ours-1"), desk_named("ours-1"));
    let line = desk.ask(&["invite"])["line"].as_str().unwrap().to_owned();
    let strange = other.ask(&["invite"]);
    let strange_line = strange["line"].as_str().unwrap();
    let home = Session::idle();
    assert!(connect(&home, &line, &[]).1);
    let pins = home.home().join(".sealdesk/pins.json");
    let before = fs::read(&pins).unwrap();
    let (said, done, _) = connect(&home, strange_line, &[]);
    let (message, hint) = (said["message"].as_str().unwrap(), said["hint"].as_str().unwrap());
    assert!(!done && message.contains("another ledger named ours-1"), "{said}");
    assert!(hint.contains("--home") && hint.contains("`sealdesk trust "), "{said}");
    assert_eq!(fs::read(&pins).unwrap(), before);
    home.ask(&TICKET);
    // Whoever means it says so first.
    home.ask(&["trust", strange["identity"].as_str().unwrap()]);
    let (made, done, _) = connect(&home, strange_line, &[]);
    assert!(done && made["identity"] == strange["identity"], "{made}");
}

#[test]
fn a_line_names_nobody_anew_and_takes_no_name_that_somebody_has() {
    let desk = Session::start();
    let line = desk.ask(&["invite"])["line"].as_str().unwrap().to_owned();
    let admin = desk.ask(&["keys", "show", "admin"])["address"].as_str().unwrap().to_owned();
    assert!(line.contains("&from=admin:"), "{line}");
    let dora = Session::idle().key("dora");
    for (name, address, why) in [
        ("boss", &admin, "this home calls that address boss".to_owned()),
        ("admin", &dora, format!("admin is {dora}")),
    ] {
        let home = Session::idle();
        home.ask(&["contacts", "add", name, address]);
        let (_, done, told) = connect(&home, &line, &[]);
        assert!(done && told.contains(&why) && told.contains(&admin), "{told}");
        let listed = home.ask(&["contacts", "list"]);
        let own = listed["contacts"].as_array().unwrap().iter().filter(|one| one["source"] == "own");
        let own: Vec<_> = own.map(|one| (one["name"].as_str(), one["address"].as_str())).collect();
        assert_eq!(own, [(Some(name), Some(address.as_str()))]);
    }
    // Of several keys none is chosen by the line.
    let home = Session::idle();
    home.key("one");
    home.key("two");
    let (said, done, _) = connect(&home, &line, &[]);
    assert!(!done && said["hint"].as_str().unwrap().contains("--name"), "{said}");
    assert!(connect(&home, &line, &["--name", "two"]).1);
    let (again, done, _) = connect(&home, &line, &[]);
    assert!(done && again["key"]["name"] == "two", "{again}");
}

#[test]
fn a_desk_of_another_prefix_is_met_by_its_line() {
    let mut desk = Session::idle();
    desk.ask(&["init", "--prefix", "acme"]);
    desk.start_node("127.0.0.1:0");
    let line = desk.ask(&["invite", "--for", "bob"])["line"].as_str().unwrap().to_owned();
    let home = Session::idle();
    let (made, done, _) = connect(&home, &line, &[]);
    assert!(done && made["key"]["address"].as_str().unwrap().starts_with("acme1"), "{made}");
    home.ask(&TICKET);
    let listed = home.ask(&["keys", "list"]);
    assert!(listed[0]["address"].as_str().unwrap().starts_with("acme1"), "{listed}");
    assert_eq!(home.ask(&["config", "get", "prefix"])["value"], "acme");
}
