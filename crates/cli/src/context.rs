//! What a command works with: settings, keyring, and the desk it talks to, each opened when it is first needed.

mod contract;
mod desk_book_cache;
mod following;
mod listing;
mod people;
mod reaching;
mod reading;
mod remembered;
mod unlocking;
mod waiting;

use people::People;
pub(crate) use reading::{Listed, Rest};
use unlocking::Openers;
use waiting::{Met, Usher};

use std::cell::{Cell, OnceCell, RefCell};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::ArgMatches;
use sealdesk_client::Error as ClientError;
use sealdesk_client::actor::Actor;
use sealdesk_client::desk::{Desk, Memory};
use sealdesk_client::keyring::{KeyInfo, Keyring};
use sealdesk_client::node::{Attendant, Node, NodeError, Reach};
use sealdesk_client::stacks::wire::principal::Principal;
use sealdesk_client::tls::Authorities;
use sealdesk_client::trust::pins::Pins;
use sealdesk_client::trust::remembered::file::RememberedFile;
use sealdesk_client::trust::{AGE_SECONDS_MAX, Age, Clock, Pin, Trust};
use sealdesk_protocol::ids::{Address, ChainId, IdError, Prefix};
use sealdesk_protocol::text;
use tonic::transport::Channel;

use crate::args::{Global, Ledger};
use crate::config::{Origin, Settings};
use crate::failure::{Failure, with_names};
use crate::output::Output;
use crate::paths::{home_option, shown_path};
use crate::plain_http;
use crate::prompt::{self, Stdin};
use crate::zone::Zone;

/// What a command works with.
pub(crate) struct Context {
    settings: Settings,
    openers: Openers,
    people: OnceCell<People>,
    stdin: Cell<Stdin>,
    /// Where a transaction goes that is not signed here; `None` = standard output.
    handed_out_to: RefCell<Option<PathBuf>>,
    /// What the desk of this run comes to know.
    memory: RefCell<Option<Memory>>,
    /// How old the state is that this run was shown, where nobody would seal by it; until it is said.
    age_to_say: RefCell<Option<String>>,
    /// The ledger that this run has met, once it has proven which one it is.
    met: Met,
    /// What the contract's desk of this run comes to know, and where that is kept.
    contract_memory: RefCell<Option<(RememberedFile<Principal>, sealdesk_client::stacks::Memory)>>,
}

impl Context {
    /// Reads the settings; opens nothing yet.
    pub(crate) fn new(global: Global, matches: &ArgMatches) -> Result<Self, Failure> {
        let settings = Settings::load(global, matches)?;
        Ok(Self {
            settings,
            openers: Openers::default(),
            people: OnceCell::new(),
            stdin: Cell::new(Stdin::Free),
            handed_out_to: RefCell::new(None),
            memory: RefCell::new(None),
            age_to_say: RefCell::new(None),
            met: Met::default(),
            contract_memory: RefCell::new(None),
        })
    }

    /// Standard input holds something else than a passphrase.
    pub(crate) fn takes_stdin(&self) {
        self.stdin.set(Stdin::Taken);
    }

    /// Names the file for a transaction that is not signed here.
    pub(crate) fn hands_out_to(&self, file: Option<PathBuf>) {
        self.handed_out_to.replace(file);
    }

    /// The file for a transaction that is not signed here; `None` = standard output.
    pub(crate) fn handed_out_to(&self) -> Option<PathBuf> {
        self.handed_out_to.borrow().clone()
    }

    /// The settings of this run.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whoever believes a node without proofs is told so by every command, and where that was said.
    pub(crate) fn say_that_the_node_is_trusted(&self) {
        if self.settings.trust_node {
            let (by, off) = match self.settings.origins.trust_node {
                Origin::Option => ("--trust-node".to_owned(), "leave it out".to_owned()),
                Origin::Variable(name) => (format!("the variable {name}"), format!("unset {name}")),
                Origin::File => {
                    let file = self.shown(&self.home().join("client.toml"));
                    (format!("trust-node in {file}"), "take that line out".to_owned())
                }
            };
            self.output().note(&format!(
                "warning: by {by} the node is believed without proofs, and nothing is sealed or granted; {off} to have its word checked"
            ));
        }
    }

    /// The folder of keys, settings and ledger.
    pub(crate) fn home(&self) -> &Path {
        &self.settings.home
    }

    /// What a command line needs to find this home; nothing for the usual one.
    pub(crate) fn home_option(&self) -> String {
        home_option(self.home())
    }

