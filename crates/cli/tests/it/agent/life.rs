//! From when to when an agent holds keys: its time, its session, its keyring, and whoever ends it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{Home, KEY, agent, ask, is_gone, send, sockets, text};
use crate::desk::{isolated, program, wait_until};

#[test]
fn a_home_is_unlocked_by_one_passphrase_until_it_is_locked() {
    let home = Home::new();
    assert!(!home.is_unlocked());
    let answer = home.unlock("1h");
    assert_eq!(answer["unlocked"], json!(["alice", "bob"]));
    let seconds = answer["seconds"].as_u64().unwrap();
    assert!((3_000..=3_600).contains(&seconds), "{answer}");
    assert!(home.is_unlocked());
    let (folder, socket) = (home.folder().join("agent"), home.socket());
    let mode = |path| fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&socket)), (0o700, 0o600));
    // A new key comes under the keyring key that is held, and is unlocked as the others are.
    let added = home.run(&["keys", "add", "carol"]);
    assert!(added.status.success(), "{}", text(&added.stderr));
    assert!(home.tries(&["keys", "rename", "carol", "bob"]).0);
    // What outlives the agent is shown to nobody who does not know the passphrase.
    let exported = home.run(&["keys", "export", "alice", "--yes"]);
    assert!(text(&exported.stderr).contains("no terminal to ask"), "{}", text(&exported.stderr));
    let doctor = text(&home.run(&["doctor"]).stdout);
    assert!(
        doctor.contains("unlocked") && doctor.contains(&format!("process {}", agent(&answer))),
        "{doctor}"
    );
    let locked = home.run(&["lock"]);
    assert!(text(&locked.stdout).contains("are locked"), "{}", text(&locked.stdout));
    wait_until("the agent to end", || is_gone(agent(&answer)));
    assert!(sockets(&folder).is_empty() && !home.is_unlocked());
    let again = home.run(&["lock", "--output", "json"]);
    assert!(text(&again.stdout).contains("false"), "{}", text(&again.stdout));
    assert!(!text(&home.run(&["doctor"]).stdout).contains("unlocked"));
}

#[test]
fn an_agent_ends_at_its_time_and_a_time_has_bounds() {
    let home = Home::new();
    for time in ["25h", "0s", "8", "-1h"] {
        let refused = home.knowing(&["unlock", &format!("--for={time}")]);
        assert_eq!(refused.status.code(), Some(2), "{time}: {}", text(&refused.stderr));
    }
    let process = agent(&home.unlock("2s"));
    wait_until("the agent's time to be over", || is_gone(process));
    assert!(!home.is_unlocked() && sockets(&home.folder().join("agent")).is_empty());
}

#[test]
fn an_agent_that_slept_past_its_time_answers_nobody_who_has_waited() {
    let home = Home::new();
    let process = agent(&home.unlock("10s"));
    let begun = Instant::now();
    let descriptors = fs::read_dir(format!("/proc/{process}/fdinfo")).unwrap().flatten();
    let clocks = descriptors.filter_map(|entry| fs::read_to_string(entry.path()).ok());
    let clocks: Vec<String> = clocks.filter(|info| info.contains("clockid: ")).collect();
    // 7 is CLOCK_BOOTTIME, which runs on while the computer sleeps.
    assert!(clocks.len() == 1 && clocks[0].contains("clockid: 7\n"), "{clocks:?}");
    send("STOP", process);
    let mut waiting = UnixStream::connect(home.socket()).unwrap();
    waiting.write_all(&home.request(KEY)).unwrap();
    let (unlocked, told) = home.tries(&["keys", "rename", "alice", "bob"]);
    assert!(!unlocked && told.contains("the agent does not answer"), "{told}");
    wait_until("its time to be over", || begun.elapsed() > Duration::from_secs(11));
    send("CONT", process);
    let mut told = Vec::new();
    let _ = waiting.read_to_end(&mut told);
    assert_eq!(told, b"", "nothing is told after the time");
    wait_until("the agent to end", || is_gone(process));
}

#[test]
fn an_agent_that_was_killed_leaves_a_socket_that_is_in_nobodys_way() {
    let home = Home::new();
    let first = agent(&home.unlock("1h"));
    send("KILL", first);
    wait_until("the agent to end", || is_gone(first));
    assert!(home.socket().exists());
    let (unlocked, told) = home.tries(&["keys", "rename", "alice", "bob"]);
    assert!(!unlocked && !told.contains("agent"), "a stale socket is nothing to tell of: {told}");
    assert!(text(&home.run(&["lock"]).stdout).contains("were not unlocked"));
    let second = agent(&home.unlock("1h"));
    assert!(home.is_unlocked());
    // Another unlock takes the place of the first, and its time.
    let third = home.unlock("2h");
    wait_until("the second agent to end", || is_gone(second));
    assert!(third["seconds"].as_u64().unwrap() > 3_600 && home.is_unlocked());
    assert_eq!(sockets(&home.folder().join("agent")).len(), 1);
    // Asked to end by a signal, it removes what it made.
    send("TERM", agent(&third));
    wait_until("the agent to end", || is_gone(agent(&third)));
    assert!(sockets(&home.folder().join("agent")).is_empty());
}

