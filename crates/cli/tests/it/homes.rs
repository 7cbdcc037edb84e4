//! Homes that are broken in some way: what only reads goes on, what fails says what to do, and doing that mends it.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::desk::node::Node;
use crate::desk::session::Session;
use crate::desk::{isolated, program};

/// An account that owns nothing here.
pub const SOMEBODY: u32 = 54_321;

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

pub fn is_root() -> bool {
    text(&Command::new("id").arg("-u").output().unwrap().stdout).trim() == "0"
}

/// A desk with a ticket of alice's, and a home beside it whose owner is somebody without privileges.
struct Visitor {
    desk: Session,
    place: tempfile::TempDir,
}

impl Visitor {
    fn new() -> Self {
        let desk = Session::start();
        desk.key("alice");
        let args = ["--category", "technical", "--subject", "S", "--message", "M", "--from", "alice"];
        desk.ask(&[&["tx", "support", "create-ticket"][..], &args].concat());
        let place = tempfile::tempdir().unwrap();
        fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let visitor = Self { desk, place };
        visitor.copy_keys();
        visitor
    }

    /// The home of a person who has alice's key and nothing else.
    fn copy_keys(&self) {
        let (from, to) = (self.desk.home().join(".sealdesk/keyring-test"), self.home().join("keyring-test"));
        fs::create_dir_all(&to).unwrap();
        fs::copy(from.join("alice.json"), to.join("alice.json")).unwrap();
        for (path, mode) in [(self.home(), 0o700), (to.clone(), 0o700), (to.join("alice.json"), 0o600)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            if is_root() {
                chown(&path, Some(SOMEBODY), Some(SOMEBODY)).unwrap();
            }
        }
    }

    fn home(&self) -> PathBuf {
        self.place.path().join("home")
    }

    /// A command as the home's owner; with `sudo`, as root.
    fn command(&self, args: &[&str], as_root: bool) -> Command {
        let address = fs::read_to_string(self.desk.home().join(".sealdesk/node.address")).unwrap();
        let mut command = match is_root() && !as_root {
            true => {
                let mut command = Command::new("setpriv");
                let somebody = SOMEBODY.to_string();
                command
                    .args(["--reuid", &somebody, "--regid", &somebody, "--clear-groups"])
                    .arg(copy_of_program());
                command
            }
            false => Command::new(program()),
        };
        command = isolated(command, self.place.path());
        command.current_dir("/").env("SEALDESK_HOME", self.home()).env("SEALDESK_NODE", address.trim());
        command.env("SEALDESK_KEYRING_BACKEND", "test").args(args);
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args, false).output().unwrap()
    }
}

/// The program where somebody without privileges can run it, too: the folder that it was built in may be closed to them.
pub fn copy_of_program() -> &'static Path {
    static COPY: std::sync::OnceLock<PathBuf> = std::sync::OnceLock::new();
    COPY.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap().keep();
        let copy = dir.join("sealdesk");
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).unwrap();
        if fs::hard_link(program(), &copy).is_err() {
            fs::copy(program(), &copy).unwrap();
        }
        copy
    })
}

/// The command that a hint names, typed by whoever may.
fn follow_hint(told: &str) {
    let hint =
        told.lines().find(|line| line.starts_with("hint: ")).unwrap_or_else(|| panic!("no hint: {told}"));
    let command = hint.split('`').nth(1).unwrap_or_else(|| panic!("no command in the hint: {told}"));
    let typed = command.trim_start_matches("sudo ");
    assert!(Command::new("sh").args(["-c", typed]).status().unwrap().success(), "{command}");
}

fn reads(visitor: &Visitor) {
    for args in [&["inbox", "--from", "alice"][..], &["read", "1", "--from", "alice"]] {
        let output = visitor.run(args);
        assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
    }
}

