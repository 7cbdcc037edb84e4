//! `sealdesk init` is killed by `kill -9` as each of its files appears. What is left is either nothing that stands in the way, or a desk
//! that starts; and it is believed by its own home.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;

use crate::desk::node::Node;
use crate::desk::session::Session;

/// Everything in a folder.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let listed = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in listed {
        found.push(entry.path());
        found.extend(entries(&entry.path()));
    }
    found
}

/// A home with one kind of keyring.
struct Making {
    session: Session,
    backend: &'static str,
}

impl Making {
    fn new(backend: &'static str) -> Self {
        Self { session: Session::idle(), backend }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.session.command(args);
        command.env("SEALDESK_KEYRING_BACKEND", self.backend);
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    #[track_caller]
    fn must(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let told =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "sealdesk {args:?}: {told}");
        told
    }

    /// What its files and folders are called, but for drafts.
    fn names(&self) -> BTreeSet<String> {
        let found = entries(&self.session.home().join(".sealdesk"));
        let names = found.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned());
        names.filter(|name| !name.starts_with('.')).collect()
    }

    fn entries(&self) -> usize {
        entries(&self.session.home().join(".sealdesk")).len()
    }

    /// Begins `init`, and kills it once there are so many files and folders.
    fn init_killed_at(&self, count: usize) {
        let mut init = self.command(&["init"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while self.entries() < count && init.try_wait().unwrap().is_none() {}
        init.kill().unwrap();
        init.wait().unwrap();
    }

    /// The desk starts and is worked, whether it was there or is made now.
    fn is_a_desk(&self) {
        let begun = self.session.home().join(".sealdesk/genesis.json").exists();
        let again = self.run(&["init"]);
        let told = String::from_utf8_lossy(&again.stderr);
        assert_eq!(again.status.success(), !begun, "{:?}: {told}", entries(self.session.home()));
        let node = Node::start(self.command(&["start"]));
        // It was not made twice, and this home believes it without being asked.
        self.must(&["inbox", "--from", "admin"]);
        let create =
            ["tx", "support", "create-ticket", "--category", "other", "--subject", "S", "--message", "M"];
        self.must(&["keys", "add", "alice"]);
        self.must(&[&create[..], &["--from", "alice"]].concat());
        self.must(&["read", "1", "--from", "admin"]);
        self.must(&["doctor"]);
        node.stop();
    }
}

#[test]
fn an_init_that_is_killed_leaves_nothing_in_the_way_or_a_desk_that_starts() {
    let counts = ["test", "file"].map(|backend| {
        let whole = Making::new(backend);
        whole.must(&["init"]);
        (backend, whole.entries())
    });
    let moments: Vec<(&'static str, usize)> =
        counts.into_iter().flat_map(|(backend, count)| (1..=count).map(move |n| (backend, n))).collect();
    assert!(moments.len() > 10, "{counts:?}");
    let seen = Mutex::new(BTreeSet::new());
    for some in moments.chunks(3) {
        std::thread::scope(|scope| {
            for (backend, count) in some.iter().copied() {
                let seen = &seen;
                scope.spawn(move || {
                    let making = Making::new(backend);
                    making.init_killed_at(count);
                    let left = (backend, making.names());
                    // What was left once is gone on with once.
                    if seen.lock().unwrap().insert(left) {
                        making.is_a_desk();
                    }
                });
            }
        });
    }
}
