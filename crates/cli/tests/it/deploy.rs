//! What stands in deploy/: the script that makes a network's homes is run, the network is started from them, and the files around it
//! are read.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::desk::exposition::Exposition;
use crate::desk::node::Node;
use crate::desk::session::Session;
use crate::desk::{Logs, free_addresses, isolated, program, wait_for};
use serde_json::Value;
use yaml_rust2::{Yaml, YamlLoader};

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(deploy().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn cometbft() -> PathBuf {
    sealdesk_node::comet::find_program(None).expect("`make test` installs cometbft")
}

/// A table of four organisations on this machine, with the addresses of each.
fn table(dir: &Path) -> Vec<[String; 3]> {
    let free: Vec<String> = free_addresses().take(12).map(|address| address.to_string()).collect();
    let rows: Vec<[String; 3]> = free.chunks(3).map(|three| three.to_vec().try_into().unwrap()).collect();
    let lines = rows
        .iter()
        .zip(1..)
        .map(|([p2p, grpc, metrics], n)| format!("org{n} {p2p} {p2p} {grpc} {metrics}\n"));
    std::fs::write(dir.join("table"), format!("# a comment\n\n{}", lines.collect::<String>())).unwrap();
    rows
}

fn make_homes(dir: &Path) -> Output {
    let mut command = isolated(Command::new(deploy().join("network/make-homes")), dir);
    command.arg(dir.join("net")).arg(dir.join("table")).output().unwrap()
}

/// Every file below a directory with its bytes.
fn files(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path))
        } else {
            all.push((path.clone(), std::fs::read(&path).unwrap()))
        }
    }
    all.sort();
    all
}

fn sealdesk(dir: &Path, home: &str, args: &[&str]) -> Value {
    let mut command = isolated(Command::new(program()), dir);
    let output =
        command.arg("--home").arg(dir.join("net").join(home)).args(args).args(["--output", "json"]).output();
    let output = output.unwrap();
    let shown =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "sealdesk {args:?}: {shown}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {shown}"))
}

#[test]
fn four_organisations_begin_with_the_deploy_script_and_each_watches_the_desk() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let _logs = Logs(dir.to_owned());
    let rows = table(dir);
    let made = make_homes(dir);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let before = files(&dir.join("net"));
    assert!(make_homes(dir).status.success(), "once more");
    assert!(files(&dir.join("net")) == before, "running it again changes nothing");

    let nodes: Vec<Node> = (1..=4)
        .map(|n| {
            let mut command = isolated(Command::new(program()), dir);
            command.env_remove("SEALDESK_LISTEN").env("SEALDESK_COMETBFT", cometbft());
            command.arg("--home").arg(dir.join(format!("net/org{n}"))).args(["start", "--engine", "comet"]);
            Node::start(command)
        })
        .collect();
    sealdesk(dir, "org1", &["keys", "add", "alice"]);
    let create = ["tx", "support", "create-ticket", "--from", "alice", "--category", "technical"];
    let create = [&create[..], &["--subject", "Down", "--message", "It burns"]].concat();
    let made = sealdesk(dir, "org1", &create);
    let ticket = made["ticket_id"].as_str().unwrap();
    // Any organisation's node shows it to whoever can open it.
    let other = format!("http://{}", rows[3][1]);
    wait_for("the ticket at another organisation", || {
        let mut command = isolated(Command::new(program()), dir);
        command
            .arg("--home")
            .arg(dir.join("net/org1"))
            .args(["read", ticket, "--from", "admin", "--node", &other]);
        let output = command.output().unwrap();
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        if shown.contains("It burns") { Ok(()) } else { Err(shown) }
    });
    for [_, grpc, metrics] in &rows {
        let shown = wait_for("three peers and the ticket", || {
            let shown = Exposition::of(&format!("http://{metrics}/metrics"));
            let peers = shown.samples("cometbft_p2p_peers", &[]).first().map_or(0.0, |sample| sample.value);
            let open = shown.value("sealdesk_tickets", &[("status", "open")]);
            if peers >= 3.0 && open == 1.0 { Ok(shown) } else { Err(format!("{peers} peers, {open} open")) }
        });
        assert_eq!(shown.value("cometbft_consensus_validators", &[]), 4.0);
        let status = sealdesk(dir, "org1", &["status", "--node", &format!("http://{grpc}")]);
        assert_eq!(status["engine"], "comet");
    }
    nodes.into_iter().for_each(Node::stop);
}

