//! What an operator may say of CometBFT in `config.toml`, and the configuration that is written for it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::{Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use serde::Deserialize;

use crate::comet::abci::mempool::{POOL_BYTES_MAX, POOL_TXS_MAX};
use crate::comet::error::CometError;
use sealdesk_protocol::limits::TX_BYTES_MAX;

/// Transactions that CometBFT remembers to have seen.
const MEMPOOL_CACHE_TXS: usize = 10_000;
/// Connections that CometBFT's RPC takes at a time.
const RPC_CONNECTIONS_MAX: usize = 64;
/// Where CometBFT listens for other nodes unless the operator says otherwise: no other machine reaches that.
const P2P_NOWHERE: &str = "127.0.0.1:0";
/// Servers that state sync needs: one gives headers, and another bears witness.
const SERVERS_MIN: usize = 2;
/// How old the trusted header may be, in hours. Validators that misbehaved longer ago cannot be held to it.
const TRUST_HOURS: u32 = 168;

/// The section `[comet]` of a home's `config.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CometConfig {
    /// This node's name among the others; public.
    pub moniker: Option<String>,
    /// Where it listens for other nodes.
    pub p2p: Option<SocketAddr>,
    /// The address that others reach that under, where it is another one.
    pub external_address: Option<String>,
    /// The other nodes: `id@host:port`.
    pub peers: Vec<String>,
    /// Where CometBFT's own RPC listens besides its private socket.
    pub rpc: Option<SocketAddr>,
    /// Where CometBFT's own metrics are served, besides through the node's own. A CometBFT that the operator runs is asked there.
    pub metrics: Option<SocketAddr>,
    /// How long a validator waits for the others' votes after a block, in milliseconds: the shortest time between blocks.
    pub timeout_commit_millis: Option<u32>,
    /// Blocks that CometBFT keeps; all if absent. Fewer than 100,000 shorten the time in which misbehaviour can be shown.
    pub retain_blocks: Option<u64>,
    /// Blocks between two snapshots for nodes that join; 1,000 if absent, and 0 makes none.
    pub snapshot_interval: Option<u64>,
    /// From where a new node takes a snapshot instead of executing every block; only while it has executed none.
    pub state_sync: Option<StateSyncConfig>,
}

/// The section `[comet.state_sync]`: whom a new node asks for headers, and which one it trusts to begin with.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateSyncConfig {
    /// CometBFT's RPC of at least two nodes, `http://host:port`: what one says is checked against the others.
    pub servers: Vec<String>,
    /// The height of the header that is trusted.
    pub trust_height: u64,
    /// Its hash, 64 hexadecimal digits.
    pub trust_hash: String,
    /// Says that this home's validator key has never signed anything, here or in another copy of this home. Only asked for where
    /// the key is a validator's already.
    #[serde(default)]
    pub key_never_signed: bool,
}

/// Where CometBFT's RPC is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RpcAddress {
    /// A socket in the file system.
    Unix(PathBuf),
    /// `host:port`.
    Tcp(String),
}

impl std::str::FromStr for RpcAddress {
    type Err = CometError;

    fn from_str(text: &str) -> Result<Self, CometError> {
        match text.split_once("://") {
            Some(("unix", path)) if path.starts_with('/') => Ok(Self::Unix(path.into())),
            Some(("tcp" | "http", address)) if address.contains(':') => {
                Ok(Self::Tcp(address.trim_end_matches('/').to_owned()))
            }
            _ => Err(CometError::Address(text.to_owned())),
        }
    }
}

/// The sockets between CometBFT and this node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::comet) struct Sockets {
    /// Where this node answers CometBFT.
    pub(in crate::comet) abci: PathBuf,
    /// Where CometBFT answers this node.
    pub(in crate::comet) rpc: PathBuf,
}

impl CometConfig {
    /// CometBFT's own `config.toml`. It is written anew at every start: what is changed in it is lost.
    pub(in crate::comet) fn render(&self, sockets: &Sockets) -> String {
        let state_sync = self.state_sync.as_ref().map(StateSyncConfig::render).unwrap_or_default();
        [self.addresses(sockets), self.bounds(), self.instrumentation(), state_sync].join("\n")
    }

    /// The node's name, and where it listens.
    fn addresses(&self, sockets: &Sockets) -> String {
        let p2p = self.p2p.map_or(P2P_NOWHERE.to_owned(), |address| address.to_string());
        let mut rpc = format!("unix://{}", sockets.rpc.display());
        if let Some(address) = self.rpc {
            let _ = write!(rpc, ",tcp://{address}");
        }
        let [moniker, rpc, p2p, external, peers, abci] = [
            self.moniker.as_deref().unwrap_or("sealdesk"),
            &rpc,
            &format!("tcp://{p2p}"),
            self.external_address.as_deref().unwrap_or_default(),
            &self.peers.join(","),
            &format!("unix://{}", sockets.abci.display()),
        ]
        .map(quoted);
        format!(
            r#"# Written by `sealdesk start` at every start: change the section [comet] of the home's config.toml instead.
proxy_app = {abci}
abci = "socket"
moniker = {moniker}
log_level = "info"
log_format = "plain"
filter_peers = false

[rpc]
laddr = {rpc}
cors_allowed_origins = []
unsafe = false
max_open_connections = {RPC_CONNECTIONS_MAX}
max_subscription_clients = 16
max_subscriptions_per_client = 4
max_body_bytes = 1000000
pprof_laddr = ""

[p2p]
laddr = {p2p}
external_address = {external}
persistent_peers = {peers}
persistent_peers_max_dial_period = "5s"
addr_book_strict = false
allow_duplicate_ip = true
handshake_timeout = "10s"
dial_timeout = "3s"
"#
        )
    }

