//! A replicated desk whose node is killed at each moment around the execution and the commit of a block, by `kill -9`, while somebody
//! waits for a ticket: a man in the middle of the socket between CometBFT and the node knows the moment.

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::desk::node::Node;
use crate::desk::session::Session;
use crate::desk::{Logs, free_addresses, wait_until};
use serde_json::Value;

/// Numbers of the requests in ABCI's messages: they are the first byte or two.
const FINALIZE_BLOCK: u64 = 20;
const COMMIT: u64 = 11;
/// A block's request is longer than this only with a ticket in it.
const TICKET_BYTES: usize = 700;

/// A moment around a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// CometBFT has asked, and the node has not heard of it.
    Asked(u64),
    /// The node has been asked, this long ago.
    Handed(u64, Duration),
    /// The node has answered, and CometBFT has not heard of it.
    Answered(u64),
}

/// What is done to the node, once.
struct Trap {
    moment: Moment,
    /// The node's process; none before it runs, and after it was killed.
    node: Option<u32>,
    /// Whether a block with a ticket is on its way.
    armed: bool,
}

impl Trap {
    fn at(&mut self, now: Moment) {
        if self.armed
            && now == self.moment
            && let Some(node) = self.node.take()
        {
            assert!(Command::new("kill").args(["-9", &node.to_string()]).status().unwrap().success());
        }
    }
}

/// A message as it is on the wire: its bytes with their length, and which request it is.
fn read_message(stream: &mut impl Read) -> std::io::Result<(Vec<u8>, u64)> {
    let (mut wire, mut length, mut shift) = (Vec::new(), 0u64, 0);
    loop {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        wire.push(byte[0]);
        length |= u64::from(byte[0] & 0x7f) << shift;
        shift += 7;
        if byte[0] & 0x80 == 0 {
            break;
        }
    }
    let from = wire.len();
    wire.resize(from + usize::try_from(length).unwrap(), 0);
    stream.read_exact(&mut wire[from..])?;
    let tag = match wire.get(from..from + 2) {
        Some([low, high]) if low & 0x80 != 0 => u64::from(low & 0x7f) | u64::from(*high) << 7,
        Some([low, _]) => u64::from(*low),
        _ => 0,
    };
    Ok((wire, tag >> 3))
}

fn relay(mut comet: UnixStream, mut node: UnixStream, trap: &Mutex<Trap>) -> std::io::Result<()> {
    let at = |moment| trap.lock().unwrap().at(moment);
    loop {
        let (asked, kind) = read_message(&mut comet)?;
        if kind == FINALIZE_BLOCK && asked.len() > TICKET_BYTES {
            trap.lock().unwrap().armed = true;
        }
        at(Moment::Asked(kind));
        node.write_all(&asked)?;
        let moment = trap.lock().unwrap().moment;
        if let Moment::Handed(_, wait) = moment {
            // Whatever the node has done by then, it must come back: the time only makes that differ from run to run.
            std::thread::sleep(wait);
            at(Moment::Handed(kind, wait));
        }
        let (answered, _) = read_message(&mut node)?;
        at(Moment::Answered(kind));
        comet.write_all(&answered)?;
    }
}

/// Listens for CometBFT, and passes everything on to the node's socket.
fn listen(path: &Path, node: PathBuf, trap: Arc<Mutex<Trap>>) {
    let listener = UnixListener::bind(path).unwrap();
    std::thread::spawn(move || {
        for comet in listener.incoming().flatten() {
            let (Ok(node), trap) = (UnixStream::connect(&node), trap.clone()) else { continue };
            // A connection ends when either side ends it.
            std::thread::spawn(move || drop(relay(comet, node, &trap)));
        }
    });
}

/// A CometBFT that connects to the man in the middle.
fn script(path: &Path, middle: &Path) {
    let cometbft = sealdesk_node::comet::find_program(None).expect("`make test` installs cometbft");
    let text =
        format!("#!/bin/sh\nexec {} \"$@\" --proxy_app unix://{}\n", cometbft.display(), middle.display());
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn start(session: &Session, listen: &str) -> Node {
    let mut command = session.command(&["start", "--engine", "comet"]);
    command.env("SEALDESK_COMETBFT", session.home().join("through")).env("SEALDESK_LISTEN", listen);
    Node::start(command)
}

fn kill_at(moment: Moment) {
    let session = Session::idle();
    let _logs = Logs(session.home().to_owned());
    let trap = Arc::new(Mutex::new(Trap { moment, node: None, armed: false }));
    let middle = session.home().join("middle.sock");
    script(&session.home().join("through"), &middle);
    listen(&middle, session.home().join(".sealdesk/comet/abci.sock"), trap.clone());
    let port = free_addresses().next().unwrap().to_string();
    let node = start(&session, &port);
    session.key("alice");
    trap.lock().unwrap().node = Some(node.id());

    // The client is not told of any of it, and waits until there is an answer.
    let create = ["tx", "support", "create-ticket", "--from", "alice", "--category", "technical"];
    let create = [&create[..], &["--subject", "Down", "--message", "It burns", "--output", "json"]].concat();
    let writing = session.command(&create).stdout(std::process::Stdio::piped()).spawn().unwrap();
    wait_until(&format!("{moment:?}"), || trap.lock().unwrap().node.is_none());
    drop(node);
    let node = start(&session, &port);
    let written = writing.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&written.stdout);
    assert!(written.status.success(), "{moment:?}: {said}");
    let ticket: Value = serde_json::from_slice(&written.stdout).unwrap();
    let read = session.ask(&["read", ticket["ticket_id"].as_str().unwrap(), "--from", "alice"]);
    assert_eq!(read["messages"].as_array().unwrap().len(), 1, "{moment:?}: {read}");
    let listed = session.ask(&["query", "support", "tickets-by-status", "open"]);
    assert_eq!(listed["tickets"].as_array().unwrap().len(), 1, "{moment:?}: it stands there twice");
    node.stop();
}

#[test]
fn killed_at_any_moment_around_a_block_the_node_comes_back_with_the_ticket_once() {
    let (at_once, soon, later) = (Duration::ZERO, Duration::from_millis(1), Duration::from_millis(4));
    let moments = [
        Moment::Asked(FINALIZE_BLOCK),
        Moment::Handed(FINALIZE_BLOCK, at_once),
        Moment::Handed(FINALIZE_BLOCK, soon),
        Moment::Answered(FINALIZE_BLOCK),
        Moment::Asked(COMMIT),
        Moment::Handed(COMMIT, at_once),
        Moment::Handed(COMMIT, soon),
        Moment::Handed(COMMIT, later),
        Moment::Answered(COMMIT),
    ];
    for some in moments.chunks(3) {
        std::thread::scope(|scope| {
            for &moment in some {
                scope.spawn(move || kill_at(moment));
            }
        });
    }
}
