//! Validators who come and go, with real CometBFT processes: organisations vote one in and one out, and the desk goes on, readable
//! and provable for who knows nothing but its beginning.

use std::path::PathBuf;

use crate::desk::node::Node;
use crate::desk::session::Session;
use crate::desk::{Logs, free_addresses, wait_for};
use serde_json::Value;

/// Organisations, each with a home of its own, on loopback.
struct Consortium {
    session: Session,
    organisations: Vec<Organisation>,
}

struct Organisation {
    home: String,
    /// What `join --name` prints.
    card: Value,
    p2p: String,
}

impl Consortium {
    /// Homes of these organisations, the first two of whom are the validators that the ledger begins with. All know one another.
    fn found(names: &[&str]) -> Self {
        let session = Session::idle();
        let found = names.iter().zip(free_addresses()).map(|(name, p2p)| {
            let home = session.home().join(name).to_str().unwrap().to_owned();
            let card = session.ask(&["--home", &home, "join", "--name", name]);
            Organisation { home, card, p2p: p2p.to_string() }
        });
        let organisations: Vec<Organisation> = found.collect();
        let mut consortium = Self { session, organisations };
        consortium.join();
        consortium
    }

    fn join(&mut self) {
        let cards = self.organisations[..2].iter().enumerate().map(|(n, organisation)| {
            let file = self.session.home().join(format!("organisation-{n}.json"));
            std::fs::write(&file, organisation.card.to_string()).unwrap();
            file.to_str().unwrap().to_owned()
        });
        let cards: Vec<String> = cards.collect();
        self.session.ask(&["genesis", &cards[0], &cards[1], "-o", &self.genesis()]);
        for own in &self.organisations {
            self.session.ask(&["--home", &own.home, "join", &self.genesis()]);
            let others = self.organisations.iter().filter(|other| other.home != own.home);
            let peers: Vec<String> = others
                .map(|other| format!("{}@{}", other.card["node_id"].as_str().unwrap(), other.p2p))
                .collect();
            let config = format!("[comet]\np2p = \"{}\"\npeers = {peers:?}\n", own.p2p);
            std::fs::write(PathBuf::from(&own.home).join("config.toml"), config).unwrap();
        }
        // The people of the second organisation act through its node.
        let keys = self.session.home().join(".sealdesk/keyring-test");
        std::fs::rename(keys, PathBuf::from(&self.organisations[1].home).join("keyring-test")).unwrap();
    }

    fn genesis(&self) -> String {
        self.session.home().join("consortium.json").to_str().unwrap().to_owned()
    }

    fn start(&self, place: usize) -> Node {
        let cometbft = sealdesk_node::comet::find_program(None).expect("`make test` installs cometbft");
        let home = &self.organisations[place].home;
        let mut command = self.session.command(&["--home", home, "start", "--engine", "comet"]);
        command.env("SEALDESK_COMETBFT", cometbft);
        Node::start(command)
    }

    fn ask_in(&self, home: &str, args: &[&str]) -> Value {
        self.session.ask(&[&["--home", home], args].concat())
    }

    /// The people's own program: what it says must succeed.
    fn ask(&self, args: &[&str]) -> Value {
        self.ask_in(&self.organisations[1].home, args)
    }

    fn height(&self, place: usize) -> u64 {
        self.ask_in(&self.organisations[place].home, &["status"])["height"].as_u64().unwrap()
    }

    fn wait_for(&self, place: usize, height: u64) {
        let what = format!("height {height} at {}", self.organisations[place].home);
        wait_for(&what, || match self.height(place) {
            reached if reached >= height => Ok(()),
            reached => Err(reached),
        });
    }

    /// Both vote the same; gives the block that changed the validators.
    fn vote(&self, validator: &str, options: &[&str]) -> u64 {
        let command = ["tx", "ledger", "propose-validator", validator];
        let first = self.ask(&[&command[..], options, &["--from", "admin"]].concat());
        assert_eq!(first["applied"], false, "one of two is no majority: {first}");
        let proposed = self.ask(&["query", "ledger", "validators"])["proposals"].clone();
        assert_eq!(proposed[0]["voters"].as_array().unwrap().len(), 1, "{proposed}");
        let second = self.ask(&[&command[..], options, &["--from", "bea"]].concat());
        assert_eq!(second["applied"], true, "{second}");
        second["height"].as_u64().unwrap()
    }

    fn monikers(&self) -> Vec<String> {
        let asked = self.ask(&["query", "ledger", "validators"]);
        let mut names: Vec<String> = asked["validators"]
            .as_array()
            .unwrap()
            .iter()
            .map(|v| v["moniker"].as_str().unwrap().to_owned())
            .collect();
        names.sort();
        names
    }