    /// Where answers are printed.
    pub(crate) fn output(&self) -> Output {
        self.settings.output
    }

    /// A path as its owner writes it: what lies in their home folder begins with `~`.
    pub(crate) fn shown(&self, path: &Path) -> String {
        shown_path(path)
    }

    /// The keyring of this home.
    pub(crate) fn keyring(&self) -> Result<Keyring, Failure> {
        Ok(Keyring::open(self.home(), self.settings.backend)?)
    }

    /// The unlocked key of `--from`.
    pub(crate) fn actor(&self) -> Result<Actor, Failure> {
        self.actor_named(&self.from()?)
    }

    /// The address of `--from`. Its key stays locked, and need not be in this home.
    pub(crate) fn own_address(&self) -> Result<Address, Failure> {
        let from = self.from()?;
        self.address(&from).map_err(|failure| self.own_or(failure, &from))
    }

    /// Who acts: `--from`, else the only key there is.
    pub(crate) fn from(&self) -> Result<String, Failure> {
        match (&self.settings.from, self.own_keys()) {
            (Some(from), _) => Ok(from.clone()),
            (None, [(only, _)]) => Ok(only.clone()),
            (None, []) => {
                // A keyring that cannot be read is another matter than an empty one, and so is a key.
                if let Some(Err(error)) = self.keyring()?.list()?.into_iter().next().map(|listed| listed.info)
                {
                    return Err(error.into());
                }
                Err(Failure::usage(
                    "this home has no key to act with",
                    "make one with `sealdesk keys add NAME`; --home and --keyring-backend choose another keyring",
                ))
            }
            (None, people) => {
                let names: Vec<&str> = people.iter().map(|(name, _)| name.as_str()).collect();
                let names = names.join(", ");
                Err(Failure::usage(
                    "whose key should act?",
                    format!("add --from NAME; here there are {names}"),
                ))
            }
        }
    }

    /// The unlocked key of a name or address.
    pub(crate) fn actor_named(&self, text: &str) -> Result<Actor, Failure> {
        let keyring = self.keyring()?;
        let listed = keyring.list()?;
        if let Some(named) = listed.iter().position(|listed| listed.name.as_str() == text) {
            let key = listed.into_iter().nth(named).map(|listed| listed.info);
            let key = key.unwrap_or_else(|| keyring.show(text))?;
            return self.unlocked(&keyring, key.name.as_str());
        }
        let keys = listed.iter().filter_map(|listed| listed.info.as_ref().ok());
        match keys.into_iter().find(|key| self.address_of(key) == text) {
            Some(key) => self.unlocked(&keyring, key.name.as_str()),
            None => Err(self.unknown_key(text)),
        }
    }