#[test]
fn the_deploy_script_goes_on_half_way_and_touches_no_home_of_another_ledger() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    table(dir);
    // The first attempt ended when two keys were there.
    let shared = dir.join("net/shared");
    std::fs::create_dir_all(&shared).unwrap();
    let first = sealdesk(dir, "org1", &["join", "--name", "org1"]);
    std::fs::write(shared.join("org1.json"), first.to_string()).unwrap();
    sealdesk(dir, "org2", &["join", "--name", "org2"]);
    assert!(make_homes(dir).status.success());
    let genesis: Value =
        serde_json::from_slice(&std::fs::read(shared.join("genesis.json")).unwrap()).unwrap();
    assert_eq!(genesis["validators"][0], first["validator"]);
    assert_eq!(genesis["validators"].as_array().unwrap().len(), 4);

    std::fs::remove_file(shared.join("genesis.json")).unwrap();
    let before = std::fs::read(dir.join("net/org2/genesis.json")).unwrap();
    let again = make_homes(dir);
    assert!(!again.status.success());
    assert!(String::from_utf8_lossy(&again.stderr).contains("takes part in another ledger"));
    assert_eq!(std::fs::read(dir.join("net/org2/genesis.json")).unwrap(), before);
}

#[test]
fn a_genesis_of_organisations_names_each_once_and_overwrites_nothing() {
    let session = Session::idle();
    let home = session.home();
    let text = |path: &str, text: &str| std::fs::write(home.join(path), text).unwrap();
    text("one.json", &session.ask(&["join", "--name", "one"]).to_string());
    text("none.json", "{\"validator\": {}}");
    let written = home.join("genesis.json");
    for (args, why) in [
        (vec!["genesis", "one.json", "one.json", "-o", "genesis.json"], "validators[1]"),
        (vec!["genesis", "none.json", "-o", "genesis.json"], "does not name a validator"),
        (vec!["genesis", "missing.json", "-o", "genesis.json"], "missing.json"),
        (vec!["genesis", "one.json", "-o", "one.json"], "is there already"),
        (vec!["genesis", "one.json", "--export", "none.json", "-o", "genesis.json"], "none.json"),
    ] {
        let output = session.run(&args);
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(!output.status.success() && said.contains(why), "{args:?}: {said}");
        assert!(!written.exists(), "{args:?}");
        assert!(!session.ask(&["keys", "list"]).to_string().contains("admin"), "{args:?} made a key");
    }
    let made = session.ask(&["genesis", "one.json", "-o", "genesis.json"]);
    let genesis: Value = serde_json::from_slice(&std::fs::read(&written).unwrap()).unwrap();
    assert_eq!((&genesis["chain_id"], &made["validators"]), (&made["chain_id"], &1.into()));
}

/// The commands of a systemd unit, as an operator's machine runs them, with this test's programs and folder.
fn unit_command(unit: &str, session: &Session) -> Command {
    let text = read(&format!("systemd/{unit}"));
    let home = session.home().join(".sealdesk");
    let command = |line: &str| {
        let line = line
            .replace("/var/lib/sealdesk", home.to_str().unwrap())
            .replace("/usr/local/bin/sealdesk", program().to_str().unwrap())
            .replace("/usr/local/bin/cometbft", cometbft().to_str().unwrap());
        let mut words = line.split(' ');
        let mut command = isolated(Command::new(words.next().unwrap()), session.home());
        command.env("SEALDESK_KEYRING_BACKEND", "test").args(words);
        command
    };
    for line in text.lines().filter_map(|line| line.strip_prefix("ExecStartPre=")) {
        assert!(command(line).status().unwrap().success(), "{unit}: {line}");
    }
    command(text.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap())
}