    /// A receipt of the ticket as it is now, verified by who has the genesis and nothing else.
    fn prove(&self, ticket: &str, name: &str) -> Value {
        let file = self.session.home().join(name).to_str().unwrap().to_owned();
        self.ask(&["receipt", ticket, "-o", &file]);
        self.session.ask(&["verify", &file, "--genesis", &self.genesis()])
    }
}

/// Who slept through both changes is led through them, and told once. `key` is one of a validator's.
fn is_led_and_told_once(consortium: &Consortium, sleeper: &str, key: &str) {
    let node = consortium.ask(&["status"])["addresses"]["grpc"].as_str().unwrap().to_owned();
    let look = ["--home", sleeper, "--node", &node, "tx", "ledger", "propose-validator", key];
    let keys = PathBuf::from(&consortium.organisations[1].home).join("keyring-test");
    std::fs::rename(keys, PathBuf::from(sleeper).join("keyring-test")).unwrap();
    let vote = [&look[..], &["--power", "11", "--from", "admin"]].concat();
    for told in [true, false] {
        let output = consortium.session.run(&vote);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stdout));
        assert_eq!(said.matches("handed over to others").count(), usize::from(told), "{said}");
    }
}

#[test]
fn validators_are_voted_in_and_out_and_the_genesis_alone_still_verifies() {
    let consortium = Consortium::found(&["ash", "birch", "cedar"]);
    let _logs = Logs(consortium.session.home().to_owned());
    let (ash, birch) = (consortium.start(0), consortium.start(1));
    let bea = consortium.ask(&["keys", "add", "bea"])["address"].as_str().unwrap().to_owned();
    consortium.ask(&["tx", "roles", "assign-role", &bea, "administrator", "--from", "admin"]);
    consortium.ask(&["keys", "add", "carl"]);
    let create = ["tx", "support", "create-ticket", "--from", "carl", "--category", "technical"];
    let made = consortium.ask(&[&create[..], &["--subject", "Down", "--message", "It burns"]].concat());
    let ticket = made["ticket_id"].as_str().unwrap().to_owned();
    // Somebody who looks in now, and then only when everything is over.
    let sleeper = consortium.session.home().join("sleeper").to_str().unwrap().to_owned();
    std::fs::create_dir(&sleeper).unwrap();
    let pins = |home: &str| PathBuf::from(home).join("pins.json");
    std::fs::copy(pins(&consortium.organisations[1].home), pins(&sleeper)).unwrap();
    let first = consortium.prove(&ticket, "before");
    assert_eq!(first["signers"].as_array().unwrap().len(), 2);

    // The third organisation's node follows the others, and is then made a validator.
    let cedar = consortium.start(2);
    consortium.wait_for(2, consortium.height(1));
    let card = consortium.session.home().join("cedar.json");
    std::fs::write(&card, consortium.organisations[2].card.to_string()).unwrap();
    let changed = consortium.vote(card.to_str().unwrap(), &[]);
    assert_eq!(consortium.monikers(), ["ash", "birch", "cedar"]);
    consortium.wait_for(1, changed + 3);
    consortium.ask(&["tx", "support", "assign-ticket", &ticket, "admin", "--from", "admin"]);
    let proven = consortium.prove(&ticket, "with cedar");
    let key = &consortium.organisations[2].card["validator"]["pub_key"]["value"];
    let signers = proven["signers"].as_array().unwrap();
    assert!(signers.iter().any(|signer| signer["public_key"] == *key), "cedar signs blocks: {proven}");
    assert_ne!(proven["validators_hash"], first["validators_hash"]);

    // The first organisation leaves.
    let leaver =
        consortium.organisations[0].card["validator"]["pub_key"]["value"].as_str().unwrap().to_owned();
    let changed = consortium.vote(&leaver, &["--power", "0"]);
    consortium.wait_for(1, changed + 3);
    ash.stop();
    assert_eq!(consortium.monikers(), ["birch", "cedar"]);
    let respond = ["tx", "support", "respond", &ticket, "--message", "Water?", "--from", "admin"];
    consortium.ask(&respond);
    assert_eq!(consortium.ask(&["read", &ticket, "--from", "carl"])["messages"].as_array().unwrap().len(), 2);
    let proven = consortium.prove(&ticket, "without ash");
    let sentences = proven["proves"].to_string();
    assert!(sentences.contains("handed the ledger over to others, 2 time(s)"), "{sentences}");

    is_led_and_told_once(&consortium, &sleeper, key.as_str().unwrap());
    // A handover is kept beside the state, and so outlives a restart.
    cedar.stop();
    birch.stop();
    let (_birch, _cedar) = (consortium.start(1), consortium.start(2));
    // Who was voted out follows the others as before, though his key signs nothing any more.
    let _ash = consortium.start(0);
    consortium.wait_for(0, changed + 3);
    std::fs::rename(
        PathBuf::from(&sleeper).join("keyring-test"),
        PathBuf::from(&consortium.organisations[1].home).join("keyring-test"),
    )
    .unwrap();
    consortium.prove(&ticket, "after a restart");
}