    /// The variable of the environment that named who acts, if it was this name.
    fn variable_of(&self, name: &str) -> Option<&'static str> {
        let is_from = self.settings.from.as_deref() == Some(name);
        self.settings.origins.from.filter(|_| is_from)
    }

    fn unknown_key(&self, name: &str) -> Failure {
        let backend = self.settings.backend.name();
        let home = self.shown(self.home());
        Failure::hinted(
            format!("the {backend} keyring of {home} has no key named {name}"),
            "`sealdesk keys list` shows the names; --home and --keyring-backend choose another keyring",
        )
        .named_by(self.variable_of(name))
    }

    /// The prefix of addresses: the one of this home's ledger, else the usual one.
    pub(crate) fn prefix(&self) -> &Prefix {
        &self.settings.prefix
    }

    /// A key's address on the ledger that these commands are for; empty for a key file that knows none.
    pub(crate) fn address_of(&self, key: &KeyInfo) -> String {
        match &self.settings.stacks {
            None => key.address(self.prefix()).to_string(),
            Some(stacks) => key.stacks_address(stacks.network).map(|a| a.to_string()).unwrap_or_default(),
        }
    }

    /// What keeps the desk's tickets. Chosen here, once: whatever reads or acts otherwise on the other ledger asks this.
    pub(crate) fn ledger(&self) -> Ledger {
        if self.settings.stacks.is_some() { Ledger::Stacks } else { Ledger::Native }
    }

    /// The zone in which times are shown.
    pub(crate) fn zone(&self) -> &Zone {
        &self.settings.zone
    }

    /// A connection to the node, whose word is not checked but for the name of its ledger where one was wished for.
    pub(crate) async fn node(&self) -> Result<Node<Channel>, Failure> {
        let node = self.connect().await?;
        if let Some(expected) = self.expected_chain()? {
            let said = node.status().await?.chain_id;
            if said != expected.as_str() {
                let found = ChainId::parse(&said).map_err(|error| of_node(&error))?;
                return Err(ClientError::OtherChain { expected, found }.into());
            }
        }
        Ok(node)
    }

    async fn connect(&self) -> Result<Node<Channel>, Failure> {
        if self.ledger() == Ledger::Stacks {
            return Err(contract::nothing_like_this());
        }
        let (attendant, url) = (self.attendant()?, self.settings.node());
        plain_http::check(&url, self.settings.insecure)?;
        let reach = Reach::of_machine().believing(self.authorities()?);
        let reach = match self.settings.running_name() {
            Some(name) => reach.expecting(&name),
            None => reach,
        };
        let connected = self.reached(&reach, &url).await;
        let node = connected.map_err(|error| Failure::from(error).named_by(self.settings.origins.node))?;
        Ok(node.attended_by(attendant))
    }

    /// A connection to the node for whoever asks in passing: nobody hears of what is wrong, or of waiting.
    pub(crate) async fn node_for_a_moment(&self, url: &str, patience: Duration) -> Option<Node<Channel>> {
        plain_http::check(url, self.settings.insecure).ok()?;
        let reach = Reach::of_machine().believing(self.authorities().ok()?);
        Node::connect_by(&reach, url, patience).await.ok()
    }

    /// The authorities that were named, beside those of this computer.
    pub(crate) fn authorities(&self) -> Result<Authorities, Failure> {
        let Some(file) = &self.settings.ca else { return Ok(Authorities::default()) };
        let found = Authorities::of_file(file);
        found.map_err(|error| Failure::from(NodeError::Tls(error)).named_by(self.settings.origins.ca))
    }

    /// Who tells of waiting for a node.
    fn attendant(&self) -> Result<Attendant, Failure> {
        let usher = Usher::new(self.output(), &self.settings, Arc::clone(&self.met));
        let usher = usher.map_err(|failure| failure.named_by(self.settings.origins.invitation_file))?;
        Ok(Attendant::new(Arc::new(usher)))
    }

    /// The desk behind the node. Whom to believe is pinned at first use; afterwards nobody else is believed.
    pub(crate) async fn desk(&self) -> Result<Desk<Channel>, Failure> {
        let node = self.connect().await?;
        if self.settings.trust_node {
            return self.expected(Desk::open(node, Trust::NodeTrusted).await?);
        }
        let mut pins = self.pins()?;
        let said = node.status().await?.chain_id;
        let chain_id = ChainId::parse(&said).map_err(|error| of_node(&error))?;
        let known = pins.get(&chain_id).cloned();
        let desk = match known.clone() {
            Some(pin) => match self.open_known(node, pin).await {
                Err(ClientError::Verify(why)) => self.anew(&mut pins, why).await?,
                opened => opened?,
            },
            None => self.met(&mut pins, node, &chain_id).await?,
        };
        let desk = self.expected(desk)?.with_age(self.age());
        // What this home knows was looked up by the name that the node said: it has to be the one that it proves.
        desk.expect_chain(&chain_id)?;
        // The first one stays, whoever is met later.
        let _ = self.met.set(desk.chain().identity());
        self.memory.replace(Some(desk.memory()));
        if known.is_some() {
            self.follow_later(&mut pins, &desk).await?;
        }
        let desk = self.with_remembered(desk, &pins)?;
        self.meet(&mut pins, known.as_ref(), &desk)?;
        self.age_to_say.replace(age_of(&desk));
        Ok(desk)
    }

    /// The desk of a ledger that this home knows. What it comes to know is kept, whatever goes wrong from then on.
    async fn open_known(&self, node: Node<Channel>, pin: Pin) -> Result<Desk<Channel>, ClientError> {
        let keep = |memory| {
            self.memory.replace(Some(memory));
        };
        Desk::open_keeping(node, Trust::Pinned(Box::new(pin)), keep).await
    }

    /// The clock by which states are judged.
    fn age(&self) -> Age {
        Age { clock: Clock::system(), tolerance: self.settings.clock_tolerance }
    }

    /// Keeps a ledger that is met for the first time, and says who signs a known one by now where that changed.
    fn meet(&self, pins: &mut Pins, known: Option<&Pin>, desk: &Desk<Channel>) -> Result<(), Failure> {
        let pin = desk.pin();
        let (chain_id, hash) = (pin.chain_id(), hex::encode_upper(pin.validators_hash));
        match known {
            Some(known) if known.validators_hash == pin.validators_hash || known.height == 0 => {}
            // One that was followed is known by now.
            None if pins.get(chain_id).is_some() => {}
            Some(_) => self.output().note(&format!(
                "The validators of {chain_id} handed over to others since this home last looked; they are now {hash}"
            )),
            None => {
                self.output().note(&format!(
                    "First meeting with the ledger {chain_id}. Its identity is\n  {}\n  in words: {}",
                    pin.ledger.identity,
                    pin.ledger.identity.words()
                ));
                pins.keep(pin)?;
            }
        }
        Ok(())
    }

    /// Asks whether this is the ledger that is meant, before anything is sealed for it, unless somebody agreed or named it before.
    pub(crate) fn agree(&self, desk: &Desk<Channel>) -> Result<(), Failure> {
        let pin = desk.pin();
        if pin.agreed || self.settings.trust_node {
            return Ok(());
        }
        let (chain_id, words) = (pin.chain_id(), pin.ledger.identity.words());
        if !self.settings.trust_first && !self.output().is_interactive() {
            return Err(Failure::usage(
                format!(
                    "this home has not met the ledger {chain_id} before, and there is no terminal to confirm its words at: {words}"
                ),
                format!(
                    "`sealdesk trust {}` if that is the identity you were told, or --trust-first to believe the first answer",
                    pin.ledger.identity
                ),
            ));
        }
        let question =
            format!("The words of this ledger are: {words}\nAre they the ones its administrator gave you?");
        prompt::confirm(self.output(), self.settings.trust_first, &question)?;
        desk.memory().agree();
        Ok(())
    }

    /// Keeps what a desk came to know, errors included, and says whom was sealed for that this home did not know. What cannot be kept
    /// is said, and changes nothing of what was done.
    pub(crate) fn remember(&self) {
        self.keep_contract();
        let Some(memory) = self.memory.take() else { return };
        for line in memory.take_notes() {
            self.output().note(&text::line(&with_names(&line, self.people())));
        }
        self.offer_renewals(&memory);
        self.keep_remembered(&memory);
        if let Err(failure) = self.pins().and_then(|mut pins| Ok(pins.keep(memory.pin())?)) {
            self.output().note(&format!(
                "note: what was seen of the ledger cannot be remembered: {}",
                failure.beside()
            ));
        }
    }

    /// What this home remembers of ledgers.
    pub(crate) fn pins(&self) -> Result<Pins, Failure> {
        Ok(Pins::load(&self.home().join("pins.json"))?)
    }

    fn expected(&self, desk: Desk<Channel>) -> Result<Desk<Channel>, Failure> {
        if let Some(expected) = self.expected_chain()? {
            desk.expect_chain(&expected)?;
        }
        Ok(desk)
    }

    /// The ledger that was wished for.
    fn expected_chain(&self) -> Result<Option<ChainId>, Failure> {
        let wished = self.settings.chain_id.as_deref().map(ChainId::parse).transpose();
        wished.map_err(|error| {
            Failure::usage(error.to_string(), "`sealdesk status` shows the ledger's chain id")
                .named_by(self.settings.origins.chain_id)
        })
    }

    /// A home that knows a ledger does not silently begin to believe another one.
    fn refuse_stranger(&self, pins: &Pins, found: &ChainId) -> Result<(), Failure> {
        let known: Vec<&str> = pins.iter().map(|pin| pin.chain_id().as_str()).collect();
        if known.is_empty() {
            return Ok(());
        }
        let (node, known) = (self.settings.node(), known.join(", "));
        Err(Failure::hinted(
            format!("{node} serves the ledger {found}, and this home knows {known}"),
            format!(
                "if you mean that ledger, say so once with --chain-id {found}; or use another --home for it"
            ),
        ))
    }
}

/// How old a state is that nobody would seal by, in a line; nothing for a newer one.
fn age_of(desk: &Desk<Channel>) -> Option<String> {
    let off = desk.seconds_old();
    let (minutes, way) = (off.unsigned_abs() / 60, if off < 0 { "ahead of" } else { "behind" });
    (off.saturating_abs() > AGE_SECONDS_MAX).then(|| {
        format!(
            "This is {minutes} minutes {way} your clock: the node or the clock may be wrong, and something newer may be hidden."
        )
    })
}

/// The node names its ledger in a way that none is named.
fn of_node(error: &IdError) -> Failure {
    Failure::new(format!("the node's ledger: {error}"))
}
