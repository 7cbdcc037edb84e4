//! The keyring of the computer's desktop, as GNOME's own service on a session bus of the test's.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::desk::{isolated, program};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Runs a script in a session that has a keyring service, which is unlocked.
fn in_session(home: &Path, script: &str) -> Output {
    let unlocks = "printf password | gnome-keyring-daemon --unlock --components=secrets > /dev/null 2>&1";
    let mut session = isolated(Command::new("dbus-run-session"), home);
    session.env("SEALDESK_KEYRING_BACKEND", "os");
    session.args(["--", "sh", "-ec", &format!("{unlocks}; {script}")]).output().unwrap()
}

#[test]
fn the_computers_keyring_opens_the_keys_of_a_home_without_a_passphrase() {
    let home = tempfile::tempdir().unwrap();
    let script = "sealdesk keys add alice --output json > made; sealdesk keys add bob > /dev/null; \
        sealdesk keys rename bob robert; sealdesk keys export alice --yes --output json > exported";
    let worked = in_session(home.path(), script);
    assert!(worked.status.success(), "{}", text(&worked.stderr));
    let phrase = |file: &str| {
        let answer: serde_json::Value =
            serde_json::from_slice(&fs::read(home.path().join(file)).unwrap()).unwrap();
        answer["recovery_phrase"].as_str().unwrap().to_owned()
    };
    assert_eq!(phrase("made"), phrase("exported"));
    // What is in the home opens nothing by itself.
    let file = fs::read_to_string(home.path().join(".sealdesk/keyring-os/alice.json")).unwrap();
    assert!(file.contains("\"kdf\": \"os-keyring\""), "{file}");
    let words: Vec<String> = phrase("made").split(' ').map(str::to_owned).collect();
    assert!(words.len() == 24 && words.iter().all(|word| !file.contains(&format!("{word} "))), "{file}");
    // Another day, the same session of the person's: the service gives the key again.
    let again = in_session(home.path(), "sealdesk keys export robert --yes > /dev/null");
    assert!(again.status.success(), "{}", text(&again.stderr));
    let has_none = in_session(home.path(), "sealdesk unlock");
    assert!(
        text(&has_none.stderr).contains("the os keyring has no passphrase"),
        "{}",
        text(&has_none.stderr)
    );
    // A service that was emptied, or another computer's.
    fs::remove_dir_all(home.path().join(".local")).unwrap();
    let lost = in_session(home.path(), "sealdesk keys export alice --yes");
    let told = text(&lost.stderr);
    assert!(lost.status.code() == Some(1) && told.contains("does not have the key"), "{told}");
    assert!(told.contains("sealdesk keys import"), "{told}");
}

#[test]
fn without_a_keyring_service_that_is_said_with_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    let run = |path: Option<&str>| {
        let mut command = isolated(Command::new(program()), home.path());
        command.env("SEALDESK_KEYRING_BACKEND", "os").args(["keys", "add", "alice"]);
        if let Some(path) = path {
            command.env("PATH", path);
        }
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        text(&output.stderr)
    };
    let told = run(None);
    assert!(told.contains("cannot be used") && told.contains("--keyring-backend file"), "{told}");
    let told = run(Some("/nonexistent"));
    assert!(
        told.contains("secret-tool") && told.contains("is not installed") && told.contains("libsecret-tools"),
        "{told}"
    );
    assert!(!home.path().join(".sealdesk/keyring-os/alice.json").exists(), "nothing was made");
}
