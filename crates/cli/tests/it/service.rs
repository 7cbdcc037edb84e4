//! The program as a service: what it says to its manager and takes from it, where it listens, and what is installed.

use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use yaml_rust2::{Yaml, YamlLoader};

use crate::desk::node::Node;
use crate::desk::session::Session;
use crate::desk::{PATIENCE, isolated, program, wait_for};

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy")
}

/// What a service manager hears next.
fn heard(manager: &UnixDatagram) -> String {
    let mut bytes = [0; 64];
    let length = manager.recv(&mut bytes).unwrap();
    String::from_utf8(bytes[..length].to_vec()).unwrap()
}

#[test]
fn a_service_says_when_it_serves_and_when_it_is_about_to_end() {
    let session = Session::idle();
    let named = session.home().join("notify");
    let abstract_name = format!("sealdesk-test-{}", std::process::id());
    let managers = [
        (UnixDatagram::bind(&named).unwrap(), named.to_str().unwrap().to_owned()),
        (
            UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&abstract_name).unwrap()).unwrap(),
            format!("@{abstract_name}"),
        ),
    ];
    for (manager, place) in managers {
        manager.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut start = session.command(&["start"]);
        start.env("NOTIFY_SOCKET", &place);
        let node = Node::start(start);
        assert_eq!(heard(&manager), "READY=1", "{place}");
        assert_eq!(session.ask(&["status"])["engine"], "solo");
        node.stop();
        assert_eq!(heard(&manager), "STOPPING=1", "{place}");
    }
    // A manager that is gone is no reason not to serve.
    let mut start = session.command(&["start"]);
    start.env("NOTIFY_SOCKET", "/nonexistent/notify");
    Node::start(start).stop();
}

#[test]
fn a_hangup_ends_no_desk_and_reads_what_was_signed_since() {
    let session = Session::idle();
    let log = session.home().join("log");
    let mut start = session.command(&["start"]);
    let node = Node::start({
        start.stderr(std::fs::File::create(&log).unwrap());
        start
    });
    let hang_up = |said: &str| {
        assert!(Command::new("kill").args(["-HUP", &node.id().to_string()]).status().unwrap().success());
        wait_for(said, || {
            let log = std::fs::read_to_string(&log).unwrap();
            if log.contains(said) { Ok(()) } else { Err(log) }
        });
    };
    hang_up("There is nothing to read again");
    let folder = session.home().join(".sealdesk/webcat");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("bundle.json"), "{\"signed\": 1}").unwrap();
    hang_up("What was signed of the page was read again.");
    let address = std::fs::read_to_string(session.home().join(".sealdesk/node.address")).unwrap();
    let url = format!("{}/.well-known/webcat/bundle.json", address.trim());
    let served = Command::new("curl").args(["-sf", &url]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&served.stdout), "{\"signed\": 1}");
    node.stop();
}

#[test]
fn a_first_start_seals_its_key_under_the_credential_of_its_unit() {
    let session = Session::idle();
    std::fs::write(session.home().join("sealdesk.passphrase"), "a credential of the machine\n").unwrap();
    let mut start = session.command(&["start", "--keyring-backend", "file"]);
    start.env("CREDENTIALS_DIRECTORY", session.home());
    Node::start(start).stop();
    let home = session.home().join(".sealdesk");
    assert!(home.join("keyring-file/admin.json").exists() && !home.join("keyring.passphrase").exists());
    // A key's name is sealed with it, so another one needs the passphrase.
    let renamed = |credentials: &Path| {
        let mut rename = session.command(&["keys", "rename", "admin", "boss", "--keyring-backend", "file"]);
        rename.env("CREDENTIALS_DIRECTORY", credentials).output().unwrap().status.success()
    };
    assert!(!renamed(Path::new("/nonexistent")) && renamed(session.home()));
    let unit = std::fs::read_to_string(deploy().join("systemd/sealdesk.service")).unwrap();
    for line in ["Type=notify", "LoadCredential=sealdesk.passphrase"] {
        assert!(unit.lines().any(|one| one == line), "{line}");
    }
}

#[test]
fn a_start_whose_port_is_taken_makes_no_desk() {
    let session = Session::idle();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for args in [vec!["start", "--listen", &address], vec!["start", "--metrics", &address]] {
        let output = session.run(&args);
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(told["message"].as_str().unwrap().contains("cannot listen at"), "{args:?}: {told}");
        let home = session.home().join(".sealdesk");
        assert!(!home.join("genesis.json").exists() && !home.join("keyring-test").exists(), "{args:?}");
    }
    let output = session.run(&["start", "--listen", "0.0.0.0:0"]);
    assert!(!output.status.success() && !session.home().join(".sealdesk/genesis.json").exists());
}