#[test]
fn a_changed_passphrase_locks_and_so_does_a_keyring_that_is_gone() {
    let home = Home::new();
    let process = agent(&home.unlock("1h"));
    fs::write(home.path().join("new"), "another horse canary\n").unwrap();
    let changed = home.knowing(&["keys", "passphrase", "--new-passphrase-file", "new"]);
    assert!(text(&changed.stderr).contains("is locked now"), "{}", text(&changed.stderr));
    wait_until("the agent to end", || is_gone(process));
    assert!(!home.is_unlocked());
    fs::rename(home.path().join("new"), home.path().join("passphrase")).unwrap();

    // Another program of the user that changes files: the agent sees it without being told.
    let process = agent(&home.unlock("1h"));
    let (keyring, aside) = (home.folder().join("keyring-file"), home.path().join("aside"));
    for name in ["alice.json", "bob.json"] {
        assert!(!is_gone(process));
        fs::rename(keyring.join(name), home.path().join(name)).unwrap();
    }
    wait_until("the agent to see that its keys are gone", || is_gone(process));
    for name in ["alice.json", "bob.json"] {
        fs::rename(home.path().join(name), keyring.join(name)).unwrap();
    }

    let process = agent(&home.unlock("1h"));
    let copied = Command::new("cp").arg("-a").arg(&keyring).arg(&aside).status();
    assert!(copied.unwrap().success());
    fs::rename(&keyring, home.path().join("first")).unwrap();
    fs::rename(&aside, &keyring).unwrap();
    wait_until("the agent to see another keyring in the place of its own", || is_gone(process));

    let process = agent(&home.unlock("1h"));
    fs::remove_dir_all(home.folder()).unwrap();
    wait_until("the agent to see that its home is gone", || is_gone(process));
}

#[test]
fn the_folder_of_a_login_is_used_where_there_is_one_and_locks_when_it_goes() {
    let home = Home::new();
    let runtime = home.path().join("runtime");
    fs::create_dir(&runtime).unwrap();
    fs::set_permissions(&runtime, fs::Permissions::from_mode(0o700)).unwrap();
    let run = |args: &[&str]| {
        let mut command = home.command(args);
        command.env("XDG_RUNTIME_DIR", &runtime);
        command.env("SEALDESK_PASSPHRASE_FILE", home.path().join("passphrase")).output().unwrap()
    };
    let unlocked = run(&["unlock", "--output", "json"]);
    let answer: serde_json::Value = serde_json::from_slice(&unlocked.stdout).unwrap();
    home.agents.borrow_mut().push(agent(&answer));
    assert_eq!(sockets(&runtime.join("sealdesk")).len(), 1);
    assert!(!home.folder().join("agent").exists());
    // Whoever has no such folder in the environment finds it locked.
    assert!(!home.is_unlocked());
    fs::remove_dir_all(&runtime).unwrap();
    wait_until("the agent to see that the login is over", || is_gone(agent(&answer)));
    // A folder that others can enter is passed over.
    fs::create_dir(&runtime).unwrap();
    fs::set_permissions(&runtime, fs::Permissions::from_mode(0o777)).unwrap();
    let unlocked = run(&["unlock", "--output", "json"]);
    let answer: serde_json::Value = serde_json::from_slice(&unlocked.stdout).unwrap();
    home.agents.borrow_mut().push(agent(&answer));
    assert!(!runtime.join("sealdesk").exists() && home.is_unlocked());
    assert!(!ask(&home.socket(), &home.request(KEY)).is_empty());
}

#[test]
fn nothing_is_unlocked_that_would_be_locked_at_once_or_has_no_passphrase() {
    let home = Home::new();
    let mut alone = isolated(Command::new("setsid"), home.path());
    alone.arg("--wait").arg(program()).arg("unlock");
    let refused = alone.env("SEALDESK_PASSPHRASE_FILE", home.path().join("passphrase")).output().unwrap();
    let told = text(&refused.stderr);
    assert!(refused.status.code() == Some(2) && told.contains("ends with this command"), "{told}");
    // Whoever began the session has left it, as a script does that goes on behind a login.
    let mut left = isolated(Command::new("setsid"), home.path());
    let script =
        format!("(sleep 1; '{}' unlock > told 2>&1; echo over >> told) & exit 0", program().display());
    left.args(["--wait", "sh", "-c", &script])
        .env("SEALDESK_PASSPHRASE_FILE", home.path().join("passphrase"));
    assert!(left.status().unwrap().success());
    let told = || fs::read_to_string(home.path().join("told")).unwrap_or_default();
    wait_until("the command to end", || told().ends_with("over\n"));
    assert!(
        told().contains("nothing would lock the keys again") && told().contains("in a shell"),
        "{}",
        told()
    );
    let clear = home.run(&["unlock", "--keyring-backend", "test"]);
    assert!(text(&clear.stderr).contains("nothing to unlock"), "{}", text(&clear.stderr));
    fs::write(home.path().join("passphrase"), "wrong horse\n").unwrap();
    let wrong = home.knowing(&["unlock"]);
    assert!(text(&wrong.stderr).contains("does not open"), "{}", text(&wrong.stderr));
    assert!(!home.folder().join("agent").exists());
    // Typed by hand, the agent has nobody who hands it keys.
    let by_hand = home.run(&["agent-process", ".", "."]);
    assert!(!by_hand.status.success() && text(&by_hand.stdout).contains("sealdesk unlock"), "{by_hand:?}");
}
