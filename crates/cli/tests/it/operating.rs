//! What an operator writes wrongly, in config.toml or in the environment, is told with its name, and by `doctor` as by `start`.

use std::fs;

use serde_json::Value;

use crate::desk::session::Session;

/// The check of the configuration that the doctor makes, where it makes one.
fn judged(desk: &Session) -> Option<Value> {
    let output = desk.run(&["doctor"]);
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    value["checks"].as_array().unwrap().iter().find(|check| check["name"] == "config").cloned()
}

/// Files of configuration that `start` refuses, and a word of what it says.
const REFUSED: [(&str, &str); 11] = [
    ("[port]\npublic_url = \"desk.example\"\n", "public_url"),
    ("[port]\nproxies = [\"10.0.0.5\"]\n", "proxies are named"),
    ("[port]\nbehind_proxy = true\nproxies = [\"ten\"]\n", "'ten'"),
    ("[port]\ntls_cert = \"/nowhere.pem\"\ntls_key = \"/nowhere.key\"\n", "/nowhere.pem"),
    ("[port]\ntls_cert = \"/nowhere.pem\"\n", "a certificate and its key"),
    ("listen = \"0.0.0.0:0\"\n", "reached from other machines"),
    ("[port]\nconnections = 10\nconnections_per_address = 200\n", "connections_per_address"),
    ("[blobs]\npeers = [\"nonsense\"]\n", "peers in [blobs]"),
    ("[blobs]\ns3 = \"nonsense\"\n", "s3 in [blobs]"),
    ("[push]\ncontact = \"nonsense\"\n", "contact of [push]"),
    ("listen = \"127.0.0.1:0\"\nlissten = 1\n", "line 2"),
];

#[test]
fn the_doctor_calls_no_configuration_well_that_a_start_refuses() {
    let mut desk = Session::start();
    desk.stop_node();
    let file = desk.home().join(".sealdesk/config.toml");
    for (text, word) in REFUSED {
        fs::write(&file, text).unwrap();
        let mut start = desk.command(&["start", "--output", "json"]);
        let output = start.env_remove("SEALDESK_LISTEN").output().unwrap();
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(
            !output.status.success() && told["message"].as_str().unwrap().contains(word),
            "{text}: {told}"
        );
        let found = judged(&desk).unwrap();
        assert!(found["ok"] == false && found["detail"].as_str().unwrap().contains(word), "{text}: {found}");
    }
    // What the file lacks a start may have been told by options: where a desk runs so, nothing is wrong.
    fs::write(&file, "[port]\nproxies = [\"10.0.0.5\"]\n").unwrap();
    let node = crate::desk::node::Node::start(desk.command(&["start", "--behind-proxy"]));
    let found = judged(&desk).unwrap();
    assert!(found["ok"] == true && found["detail"].as_str().unwrap().contains("options"), "{found}");
    node.stop();
    fs::remove_file(&file).unwrap();
    assert!(judged(&desk).is_none());
}

#[test]
fn what_a_variable_says_wrongly_is_told_with_its_name() {
    let desk = Session::idle();
    for (variable, value, beside) in [
        ("SEALDESK_LOG", "nonsense", ""),
        ("SEALDESK_LOG", "warn,sealdesk_node", ""),
        ("SEALDESK_PROXY", "nonsense", ""),
        ("SEALDESK_PROXY", "nonsense", "--behind-proxy"),
        ("SEALDESK_PROXY", "10.0.0.5", ""),
        ("SEALDESK_TLS_CERT", "/nowhere", ""),
        ("SEALDESK_TLS_KEY", "/nowhere", ""),
        ("SEALDESK_PATIENCE", "long", ""),
    ] {
        let mut start = desk.command(&["start"]);
        start.args(beside.split_whitespace()).env(variable, value);
        let output = start.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && said.contains(variable), "{variable}={value}: {said}");
        assert!(!said.contains("invalid digit"), "{said}");
    }
    // One that says nothing is as none, and a level that is known is taken.
    for value in ["", "debug", "INFO", "3", "warn, sealdesk_node=Info"] {
        let mut start = desk.command(&["start"]);
        start.env("SEALDESK_LOG", value);
        crate::desk::node::Node::start(start).stop();
    }
}