#[test]
fn nobody_is_waited_for_where_no_node_was_ever_started() {
    let session = Session::idle();
    let free = crate::desk::free_addresses().next().unwrap();
    let mut status = session.command(&["status", "--node", &format!("http://{free}"), "--output", "json"]);
    // Without a patience that somebody named.
    let output = status.env_remove("SEALDESK_PATIENCE").output().unwrap();
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(told["message"].as_str().unwrap().contains("refused"), "{told}");
    assert!(told["hint"].as_str().unwrap().contains("sealdesk start"), "{told}");
}

#[test]
fn the_version_names_its_commit_and_its_day() {
    let version = Session::idle().ask(&["version"]);
    let (commit, date) = (version["commit"].as_str().unwrap(), version["date"].as_str().unwrap());
    let is_commit = commit.len() == 12 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    assert!(is_commit || commit == "unknown", "{version}");
    let is_day = date.len() == 10 && date.bytes().filter(|byte| *byte == b'-').count() == 2;
    assert!(is_day || date == "unknown", "{version}");
}

#[test]
fn what_is_installed_stands_below_its_prefix_and_its_units_start_it() {
    let dir = tempfile::tempdir().unwrap();
    let install = |program: &Path, prefix: &str| {
        let mut install = isolated(Command::new(deploy().join("install")), dir.path());
        install.env("DESTDIR", dir.path().join("root")).env("PREFIX", prefix).arg(program).output().unwrap()
    };
    let output = install(program(), "/opt/desk");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let root = dir.path().join("root/opt/desk");
    for path in [
        "bin/sealdesk",
        "lib/sysusers.d/sealdesk.conf",
        "share/man/man1/sealdesk.1",
        "share/bash-completion/completions/sealdesk",
        "share/zsh/site-functions/_sealdesk",
        "share/fish/vendor_completions.d/sealdesk.fish",
    ] {
        assert!(root.join(path).is_file(), "{path}");
    }
    let unit = std::fs::read_to_string(root.join("lib/systemd/system/sealdesk.service")).unwrap();
    assert!(unit.contains("ExecStart=/opt/desk/bin/sealdesk "), "{unit}");
    assert!(!install(program(), "opt").status.success(), "a prefix begins at the root");
    let missing = install(&dir.path().join("nothing"), "/opt/desk");
    assert!(String::from_utf8_lossy(&missing.stderr).contains("make build"));
}

#[test]
fn the_desk_of_one_in_the_compose_file_starts_as_it_is_told_to() {
    let text = std::fs::read_to_string(deploy().join("compose/desk.yaml")).unwrap();
    let compose = &YamlLoader::load_from_str(&text).unwrap()[0];
    let services = compose["services"].as_hash().unwrap();
    for (name, service) in services {
        let name = name.as_str().unwrap();
        let plain = &service["<<"];
        assert_eq!(plain["cap_drop"][0].as_str(), Some("ALL"), "{name}");
        assert_eq!(plain["read_only"].as_bool(), Some(true), "{name}");
        for volume in service["volumes"].as_vec().into_iter().flatten() {
            let source = volume.as_str().unwrap().split(':').next().unwrap();
            let named = !compose["volumes"][source].is_badvalue();
            assert!(named || deploy().join("compose").join(source).exists(), "{name}: {source} is nowhere");
        }
    }
    let desk = &compose["services"]["desk"];
    assert!(desk["ports"].is_badvalue(), "only Caddy is reached from elsewhere");
    // Webhooks, notices and a bucket need a way out, which is nobody else's way in.
    let networks = |service: &Yaml| -> Vec<String> {
        service["networks"].as_vec().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    };
    let is_internal = |name: &String| compose["networks"][name.as_str()]["internal"].as_bool() == Some(true);
    let theirs = networks(&compose["services"]["caddy"]);
    let (inside, out): (Vec<String>, Vec<String>) = networks(desk).into_iter().partition(is_internal);
    assert!(inside.len() == 1 && theirs.contains(&inside[0]), "Caddy reaches the desk where nobody else is");
    assert!(out.len() == 1 && !theirs.contains(&out[0]), "the desk has a way out of its own");
    let words: Vec<String> = desk["command"]
        .as_vec()
        .unwrap()
        .iter()
        .map(|word| word.as_str().unwrap().replace("${DESK_HOST:?the name of the desk}", "desk.example"))
        .map(|word| word.replace("0.0.0.0:9090", "0.0.0.0:0"))
        .collect();
    let session = Session::idle();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let node = Node::start(session.command(&words));
    let status = session.ask(&["status"]);
    assert_eq!(status["addresses"]["public"], "https://desk.example");
    node.stop();
}