#[test]
fn an_operator_runs_cometbft_alone_with_the_systemd_units_after_one_start() {
    let session = Session::idle();
    let _logs = Logs(session.home().to_owned());
    // What the environment says to CometBFT does not overrule what the node wrote for it.
    let mut whole = unit_command("sealdesk-comet.service", &session);
    whole.env("CMT_PROXY_APP", "tcp://127.0.0.1:1").env("CMTHOME", "/nowhere");
    Node::start(whole).stop();
    session.key("alice");
    let node = Node::start(unit_command("sealdesk-abci.service", &session));
    let create = ["tx", "support", "create-ticket", "--from", "alice", "--category", "technical"];
    let create = [&create[..], &["--subject", "Down", "--message", "It burns"]].concat();
    // The node itself waits half as long for the block that proves what it says.
    let too_early = session.run(&[&create[..], &["--patience", "10"]].concat());
    let said = String::from_utf8_lossy(&too_early.stdout);
    assert!(!too_early.status.success() && said.contains("CometBFT does not run"), "{said}");
    let mut comet = unit_command("cometbft.service", &session);
    let log = std::fs::File::create(session.home().join("comet.log")).unwrap();
    let mut comet = comet.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
    assert_eq!(session.ask(&create)["code"], 0);
    let asked = Command::new("kill").args(["-TERM", &comet.id().to_string()]).status().unwrap();
    assert!(asked.success());
    comet.wait().unwrap();
    let alone = session.run(&[&create[..], &["--patience", "1"]].concat());
    assert!(!alone.status.success(), "without CometBFT nothing is acknowledged");
    assert_eq!(session.ask(&["status"])["engine"], "comet", "but the node answers");
    node.stop();
}

#[test]
fn the_units_leave_a_service_no_capability_and_no_privileged_call() {
    for unit in ["sealdesk.service", "sealdesk-comet.service", "sealdesk-abci.service", "cometbft.service"] {
        let text = read(&format!("systemd/{unit}"));
        let has = |line: &str| text.lines().any(|one| one == line);
        let needed = [
            "CapabilityBoundingSet=",
            "SystemCallFilter=@system-service",
            "SystemCallFilter=~@privileged @resources",
            "NoNewPrivileges=true",
            "LimitCORE=0",
            "UMask=0077",
        ];
        for line in needed {
            assert!(has(line), "{unit} lacks {line}");
        }
    }
}

