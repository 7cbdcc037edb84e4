//! Who else is at the socket: processes that say something else, other users, false agents, and copies of the socket.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{
    DONE, HEAD_BYTES, Home, KEY, NO_SUCH_KEY, NOT_UNDERSTOOD, OTHER_KEYRING, OTHER_VERSION, STATE, agent,
    ask, is_gone, send, sockets, text,
};
use crate::desk::{isolated, wait_until};
use crate::homes::{SOMEBODY, is_root};

#[test]
fn whatever_a_process_says_the_agent_stays_and_tells_no_key_for_it() {
    let home = Home::new();
    let process = agent(&home.unlock("1h"));
    let (socket, request) = (home.socket(), home.request(KEY));
    let changed = |place: usize, byte: u8| {
        let mut bytes = request.clone();
        bytes[place] ^= byte;
        let told = ask(&socket, &bytes);
        assert!(told.is_empty() || told.len() == HEAD_BYTES, "no key: {told:?}");
        told.get(4).copied()
    };
    assert_eq!(changed(0, 1), Some(NOT_UNDERSTOOD));
    assert_eq!(changed(3, 2), Some(OTHER_VERSION));
    assert_eq!(changed(4, 0x80), Some(NOT_UNDERSTOOD));
    for place in [5, 12, 13, 20] {
        assert_eq!(changed(place, 1), Some(OTHER_KEYRING), "{place}");
    }
    assert_eq!(changed(21, 1), Some(NO_SUCH_KEY));
    let told = ask(&socket, &home.request(STATE));
    assert!(told.len() == HEAD_BYTES && told[4] == DONE, "{told:?}");
    // More than a request is answered once; less is not answered, and holds up nobody.
    assert_eq!(ask(&socket, &request.repeat(1_000)).len() % (HEAD_BYTES + 32), 0);
    let half: Vec<UnixStream> = (0..100)
        .map(|_| {
            let mut peer = UnixStream::connect(&socket).unwrap();
            let _ = peer.write_all(&request[..20]);
            peer
        })
        .collect();
    assert!(home.is_unlocked());
    drop(half);
    assert!(home.is_unlocked() && !is_gone(process));
}

/// Says something to a socket and shows what is answered, as somebody who has nothing but Python.
const ASK: &str = "
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(60)
s.connect(sys.argv[1])
try:
    s.sendall(bytes.fromhex(sys.argv[2]))
    answer = b''
    while True:
        part = s.recv(100)
        if not part: break
        answer += part
except ConnectionError:
    answer = b''
print('answer:' + answer.hex())
";

fn python(as_somebody: bool, program: &str, args: &[&str]) -> Command {
    let mut command = Command::new("setpriv");
    if as_somebody {
        let somebody = SOMEBODY.to_string();
        command.args(["--reuid", &somebody, "--regid", &somebody, "--clear-groups"]);
    }
    // The system's own, which everybody can run.
    command.env("PATH", "/usr/bin:/bin").args(["python3", "-c", program]).args(args);
    command
}