    /// What it may hold, and how long it waits.
    fn bounds(&self) -> String {
        let commit = self.timeout_commit_millis.unwrap_or(100);
        format!(
            r#"[mempool]
type = "flood"
recheck = true
broadcast = true
size = {POOL_TXS_MAX}
max_txs_bytes = {POOL_BYTES_MAX}
cache_size = {MEMPOOL_CACHE_TXS}
keep-invalid-txs-in-cache = false
max_tx_bytes = {TX_BYTES_MAX}

[consensus]
timeout_propose = "1500ms"
timeout_propose_delta = "500ms"
timeout_prevote = "500ms"
timeout_prevote_delta = "250ms"
timeout_precommit = "500ms"
timeout_precommit_delta = "250ms"
timeout_commit = "{commit}ms"
skip_timeout_commit = false
create_empty_blocks = false
create_empty_blocks_interval = "10s"

[tx_index]
indexer = "null"
"#
        )
    }

    /// Where its metrics are served.
    fn instrumentation(&self) -> String {
        let address = quoted(&self.metrics.map(|address| address.to_string()).unwrap_or_default());
        let enabled = self.metrics.is_some();
        format!(
            r#"[instrumentation]
prometheus = {enabled}
prometheus_listen_addr = {address}
namespace = "cometbft"
"#
        )
    }
}

/// Whether CometBFT takes a peer as it is written: `id@host:port`, where the id is what `sealdesk join` shows.
///
/// # Errors
/// What to write instead.
pub(crate) fn check_peer(peer: &str) -> Result<(), String> {
    let wrong = || {
        format!(
            "'{peer}' is not a peer: write ID@HOST:PORT, where ID is the node_id that `sealdesk join` shows there, 40 digits"
        )
    };
    let (id, address) = peer.strip_prefix("tcp://").unwrap_or(peer).split_once('@').ok_or_else(wrong)?;
    let (host, port) = address.rsplit_once(':').ok_or_else(wrong)?;
    let is_id = id.len() == 40 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
    };
    let is_host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(inside) => inside.parse::<Ipv6Addr>().is_ok(),
        None => is_name(host),
    };
    let is_port =
        port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0);
    if is_id && is_host && is_port { Ok(()) } else { Err(wrong()) }
}

impl StateSyncConfig {
    /// CometBFT's section.
    fn render(&self) -> String {
        let [servers, hash] = [&self.servers.join(","), &self.trust_hash].map(|text| quoted(text));
        let height = self.trust_height;
        format!(
            r#"[statesync]
enable = true
rpc_servers = {servers}
trust_height = {height}
trust_hash = {hash}
trust_period = "{TRUST_HOURS}h0m0s"
discovery_time = "5s"
chunk_request_timeout = "10s"
chunk_fetchers = "4"
"#
        )
    }

    /// Whether a node can begin with it.
    ///
    /// # Errors
    /// [`CometError::StateSync`] with what to write instead.
    pub fn check(&self) -> Result<(), CometError> {
        let wrong = |what: &str| Err(CometError::StateSync(what.to_owned()));
        let distinct: BTreeSet<&String> = self.servers.iter().collect();
        if distinct.len() < SERVERS_MIN {
            return wrong("name at least two servers, of different organisations");
        }
        for server in &self.servers {
            let is_address = server.starts_with("http://") && !server.contains(['@', ',', '?', '#', ' ']);
            if !is_address || server.parse::<RpcAddress>().is_err() {
                return wrong(&format!(
                    "'{server}' is not an address: write http://HOST:PORT of a CometBFT's RPC"
                ));
            }
        }
        if self.trust_height == 0 {
            return wrong("trust_height is a height from 1 on");
        }
        if self.trust_hash.len() != 64 || !self.trust_hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return wrong("trust_hash is the header's hash, 64 hexadecimal digits");
        }
        Ok(())
    }
}

