//! A node that is believed without proofs: every command says so, and none seals or grants.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{staffed, ticket};
use crate::desk::{isolated, program};

/// Every command that does something, as its words.
fn leaves(home: &Path, words: &[String]) -> Vec<Vec<String>> {
    let output = isolated(Command::new(program()), home).args(words).arg("--help").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    let Some(list) = help.split("\nCommands:\n").nth(1) else { return vec![words.to_vec()] };
    let names = list
        .lines()
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' '))?.split(' ').next());
    let below = names.filter(|name| *name != "help").map(|name| [words, &[name.to_owned()]].concat());
    below.flat_map(|words| leaves(home, &words)).collect()
}

/// What each command is given, so that it would do what it does; the ones that need nothing are here too.
fn arguments(words: &str) -> Option<&'static str> {
    Some(match words {
        "start" => "--engine comet --cometbft /nonexistent/cometbft",
        "init" | "prune" | "status" | "chain-info" | "version" | "doctor" => "",
        "inbox" | "keys list" | "stacks accept-owner" => "",
        "unlock" | "lock" | "publish-page" => "",
        "query support params" | "query support open-tickets" | "query ledger validators" => "",
        "tx ledger continue-ledger" | "stacks deploy" | "keys passphrase" | "query support ratings" => "",
        "tx support renew-grants" | "tx roles renew-votes" | "documents renew" => "",
        "backup" => "made.backup",
        "desk" => "--node http://127.0.0.1:1",
        "verify-page" => "http://127.0.0.1:1",
        "export" => "-o exported.json",
        "genesis" => "nothing.json -o made.json",
        "import" | "restore" | "join" | "trust" => "nothing.json",
        "tx sign" | "tx broadcast" | "tx support import-ticket" => "nothing.json",
        "localnet" => "--dir . --cometbft /nonexistent/cometbft",
        "keys add" => "carol",
        "keys show" | "keys export" | "keys register" | "query encryption keys" => "alice",
        "keys import" => "dora",
        "keys rename" => "carol eve",
        "contacts remove" => "carol",
        "keys delete" => "carol",
        "query tx" => "0000000000000000000000000000000000000000000000000000000000000000",
        "invite add" | "invite list" | "webhooks list" | "contacts list" | "contacts refresh"
        | "config list" => "",
        "contacts add" => "carol alice",
        "config get" | "config unset" => "utc",
        "config set" => "utc true",
        "connect" => "nothing",
        "invite revoke" => "nobody",
        words if words.starts_with("webhooks ") => "nobody",
        "documents list" => "staff",
        "documents show" | "documents remove" => "public hours",
        "documents put" => "public hours --file /dev/null",
        "keys revoke" => "bob",
        "read"
        | "sla"
        | "erase"
        | "query support ticket"
        | "query support responses"
        | "stacks close-expired" => "1",
        "save" => "1 1 -o saved",
        "watch" => "--count 0",
        "receipt" => "1 -o receipt",
        "disclose" => "1 1 -o disclosed",
        "reassign" => "--from bob --to admin",
        "staff list" => "",
        "staff add" => "alice alice",
        "staff remove" => "bob",
        "documents example" => "sla",
        "verify" | "envelope check" => "nothing",
        "stacks propose-owner" => "alice",
        "stacks tx" => "0x0000000000000000000000000000000000000000000000000000000000000000",
        "completions" => "bash",
        "new" => "--category technical --subject S --message M --from alice",
        "reply" | "note" => "1 M",
        "assign" => "1 bob",
        "take" | "resolve" | "close" | "reopen" => "1",
        "query roles account" | "query support tickets-by-customer" | "query support tickets-by-agent" => {
            "alice"
        }
        "query support tickets-by-provider" => "alice",
        "query support tickets-by-status" => "open",
        "query roles members" => "administrator",
        "man" => "pages",
        _ => return of_transaction(words),
    })
}