fn yaml(path: &str) -> Yaml {
    let mut documents =
        YamlLoader::load_from_str(&read(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    assert_eq!(documents.len(), 1, "{path}");
    documents.remove(0)
}

#[test]
fn the_compose_file_gives_its_nodes_no_right_and_no_port_that_they_do_not_need() {
    let compose = yaml("compose/compose.yaml");
    let organisations = read("compose/organisations");
    let nodes: Vec<&str> = organisations
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(nodes, ["org1", "org2", "org3", "org4"]);
    for (name, service) in compose["services"].as_hash().unwrap() {
        let name = name.as_str().unwrap();
        // The parser leaves merging to its user.
        let has = |key: &str| match &service[key] {
            Yaml::BadValue => service["<<"][key].clone(),
            other => other.clone(),
        };
        assert_eq!(has("cap_drop")[0].as_str(), Some("ALL"), "{name}");
        assert_eq!(has("security_opt")[0].as_str(), Some("no-new-privileges:true"), "{name}");
        for port in has("ports").as_vec().into_iter().flatten() {
            assert!(port.as_str().unwrap().starts_with("127.0.0.1:"), "{name}: {port:?}");
        }
        for volume in has("volumes").as_vec().into_iter().flatten() {
            let source = volume.as_str().unwrap().split(':').next().unwrap();
            let named = compose["volumes"].as_hash().unwrap().contains_key(&Yaml::String(source.to_owned()));
            assert!(named || deploy().join("compose").join(source).exists(), "{name}: {source} is nowhere");
        }
        if nodes.contains(&name) || name == "init" {
            assert_eq!(has("read_only").as_bool(), Some(true), "{name}");
            assert_eq!(has("user").as_str(), Some("10001:10001"), "{name}");
        }
    }
    for target in ["compose/targets.yml", "prometheus/targets.yml"] {
        assert!(yaml(target)[0]["targets"].as_vec().is_some_and(|targets| !targets.is_empty()), "{target}");
    }
}

#[test]
fn every_alert_says_what_it_is_and_how_bad() {
    let rules = yaml("prometheus/alerts.yml");
    let rules = rules["groups"][0]["rules"].as_vec().unwrap();
    assert!(rules.len() >= 10);
    for rule in rules {
        let name = rule["alert"].as_str().unwrap();
        assert!(rule["expr"].as_str().is_some_and(|expr| !expr.is_empty()), "{name}");
        assert!(["page", "warn"].contains(&rule["labels"]["severity"].as_str().unwrap()), "{name}");
        for text in ["summary", "description"] {
            assert!(rule["annotations"][text].as_str().is_some_and(|text| text.len() > 20), "{name}");
        }
    }
    assert_eq!(yaml("prometheus/prometheus.yml")["rule_files"][0].as_str(), Some("alerts.yml"));
}

/// The columns of the rows of a table in a document, from the line that names them on.
fn table_of(document: &str, names: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(deploy().join("../docs").join(document)).unwrap();
    let rows =
        text.lines().skip_while(|line| *line != names).skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()).collect()
}

#[test]
fn every_alarm_that_the_operators_are_told_of_has_a_rule() {
    let rules = yaml("prometheus/alerts.yml");
    let rules = rules["groups"][0]["rules"].as_vec().unwrap();
    let alarms = table_of("operating.md", "| what | alarm when | why |");
    assert!(alarms.len() >= 12, "{alarms:?}");
    for alarm in alarms {
        // A customer can name a file and never bring it.
        if alarm[2].contains("no alarm by itself") {
            continue;
        }
        let metric: String =
            alarm[0].chars().skip(1).take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let has_rule = rules.iter().any(|rule| rule["expr"].as_str().unwrap().contains(&metric));
        assert!(!metric.is_empty() && has_rule, "no rule asks for {}", alarm[0]);
    }
}

#[test]
fn units_look_for_cometbft_where_the_documents_put_it() {
    let install = sealdesk_node::comet::INSTALL;
    let guide = std::fs::read_to_string(deploy().join("../docs/operating.md")).unwrap();
    assert!(guide.contains(&format!("sudo GOBIN=/usr/local/bin {install}")), "docs/operating.md");
    for unit in ["sealdesk-comet.service", "cometbft.service"] {
        let unit = read(&format!("systemd/{unit}"));
        assert!(unit.contains("/usr/local/bin/cometbft"), "{unit}");
        // Nobody has to make by hand what is installed.
        assert!(!unit.contains("make the user"), "{unit}");
    }
}

#[test]
fn the_image_runs_without_rights_and_with_the_cometbft_that_the_program_asks_for() {
    let image = read("docker/Dockerfile");
    let install = sealdesk_node::comet::INSTALL.strip_prefix("go install ").unwrap();
    assert!(image.contains(install), "the image installs another CometBFT than {install}");
    let last = image.rsplit("\nFROM ").next().unwrap();
    let user = last.lines().find_map(|line| line.strip_prefix("USER ")).unwrap();
    assert_eq!(user, "10001:10001");
    assert!(last.contains("HEALTHCHECK") && last.contains(r#"CMD ["sealdesk", "status"]"#));
    let ignored = read("docker/Dockerfile.dockerignore");
    for copied in ["crates", "proto", "vectors", "fuzz", "deploy/network", "Cargo.lock"] {
        assert!(
            ignored.lines().any(|line| line == format!("!{copied}")),
            "{copied} does not reach the build"
        );
    }
}