#[test]
fn a_start_under_sudo_leaves_a_ledger_that_its_owner_goes_on_with() {
    if !is_root() {
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let home = place.path().join(".sealdesk");
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir(&home).unwrap();
    fs::set_permissions(&home, fs::Permissions::from_mode(0o700)).unwrap();
    chown(&home, Some(SOMEBODY), Some(SOMEBODY)).unwrap();
    let somebody = SOMEBODY.to_string();
    for as_root in [true, false, true] {
        let mut command = Command::new(if as_root { Path::new("env") } else { Path::new("setpriv") });
        if !as_root {
            command.args(["--reuid", &somebody, "--regid", &somebody, "--clear-groups"]);
        }
        command.arg(copy_of_program()).arg("start");
        let mut command = isolated(command, place.path());
        command.current_dir("/").env("SEALDESK_HOME", &home).env("SEALDESK_KEYRING_BACKEND", "test");
        command.env("SEALDESK_LISTEN", "127.0.0.1:0");
        Node::start(command).stop();
    }
    for (folder, wanted) in [("", 4), ("data", 3)] {
        let entries: Vec<_> = fs::read_dir(home.join(folder)).unwrap().map(|entry| entry.unwrap()).collect();
        assert!(entries.len() >= wanted, "{entries:?}");
        for entry in entries {
            assert_eq!(entry.metadata().unwrap().uid(), SOMEBODY, "{entry:?}");
        }
    }
}

#[test]
fn a_home_whose_making_ended_early_is_made_with_what_is_asked_now() {
    let mut desk = Session::idle();
    let home = desk.home().join(".sealdesk");
    fs::create_dir(&home).unwrap();
    fs::set_permissions(&home, fs::Permissions::from_mode(0o700)).unwrap();
    // What an attempt with another prefix has left that ended before the genesis was there.
    let header = "# Options of every command, by their long names; see `sealdesk --help`.";
    fs::write(home.join("client.toml"), format!("{header}\nprefix = \"other\"\n")).unwrap();
    fs::write(home.join("validator_key.json"), "").unwrap();
    desk.start_node("127.0.0.1:0");
    let remembered = fs::read_to_string(home.join("client.toml")).unwrap();
    assert_eq!(remembered, format!("{header}\nkeyring-backend = \"test\"\n"));
    desk.stop_node();
    // One that ended after that had not remembered the ledger.
    let pins = fs::read(home.join("pins.json")).unwrap();
    fs::remove_file(home.join("pins.json")).unwrap();
    desk.start_node("127.0.0.1:0");
    assert_eq!(fs::read(home.join("pins.json")).unwrap(), pins);
    desk.stop_node();
}

#[test]
fn no_key_of_a_desk_is_made_where_others_may_write() {
    let desk = Session::idle();
    let home = desk.home().join(".sealdesk");
    fs::create_dir(&home).unwrap();
    fs::set_permissions(&home, fs::Permissions::from_mode(0o777)).unwrap();
    let output = desk.command(&["init"]).output().unwrap();
    let told = text(&output.stderr);
    assert!(!output.status.success() && told.contains("chmod o-w"), "{told}");
    assert!(!home.join("validator_key.json").exists() && !home.join("genesis.json").exists());
}

#[test]
fn bug_97_one_command_under_sudo_does_not_lock_the_user_out() {
    if !is_root() {
        return;
    }
    let visitor = Visitor::new();
    // The first meeting, a key and another command, all under sudo.
    for args in
        [&["inbox", "--from", "alice"][..], &["keys", "add", "carol"], &["read", "1", "--from", "alice"]]
    {
        let output = visitor.command(args, true).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
    }
    reads(&visitor);
    assert!(visitor.run(&["keys", "show", "carol"]).status.success());
}

#[test]
fn bug_96_what_cannot_be_remembered_stops_no_reading_and_hints_mend_homes() {
    let visitor = Visitor::new();
    reads(&visitor);
    // A home in which nothing can be written, once its desk is known: reading goes on.
    let home = visitor.home();
    fs::set_permissions(&home, fs::Permissions::from_mode(0o500)).unwrap();
    visitor.desk.ask(&["tx", "support", "respond", "1", "--message", "more", "--from", "alice"]);
    reads(&visitor);
    let noted = text(&visitor.run(&["inbox", "--from", "alice"]).stderr);
    assert!(noted.contains("cannot be remembered") && noted.contains("chmod"), "{noted}");
    fs::set_permissions(&home, fs::Permissions::from_mode(0o700)).unwrap();
    assert!(!text(&visitor.run(&["inbox", "--from", "alice"]).stderr).contains("remembered"));
    // A first pin has to be kept; the hint's command lets it.
    fs::remove_file(home.join("pins.json")).unwrap();
    fs::set_permissions(&home, fs::Permissions::from_mode(0o500)).unwrap();
    let refused = visitor.run(&["inbox", "--from", "alice"]);
    assert_eq!(refused.status.code(), Some(1));
    follow_hint(&text(&refused.stderr));
    reads(&visitor);
    // Each file that is closed to its owner, open to others, or somebody else's.
    let remembered = fs::read_dir(&home).unwrap().map(|entry| entry.unwrap().file_name());
    let remembered = remembered.map(|name| name.into_string().unwrap());
    let remembered = remembered.into_iter().find(|name| name.starts_with("remembered-")).unwrap();
    for file in ["pins.json", &remembered, "keyring-test/alice.json", "keyring-test"] {
        let path = home.join(file);
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        let mut breaks: Vec<Box<dyn Fn()>> = vec![
            Box::new(|| fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap()),
            Box::new(|| {
                fs::set_permissions(&path, fs::Permissions::from_mode(mode & 0o777 | 0o044)).unwrap()
            }),
        ];
        if is_root() {
            breaks.push(Box::new(|| chown(&path, Some(0), Some(0)).unwrap()));
        }
        for (number, make) in breaks.iter().enumerate() {
            make();
            let refused = visitor.run(&["read", "1", "--from", "alice"]);
            let told = text(&refused.stderr);
            assert_eq!(refused.status.code(), Some(1), "{file}, {number}: {told}");
            assert!(!told.contains("no key named"), "{file}, {number}: {told}");
            follow_hint(&told);
            reads(&visitor);
        }
    }
}

#[test]
fn a_full_disk_stops_no_reading_and_is_called_full() {
    let mounted = |place: &Path| {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=64k,mode=755", "tmpfs"]).arg(place);
        mount.output().is_ok_and(|output| output.status.success())
    };
    let visitor = Visitor::new();
    let home = visitor.home();
    let disk = tempfile::tempdir().unwrap();
    if !is_root() || !mounted(disk.path()) {
        return;
    }
    let _unmount = Unmount(disk.path().to_owned());
    // The home moves to the small disk.
    let small = disk.path().join("home");
    assert!(Command::new("cp").arg("-a").arg(&home).arg(&small).status().unwrap().success());
    fs::remove_dir_all(&home).unwrap();
    std::os::unix::fs::symlink(&small, &home).unwrap();
    reads(&visitor);
    visitor.desk.ask(&["tx", "support", "respond", "1", "--message", "more", "--from", "alice"]);
    let filler = disk.path().join("filler");
    let _ = fs::write(&filler, vec![0; 1 << 20]);
    reads(&visitor);
    let noted = text(&visitor.run(&["inbox", "--from", "alice"]).stderr);
    assert!(noted.contains("make room"), "{noted}");
    // What is written all the same is not to be written twice, whatever cannot be remembered of it.
    let sent = visitor.run(&[
        "tx",
        "support",
        "respond",
        "1",
        "--message",
        "once",
        "--from",
        "alice",
        "--trust-first",
    ]);
    let noted = text(&sent.stderr);
    assert!(sent.status.success() && noted.contains("cannot be remembered"), "{noted}");
    assert!(noted.contains("make room") && noted.contains("nothing has to be sent again"), "{noted}");
    assert!(!noted.contains("then try again"), "{noted}");
    let refused = visitor.run(&["keys", "add", "carol"]);
    assert!(text(&refused.stderr).contains("make room on it, then try again"));
    assert!(refused.status.code() == Some(1) && text(&refused.stderr).contains("make room"));
    fs::remove_file(&filler).unwrap();
    assert!(visitor.run(&["keys", "add", "carol"]).status.success(), "with room it goes on");
}

struct Unmount(PathBuf);

impl Drop for Unmount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn bug_91_what_could_not_be_looked_up_is_not_called_absent_and_other_keys_open() {
    let visitor = Visitor::new();
    let ring = visitor.home().join("keyring-test");
    let good = ring.join("alice.json");
    reads(&visitor);
    let like_owner = |path: &Path| {
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
        if is_root() {
            chown(path, Some(SOMEBODY), Some(SOMEBODY)).unwrap();
        }
    };
    let other = ring.join("bob.json");
    fs::copy(&good, ring.join("alice.old.json")).unwrap();
    like_owner(&ring.join("alice.old.json"));
    fs::write(&other, "{").unwrap();
    like_owner(&other);
    reads(&visitor);
    assert!(visitor.run(&["inbox"]).status.success(), "the only key that can act acts");
    let asked = visitor.run(&["read", "1", "--from", "bob"]);
    let told = text(&asked.stderr);
    assert!(
        asked.status.code() == Some(1) && told.contains("bob.json") && !told.contains("no key named"),
        "{told}"
    );
    let asked = visitor.run(&["inbox", "--from", "bob"]);
    assert!(!text(&asked.stderr).contains("no key named"), "{}", text(&asked.stderr));
    let absent = visitor.run(&["inbox", "--from", "carol"]);
    assert!(text(&absent.stderr).contains("no key named carol"), "{}", text(&absent.stderr));
    let listed = text(&visitor.run(&["keys", "list"]).stdout);
    assert!(listed.contains("alice ") && listed.contains("not a key"), "{listed}");
}