/// What each command that sends a transaction is given.
fn of_transaction(words: &str) -> Option<&'static str> {
    Some(match words {
        "tx support create-ticket" => "--category technical --subject S --message M --from alice",
        "tx support assign-ticket" | "tx support grant-access" => "1 bob",
        "tx support respond" => "1 --message M",
        "tx support start-work" | "tx support await-customer" | "tx support take-ticket" => "1",
        "tx support set-priority" => "1 high",
        "transfer" | "tx support transfer-ticket" => "1 alice",
        "link" | "tx support link-tickets" => "1 related 2",
        "tx support merge-tickets" => "1 2",
        "rate" | "tx support rate-ticket" => "1 5 --from alice",
        "snooze" | "tx support snooze-ticket" => "1 3d",
        "tx support resolve-ticket" => "1 --resolution R",
        "tx support close-ticket" | "tx support reopen-ticket" => "1 --reason R",
        "tx support grant-all" => "admin",
        "tx support update-params" => "--ticket-cooldown-seconds 5",
        "tx roles assign-role" => "alice support_agent",
        "tx roles revoke-role" => "bob support_agent",
        "tx roles set-account-state" => "bob suspended",
        "tx ledger propose-validator" => {
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a --power 1"
        }
        _ => return None,
    })
}

/// The lines that say so.
fn said(stderr: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(stderr).into_owned();
    text.lines().filter(|line| line.contains("is believed without proofs")).map(str::to_owned).collect()
}

#[test]
fn every_command_says_that_the_node_is_believed_and_none_seals_or_grants() {
    let desk = staffed();
    ticket(&desk, "alice");
    let leaves = leaves(desk.home(), &[]);
    assert!(leaves.len() > 50, "{leaves:?}");
    let state = desk.ask(&["status"])["app_hash"].clone();
    for words in &leaves {
        let line = words.join(" ");
        let more = arguments(&line)
            .unwrap_or_else(|| panic!("`sealdesk {line}` is new: give it a row, so that it is tried here"));
        let mut args: Vec<&str> = words.iter().map(String::as_str).chain(more.split_whitespace()).collect();
        if !more.contains("--from") {
            args.extend(["--from", "admin"]);
        }
        args.extend(["--trust-node", "--yes", "--patience", "5"]);
        let output = desk.run(&args);
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        let lines = said(&output.stderr);
        assert_eq!(lines.len(), 1, "{args:?}: {told}{}", String::from_utf8_lossy(&output.stderr));
        assert!(lines[0].contains("--trust-node") && lines[0].contains("nothing is sealed"), "{}", lines[0]);
        // Nothing has ended here that could be made anew.
        let reads_a_file = ["tx sign", "tx broadcast", "tx support import-ticket"].contains(&line.as_str());
        let verbs = ["new", "reply", "note", "assign", "take", "resolve", "close", "reopen"];
        let acts = verbs.contains(&line.as_str())
            || ["rate", "snooze", "link", "transfer"].contains(&line.as_str())
            || (line.starts_with("tx ") && !reads_a_file && !line.contains("renew-"))
            || line == "keys revoke";
        if acts {
            assert_eq!(output.status.code(), Some(1), "{args:?}: {told}");
            assert!(
                told.contains("nothing is sealed and nothing granted") || told.contains("continues no other"),
                "{args:?}: {told}"
            );
        }
    }
    assert_eq!(desk.ask(&["status"])["app_hash"], state, "no transaction came into a block");
}

#[test]
fn a_variable_and_a_setting_that_believe_the_node_are_named() {
    let desk = staffed();
    let mut by_variable = desk.command(&["status"]);
    let lines = said(&by_variable.env("SEALDESK_TRUST_NODE", "true").output().unwrap().stderr);
    assert!(lines.len() == 1 && lines[0].contains("the variable SEALDESK_TRUST_NODE"), "{lines:?}");
    let mut empty = desk.command(&["status"]);
    assert!(said(&empty.env("SEALDESK_TRUST_NODE", "").output().unwrap().stderr).is_empty());
    let file = desk.home().join(".sealdesk/client.toml");
    let before = fs::read_to_string(&file).unwrap_or_default();
    fs::write(&file, format!("{before}trust-node = true\n")).unwrap();
    let lines = said(&desk.command(&["inbox", "--from", "admin"]).output().unwrap().stderr);
    assert!(lines.len() == 1 && lines[0].contains("client.toml"), "{lines:?}");
    let args =
        ["tx", "support", "create-ticket", "--category", "technical", "--subject", "S", "--message", "M"];
    let refused = desk.run(&[&args[..], &["--from", "alice"]].concat());
    assert_eq!(refused.status.code(), Some(1), "{}", String::from_utf8_lossy(&refused.stdout));
}
