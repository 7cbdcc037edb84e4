//! Settings: shown with where each comes from, and changed without an editor.

use std::fs;

use serde_json::Value;

use crate::desk::session::Session;

fn of(desk: &Session, name: &str) -> (String, String) {
    let found = desk.ask(&["config", "get", name]);
    let field = |field: &str| found[field].as_str().unwrap().to_owned();
    (field("value"), field("source"))
}

fn pair(value: &str, source: &str) -> (String, String) {
    (value.to_owned(), source.to_owned())
}

#[test]
fn a_setting_is_shown_with_where_it_comes_from() {
    let desk = Session::idle();
    assert_eq!(of(&desk, "patience"), pair("120", "the variable SEALDESK_PATIENCE"));
    assert_eq!(of(&desk, "utc"), pair("false", "default"));
    desk.ask(&["config", "set", "utc", "yes"]);
    assert_eq!(of(&desk, "utc"), pair("true", "client.toml"));
    let given = desk.ask(&["config", "get", "utc", "--utc"]);
    assert_eq!(given["source"], "the command line");
    let set = desk.run(&["config", "set", "patience", "7"]);
    let told = String::from_utf8_lossy(&set.stderr).into_owned();
    assert!(set.status.success() && told.contains("SEALDESK_PATIENCE says 120"), "{told}");
    desk.ask(&["config", "unset", "utc"]);
    assert_eq!(of(&desk, "utc"), pair("false", "default"));
    let listed = desk.ask(&["config", "list"]);
    assert!(listed["settings"].as_array().unwrap().len() > 15, "{listed}");
    let text = fs::read_to_string(desk.home().join(".sealdesk/client.toml")).unwrap();
    assert_eq!(text, "patience = 7\n");
}

#[test]
fn what_no_command_understands_is_mended_by_config_alone() {
    let desk = Session::idle();
    desk.ask(&["config", "set", "output", "json"]);
    let path = desk.home().join(".sealdesk/client.toml");
    fs::write(&path, "# mine\npatience = 0\nwrong = 1\noutput = \"json\" # here\n").unwrap();
    let refused = desk.run(&["keys", "list"]);
    assert_eq!(refused.status.code(), Some(2));
    let listed = desk.ask(&["config", "list"]);
    let find = |name: &str| -> Value {
        listed["settings"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap()["source"]
            .clone()
    };
    assert!(find("wrong").as_str().unwrap().contains("is not a setting"), "{listed}");
    for args in [
        ["config", "set", "nonsense", "1"],
        ["config", "set", "patience", "0"],
        ["config", "set", "ledger", "x"],
    ] {
        let refused = desk.run(&args);
        let told: Value = serde_json::from_slice(&refused.stdout).unwrap();
        assert!(
            refused.status.code() == Some(2) && !told["hint"].as_str().unwrap().is_empty(),
            "{args:?}: {told}"
        );
    }
    desk.ask(&["config", "unset", "wrong"]);
    desk.ask(&["config", "set", "patience", "20"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), "# mine\npatience = 20\noutput = \"json\" # here\n");
    assert!(desk.run(&["keys", "list"]).status.success());
    fs::write(&path, "not toml").unwrap();
    let refused = desk.run(&["config", "set", "utc", "true"]);
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(fs::read_to_string(&path).unwrap(), "not toml");
}
