//! A message is typed in an editor: it is sent, nothing of it stays in clear, and a text that could not be sent is not lost.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use super::{Person, first_child};
use crate::desk::session::Session;
use crate::desk::wait_until;
use crate::truth::{staffed, ticket};

const CANARY: &str = "canary-words-of-an-editor";

/// A desk, and a folder beside it for the editor and for what is in memory.
fn desk_and_place() -> (Session, tempfile::TempDir) {
    let (desk, place) = (staffed(), tempfile::tempdir().unwrap());
    ticket(&desk, "alice");
    fs::create_dir(place.path().join("run")).unwrap();
    (desk, place)
}

/// Lets alice answer with an editor that does this with the file `$1`.
fn answers_with(desk: &Session, place: &Path, does: &str, more: &str) -> Person {
    fs::write(place.join("editor.sh"), format!("{does}\n")).unwrap();
    let (place, home) = (place.display(), desk.home());
    let line = format!(
        "exec env SEALDESK_KEYRING_BACKEND=test XDG_RUNTIME_DIR={place}/run EDITOR='sh {place}/editor.sh' \
         sealdesk {more} --from alice"
    );
    Person::types(home, &line)
}

/// The files below a folder that hold the canary.
fn holding_canary(folder: &Path) -> Vec<String> {
    let found = Command::new("grep").args(["-rlaF", CANARY]).arg(folder).output().unwrap();
    String::from_utf8(found.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn is_clean(desk: &Session, place: &Path) {
    assert_eq!(fs::read_dir(place.join("run")).unwrap().count(), 0);
    assert_eq!(holding_canary(desk.home()), Vec::<String>::new());
}

#[test]
fn a_message_typed_in_an_editor_is_sent_and_nothing_of_it_stays() {
    let (desk, place) = desk_and_place();
    let looks = format!(
        "stat -c %a \"$1\" \"$(dirname \"$1\")\" > {0}/modes; printf '# {CANARY}\\n' > {0}/head; cat {0}/head \"$1\" > {0}/all; cat {0}/all > \"$1\"; rm {0}/head {0}/all; cp \"$1\" \"$1.swp\"",
        place.path().display()
    );
    let (shown, code) = answers_with(&desk, place.path(), &looks, "reply 1").reads();
    assert!(code == 0 && shown.contains("TKT-00000001 has your reply"), "{shown}");
    assert_eq!(fs::read_to_string(place.path().join("modes")).unwrap(), "600\n700\n");
    let read = desk.ask(&["read", "1", "--from", "alice"]);
    assert_eq!(read["messages"][1]["text"], format!("# {CANARY}"));
    is_clean(&desk, place.path());
    // Whoever types nothing sends nothing, and an editor that fails sends nothing.
    let (shown, code) = answers_with(&desk, place.path(), ":", "reply 1").reads();
    assert!(code == 2 && shown.contains("nothing was sent"), "{shown}");
    let does = format!("printf {CANARY} > \"$1\"; exit 3");
    let (shown, code) = answers_with(&desk, place.path(), &does, "reply 1").reads();
    assert!(code == 1 && shown.contains("nothing was sent"), "{shown}");
    is_clean(&desk, place.path());
}

#[test]
fn a_typed_message_that_is_refused_is_kept_sealed_and_sent_later() {
    let (desk, place) = desk_and_place();
    desk.ask(&["close", "1", "--from", "alice"]);
    let does = format!("printf {CANARY} > \"$1\"");
    let (shown, code) = answers_with(&desk, place.path(), &does, "reply 1").reads();
    assert!(code == 1 && shown.contains("is closed") && shown.contains("--message-file"), "{shown}");
    is_clean(&desk, place.path());
    let drafts = desk.home().join(".sealdesk/drafts");
    let draft = fs::read_dir(&drafts).unwrap().next().unwrap().unwrap().path();
    assert_eq!(fs::metadata(&draft).unwrap().permissions().mode() & 0o777, 0o600);
    let named = draft.to_str().unwrap();
    desk.ask(&["reopen", "1", "--from", "alice"]);
    let stranger = desk.run(&["reply", "1", "--message-file", named, "--from", "bob"]);
    assert_eq!(stranger.status.code(), Some(2), "{}", String::from_utf8_lossy(&stranger.stdout));
    desk.ask(&["reply", "1", "--message-file", named, "--from", "alice"]);
    assert_eq!(desk.ask(&["read", "1", "--from", "alice"])["messages"][1]["text"], CANARY);
    assert!(!draft.exists(), "it has served its purpose");
}

#[test]
fn a_program_that_is_ended_while_somebody_types_leaves_nothing() {
    let (desk, place) = desk_and_place();
    let does = format!("printf {CANARY} > \"$1\"; : > {}/typing; sleep 3", place.path().display());
    let person = answers_with(&desk, place.path(), &does, "reply 1");
    wait_until("the editor to be open", || place.path().join("typing").exists());
    let program = first_child(person.child.id()).unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &program]).status().unwrap().success());
    let (_, code) = person.reads();
    assert_ne!(code, 0);
    is_clean(&desk, place.path());
}

#[test]
fn a_new_ticket_asks_at_a_terminal_for_what_is_missing() {
    let (desk, place) = desk_and_place();
    let does = format!("printf {CANARY} > \"$1\"");
    let person = answers_with(&desk, place.path(), &does, "new")
        .answers("Category (number or name): ", "nonsense\n")
        .answers("Category (number or name): ", "2\n")
        .answers("Subject (sealed): ", "It rains\n");
    let (shown, code) = person.reads();
    assert!(code == 0 && shown.contains("TKT-00000002 is written"), "{shown}");
    let read = desk.ask(&["read", "2", "--from", "alice"]);
    assert_eq!(
        (&read["messages"][0]["subject"], &read["ticket"]["category"]),
        (&"It rains".into(), &"technical".into())
    );
    // Without an editor the terminal takes it.
    let line = "exec env SEALDESK_KEYRING_BACKEND=test sealdesk reply 2 --from alice";
    let (shown, code) = Person::types(desk.home(), line).answers("Ctrl-D", "typed here\n\x04").reads();
    assert!(code == 0 && shown.contains("has your reply"), "{shown}");
    assert_eq!(desk.ask(&["read", "2", "--from", "alice"])["messages"][1]["text"], "typed here");
}