#[test]
fn another_user_is_told_nothing_even_where_the_folder_lets_them_in() {
    if !is_root() {
        return;
    }
    let home = Home::new();
    home.unlock("1h");
    let (socket, request) = (home.socket(), hex(&home.request(KEY)));
    let open = |mode: u32| {
        for path in [home.path(), &home.folder(), &home.folder().join("agent"), &socket] {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    let shut_out = python(true, ASK, &[socket.to_str().unwrap(), &request]).output().unwrap();
    assert!(text(&shut_out.stderr).contains("PermissionError"), "{}", text(&shut_out.stderr));
    open(0o777);
    let [own, other] = [false, true].map(|somebody| {
        let asked = python(somebody, ASK, &[socket.to_str().unwrap(), &request]).output().unwrap();
        assert!(asked.status.success(), "{}", text(&asked.stderr));
        text(&asked.stdout)
    });
    assert!(own.contains(&hex(&home.key())), "{own}");
    assert_eq!(other, "answer:\n");
    // The owner's own commands do not trust such a folder either.
    let (unlocked, told) = home.tries(&["keys", "rename", "alice", "bob"]);
    assert!(!unlocked && told.contains("open to others"), "{told}");
    open(0o700);
    assert!(home.is_unlocked());
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Listens in an agent's place, and writes down what it is told.
const LISTEN: &str = "
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen(8)
print('ready', flush=True)
while True:
    c, _ = s.accept()
    c.settimeout(60)
    with open(sys.argv[2], 'ab') as f:
        f.write(b'came;')
        f.flush()
        f.write(c.recv(1000))
    c.close()
";

#[test]
fn a_false_agent_hears_nothing_from_any_command() {
    if !is_root() {
        return;
    }
    let home = Home::new();
    let process = agent(&home.unlock("1h"));
    let socket = home.socket();
    send("KILL", process);
    wait_until("the agent to end", || is_gone(process));
    fs::remove_file(&socket).unwrap();
    // Somebody once could write here, and stayed.
    let folder = home.folder().join("agent");
    for path in [home.path(), &home.folder(), &folder] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
    }
    let heard = home.path().join("heard");
    let mut listener = python(true, LISTEN, &[socket.to_str().unwrap(), heard.to_str().unwrap()]);
    let mut listener = listener.stdout(Stdio::piped()).spawn().unwrap();
    wait_until("the false agent to listen", || socket.exists());
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    let (unlocked, told) = home.tries(&["keys", "rename", "alice", "bob"]);
    assert!(!unlocked && told.contains(&format!("belongs to another user (number {SOMEBODY})")), "{told}");
    wait_until("the false agent to write down what it heard", || heard.exists());
    assert_eq!(text(&fs::read(&heard).unwrap()), "came;", "they came, and said nothing");
    let doctor = text(&home.run(&["doctor"]).stdout);
    assert!(doctor.contains("WRONG  unlocked"), "{doctor}");
    // In a folder of somebody else's nobody even knocks.
    chown(&folder, Some(SOMEBODY), Some(SOMEBODY)).unwrap();
    fs::remove_file(&heard).unwrap();
    let (unlocked, told) = home.tries(&["keys", "rename", "alice", "bob"]);
    assert!(!unlocked && told.contains("belongs to another user") && !heard.exists(), "{told}");
    listener.kill().unwrap();
    listener.wait().unwrap();
}

#[test]
fn a_copied_socket_leads_nowhere_and_a_second_name_of_it_to_no_key() {
    let home = Home::new();
    home.unlock("1h");
    let copy = |from: &Path, to: &Path| {
        let copied = Command::new("cp").arg("-a").args([from, to]).status();
        assert!(copied.unwrap().success());
    };
    let second = home.path().join("second");
    copy(&home.folder(), &second);
    let tries = || {
        let mut command = isolated(Command::new(crate::desk::program()), home.path());
        command.env("SEALDESK_HOME", &second).args(["keys", "rename", "alice", "bob"]);
        text(&command.output().unwrap().stderr)
    };
    let told = tries();
    assert!(told.contains("no terminal to ask") && !told.contains("agent"), "{told}");
    // Under the name that the copy's own agent would have, a second name of the first one's socket.
    fs::remove_dir_all(second.join("agent")).unwrap();
    let mut unlock = isolated(Command::new(crate::desk::program()), home.path());
    unlock.env("SEALDESK_HOME", &second).env("SEALDESK_PASSPHRASE_FILE", home.path().join("passphrase"));
    let answer = unlock.args(["unlock", "--output", "json"]).output().unwrap();
    let process = agent(&serde_json::from_slice(&answer.stdout).unwrap());
    let place = sockets(&second.join("agent")).pop().unwrap();
    send("TERM", process);
    wait_until("the second agent to end", || is_gone(process));
    fs::hard_link(home.socket(), &place).unwrap();
    let told = tries();
    assert!(told.contains("no terminal to ask") && told.contains("keys of another keyring"), "{told}");
    assert!(home.is_unlocked());
    // Moved away, the socket leads to an agent that has ended.
    fs::rename(home.socket(), home.path().join("moved.sock")).unwrap();
    let first = home.agents.borrow()[0];
    wait_until("the agent to see that its socket is gone", || is_gone(first));
}