/// A TOML string that holds whatever a person wrote.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sockets() -> Sockets {
        Sockets { abci: "/home/abci.sock".into(), rpc: "/home/rpc.sock".into() }
    }

    #[test]
    fn the_mempool_and_the_rpc_are_bounded_far_below_cometbft_s_own_defaults() {
        let text = CometConfig::default().render(&sockets());
        let read: toml::Table = toml::from_str(&text).unwrap();
        let number = |section: &str, key: &str| read[section][key].as_integer().unwrap();
        assert_eq!(number("mempool", "size"), 2_000);
        assert_eq!(number("mempool", "max_txs_bytes"), 64 << 20);
        assert_eq!(number("mempool", "max_tx_bytes"), 262_144);
        assert!(number("rpc", "max_open_connections") < 100);
        assert_eq!(read["mempool"]["type"].as_str(), Some("flood"));
    }

    #[test]
    fn nothing_but_sockets_of_this_machine_is_opened_unless_it_was_said() {
        let text = CometConfig::default().render(&sockets());
        let read: toml::Table = toml::from_str(&text).unwrap();
        assert_eq!(read["rpc"]["laddr"].as_str(), Some("unix:///home/rpc.sock"));
        assert_eq!(read["p2p"]["laddr"].as_str(), Some("tcp://127.0.0.1:0"));
        assert_eq!(read["instrumentation"]["prometheus"].as_bool(), Some(false));
        assert_eq!(read["rpc"]["pprof_laddr"].as_str(), Some(""));
    }

    #[test]
    fn a_name_cannot_write_other_lines_of_the_configuration() {
        let name = "x\"\nproxy_app = \"tcp://elsewhere:1\"\n#";
        let config = CometConfig { moniker: Some(name.to_owned()), ..CometConfig::default() };
        let read: toml::Table = toml::from_str(&config.render(&sockets())).unwrap();
        assert_eq!(read["moniker"].as_str(), Some(name));
        assert_eq!(read["proxy_app"].as_str(), Some("unix:///home/abci.sock"));
    }

    #[test]
    fn a_peer_that_cometbft_would_die_of_is_refused() {
        let id = "0123456789abcdef0123456789abcdef01234567";
        for peer in [
            format!("{id}@desk.example.net:26656"),
            format!("{id}@[::1]:1"),
            format!("tcp://{id}@10.0.0.1:26656"),
        ] {
            assert_eq!(check_peer(&peer), Ok(()), "{peer}");
        }
        let upper = id.to_uppercase();
        for peer in [
            String::new(),
            "desk.example.net:26656".to_owned(),
            format!("{id}@desk.example.net"),
            format!("{id}@:26656"),
            format!("{id}@desk.example.net:0"),
            format!("{id}@desk.example.net:65536"),
            format!("{id}@a:1,{id}@b:1"),
            format!("{}@a:1", &id[1..]),
            format!("{upper}@a:1"),
            format!("{id}@::1:26656"),
            format!("{id}@[::z]:26656"),
            format!("{id}@a:+1"),
            format!("{id}@a\n:1"),
            format!("{id}@\"a\":1"),
        ] {
            assert!(check_peer(&peer).is_err(), "{peer}");
        }
    }

    fn state_sync() -> StateSyncConfig {
        StateSyncConfig {
            servers: vec!["http://a:1".to_owned(), "http://b:1".to_owned()],
            trust_height: 7,
            trust_hash: "ab".repeat(32),
            key_never_signed: false,
        }
    }

    #[test]
    fn state_sync_is_off_unless_it_was_asked_for() {
        assert!(!CometConfig::default().render(&sockets()).contains("statesync"));
        let config = CometConfig { state_sync: Some(state_sync()), ..CometConfig::default() };
        let read: toml::Table = toml::from_str(&config.render(&sockets())).unwrap();
        let section = &read["statesync"];
        assert_eq!(section["enable"].as_bool(), Some(true));
        assert_eq!(section["rpc_servers"].as_str(), Some("http://a:1,http://b:1"));
        assert_eq!(section["trust_height"].as_integer(), Some(7));
    }

    #[test]
    fn a_trust_that_rests_on_one_server_or_on_no_header_is_refused() {
        let refused = |change: fn(&mut StateSyncConfig)| {
            let mut changed = state_sync();
            change(&mut changed);
            assert!(matches!(changed.check(), Err(CometError::StateSync(_))), "{changed:?}");
        };
        assert!(state_sync().check().is_ok());
        refused(|config| config.servers.truncate(1));
        refused(|config| config.servers[1] = config.servers[0].clone());
        for address in ["https://a:1", "http://user:word@a:1", "http://a:1,http://c:1", "a:1", "unix:///a"] {
            let with = StateSyncConfig {
                servers: vec![address.to_owned(), "http://b:1".to_owned()],
                ..state_sync()
            };
            assert!(matches!(with.check(), Err(CometError::StateSync(_))), "{address}");
        }
        refused(|config| config.trust_height = 0);
        refused(|config| config.trust_hash = "ab".repeat(31));
        refused(|config| config.trust_hash = "zz".repeat(32));
    }

    #[test]
    fn addresses_are_read_as_cometbft_writes_them() {
        assert_eq!("unix:///a/b".parse::<RpcAddress>().unwrap(), RpcAddress::Unix("/a/b".into()));
        for text in ["tcp://127.0.0.1:1", "http://127.0.0.1:1/"] {
            assert_eq!(text.parse::<RpcAddress>().unwrap(), RpcAddress::Tcp("127.0.0.1:1".to_owned()));
        }
        for text in ["", "127.0.0.1:1", "unix://relative", "ftp://a:1"] {
            assert!(text.parse::<RpcAddress>().is_err(), "{text}");
        }
    }
}
