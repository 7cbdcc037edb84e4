//! All validators of a localnet: one genesis, and everyone knows everyone.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use sealdesk_client::actor::{Actor, PhraseLength};
use sealdesk_client::genesis::{chain_of, list_key, new_desk, pin_of};
use sealdesk_client::keyring::{Backend, Keyring};
use sealdesk_client::trust::pins::Pins;
use sealdesk_client::verify::Chain;
use sealdesk_node::home::{Home, new_chain_id};
use sealdesk_protocol::genesis::{Genesis, GenesisValidator};
use sealdesk_protocol::ids::Prefix;

use crate::error::{Error, Result, at};
use crate::joining::SNAPSHOT_INTERVAL;
use crate::links::Links;
use crate::validator::{Addresses, Standing, Validator};

/// Name of the administrator's key.
const ADMINISTRATOR: &str = "admin";
/// Voting power of each validator.
const POWER: u32 = 10;
/// The ports of a validator that has a network of its own.
const PORTS: [u16; 3] = [9090, 26657, 26656];
/// Where ports on loopback are looked for: below those that the system gives to whoever asks for any, since a node takes its own a
/// while after they were found to be free.
const FREE_PORTS: Range<u16> = 10_000..32_000;

/// The network.
pub(crate) struct Network {
    validators: Vec<Validator>,
    /// Who joins later.
    joiners: Vec<Validator>,
    cometbft: PathBuf,
    links: Option<Links>,
    /// The ledger that they make together.
    pub(crate) chain: Chain,
    /// Who writes tickets.
    pub(crate) customers: Vec<Actor>,
}

/// How large a network is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) validators: u8,
    /// Further nodes, which join later.
    pub(crate) joiners: u8,
    pub(crate) customers: u8,
    /// Whether every validator has a network of its own, so that it can be cut off.
    pub(crate) in_spaces: bool,
}

impl Network {
    /// Makes keys, one genesis, and a home for every validator; so many more nodes will join.
    pub(crate) fn make(dir: &Path, size: Size, cometbft: &Path) -> Result<Self> {
        let Size { validators: count, joiners: join, customers, in_spaces } = size;
        std::fs::create_dir_all(dir).map_err(|error| at(dir, error))?;
        let dir = dir.canonicalize().map_err(|error| at(dir, error))?;
        refuse_full(&dir)?;
        let links = in_spaces.then(|| Links::make(count.saturating_add(join))).transpose()?;
        let homes: Vec<Home> = (1..=count).map(|n| Home::new(dir.join(format!("validator-{n}")))).collect();
        let (genesis, customers) = genesis(&dir, &homes, customers)?;
        let pin = pin_of(&genesis).map_err(Error::other)?;
        Pins::load(&dir.join("pins.json")).and_then(|mut pins| pins.keep(pin)).map_err(Error::other)?;
        let mut free = free_ports();
        let mut placed = |n: u8, home: PathBuf| -> Result<Validator> {
            let space = links.as_ref().map(|links| links.space(n));
            let addresses = addresses(links.as_ref().map(|links| links.address(n)), &mut free)?;
            Ok(Validator::new(n, home, addresses, space))
        };
        let mut validators = Vec::new();
        for (n, home) in (1..).zip(&homes) {
            home.join(&genesis)?;
            validators.push(placed(n, home.path().to_owned())?);
        }
        let joiners = (count..count.saturating_add(join)).map(|n| n.saturating_add(1));
        let joiners = joiners.map(|n| Ok(placed(n, dir.join(format!("node-{n}")))?.joining()));
        let joiners = joiners.collect::<Result<Vec<_>>>()?;
        introduce(&validators, (join > 0).then_some(SNAPSHOT_INTERVAL))?;
        let chain = chain_of(&genesis).map_err(Error::other)?;
        Ok(Self { validators, joiners, cometbft: cometbft.to_owned(), links, chain, customers })
    }

    /// Starts every validator.
    pub(crate) async fn start(&self) -> Result<()> {
        for validator in &self.validators {
            validator.start(&self.cometbft).await?;
        }
        Ok(())
    }

    pub(crate) fn validators(&self) -> &[Validator] {
        &self.validators
    }

    /// Who joins while the network runs.
    pub(crate) fn joiners(&self) -> &[Validator] {
        &self.joiners
    }

    /// The validators, and who joins.
    pub(crate) fn everyone(&self) -> impl Iterator<Item = &Validator> {
        self.validators.iter().chain(&self.joiners)
    }

    /// Starts one again.
    pub(crate) async fn restart(&self, validator: &Validator) -> Result<()> {
        validator.start(&self.cometbft).await
    }

    /// Cuts or mends a validator's line.
    pub(crate) fn connect(&self, validator: &Validator, up: bool) -> Result<()> {
        self.links.as_ref().map_or(Ok(()), |links| links.set(validator.n, up))
    }

    /// Where every validator stands, in their order, then who joins.
    pub(crate) async fn standings(&self) -> Vec<Option<Standing>> {
        let mut all = Vec::new();
        for validator in self.everyone() {
            all.push(validator.standing().await);
        }
        all
    }

    /// Stops every validator, and who has joined.
    pub(crate) async fn stop(&self) {
        for validator in self.everyone() {
            validator.ask_to_stop().await;
        }
        for validator in self.everyone() {
            validator.stop().await;
        }
    }
}

fn refuse_full(dir: &Path) -> Result<()> {
    if std::fs::read_dir(dir).map_err(|error| at(dir, error))?.next().is_none() {
        return Ok(());
    }
    Err(Error::DirInUse { dir: dir.to_owned(), holds_network: dir.join("validator-1").exists() })
}

/// The prefix of addresses.
fn prefix() -> Result<Prefix> {
    Prefix::parse(Prefix::DEFAULT).map_err(Error::other)
}

/// One genesis of all validators, with an administrator, and limits that let customers write all the time.
fn genesis(dir: &Path, homes: &[Home], customers: u8) -> Result<(Genesis, Vec<Actor>)> {
    let keyring = Keyring::open(dir, Backend::Test)?;
    let key = |name: &str| -> Result<Actor> {
        keyring.add(name, b"", PhraseLength::Twelve, &mut getrandom::SysRng)?;
        Ok(keyring.unlock(name, b"")?)
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    let administrator = key(ADMINISTRATOR)?;
    let validators = homes.iter().zip(1..).map(|(home, n)| {
        let public = home.prepare()?;
        Ok(GenesisValidator::new(&public, POWER, &format!("validator-{n}")))
    });
    let validators = validators.collect::<Result<_>>()?;
    let (chain_id, prefix) = (new_chain_id("localnet")?, prefix()?);
    let members = [administrator.address(&prefix)];
    let genesis = new_desk(&chain_id, &prefix, &members, validators, now);
    let mut genesis = genesis.map_err(Error::other)?;
    list_key(&mut genesis, &administrator).map_err(Error::other)?;
    let params = &mut genesis.app_state.params;
    (params.max_tickets_per_customer_per_day, params.max_open_tickets_per_customer) = (10_000, 10_000);
    params.ticket_cooldown_seconds = 0;
    let customers = (1..=customers).map(|n| key(&format!("customer-{n}"))).collect::<Result<_, _>>()?;
    Ok((genesis, customers))
}

/// Free ports on loopback, or the usual ones at an address of one's own.
fn addresses(own: Option<Ipv4Addr>, free: &mut impl Iterator<Item = SocketAddr>) -> Result<Addresses> {
    let usual = own.map(|own| PORTS.map(|port| SocketAddr::new(IpAddr::V4(own), port)));
    let found = || Some([free.next()?, free.next()?, free.next()?]);
    let [grpc, rpc, p2p] =
        usual.or_else(found).ok_or_else(|| Error::other("no ports are free on loopback"))?;
    Ok(Addresses { grpc, rpc, p2p })
}

/// Addresses on loopback that nobody listens at, none of them twice. Every process begins elsewhere to look for them.
fn free_ports() -> impl Iterator<Item = SocketAddr> {
    let begin = std::process::id().wrapping_mul(251) % u32::from(FREE_PORTS.end - FREE_PORTS.start);
    let skipped = usize::try_from(begin).unwrap_or_default();
    let ports = FREE_PORTS.cycle().skip(skipped).take(FREE_PORTS.len());
    let addresses = ports.map(|port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    addresses.filter(|address| TcpListener::bind(address).is_ok())
}

/// Tells every validator where the others are.
fn introduce(validators: &[Validator], snapshot_interval: Option<u64>) -> Result<()> {
    let peers: Vec<String> = validators.iter().map(Validator::peer).collect::<Result<_>>()?;
    for (own, validator) in validators.iter().enumerate() {
        let others = peers.iter().enumerate().filter(|(place, _)| *place != own);
        let others: Vec<String> = others.map(|(_, peer)| peer.clone()).collect();
        validator.configure(&others, snapshot_interval)?;
    }
    Ok(())
}
