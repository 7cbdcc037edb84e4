//! The directory a node lives in.
//!
//! `genesis.json` · `validator_key.json` (0600) · `config.toml` (optional) · `data/` with the state, the block log, the headers of dropped
//! blocks and the note of the last signed block.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use sealdesk_protocol::genesis::{Genesis, GenesisError, GenesisValidator};
use sealdesk_protocol::ids::{Address, ChainId, IdError, Prefix};
use serde::Deserialize;
use thiserror::Error;

use crate::admission::AdmissionConfig;
use crate::comet::{CometConfig, StateSyncConfig, check_peer};
use crate::data_files;
use crate::durable::{self, Readers};
use crate::port::PortConfig;
use crate::validator::{ValidatorKey, ValidatorKeyError};

/// Where a node listens unless it is told otherwise.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:9090";
/// Voting power that a node proposes for itself, alone or among others; the genesis decides.
const POWER: u32 = 10;
/// What a node that makes blocks alone is called in its genesis.
pub const SOLO_NAME: &str = "solo";
/// The folder in a home in which a restored desk is put together.
pub const RESTORING_DIR: &str = ".restoring";
/// Longest configuration file, in bytes.
const CONFIG_BYTES_MAX: u64 = 65_536;
/// What an operator may give to pages of the state's file, in MiB.
pub const PAGE_CACHE_MIB: std::ops::RangeInclusive<u32> = 8..=65_536;

/// Fewest blocks that an operator may have kept whole: a start executes up to 200 again, and who follows the ledger may be away for a
/// while.
pub const KEEP_BLOCKS_MIN: u32 = 1_000;

/// Why a home cannot be used.
#[derive(Debug, Error)]
pub enum HomeError {
    /// A file or directory cannot be read or written.
    #[error("cannot use {path}: {error}")]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        error: std::io::Error,
    },
    /// There is a ledger already.
    #[error("{0} holds a ledger already")]
    Exists(PathBuf),
    /// There are data of a ledger, and not the genesis that it began with.
    #[error("{0} holds the data of a ledger, and its genesis.json is missing")]
    GenesisMissing(PathBuf),
    /// A restored desk is about to be put here.
    #[error("a restore into {0} was not finished")]
    Restoring(PathBuf),
    /// There is no ledger yet.
    #[error("{0} holds no ledger yet")]
    Missing(PathBuf),
    /// The configuration is not understood.
    #[error("{path}: {reason}")]
    Config {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The genesis is malformed.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
    /// The validator's key cannot be used.
    #[error(transparent)]
    Key(#[from] ValidatorKeyError),
    /// A chain id could not be made.
    #[error(transparent)]
    ChainId(#[from] IdError),
    /// The system has no randomness to give.
    #[error("the system gives no randomness: {0}")]
    Randomness(getrandom::Error),
}

/// Variables of the environment that may hold secrets of this node: no process that it starts gets them.
pub(crate) const SECRET_VARIABLES: [&str; 3] =
    ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

/// A node's directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home(PathBuf);

/// What the section `[blobs]` of `config.toml` may say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlobsConfig {
    /// Nodes of the same ledger, `http://10.0.0.2:9090` or `https://desk2.example`, which are asked for missing pieces of files.
    #[serde(default)]
    pub peers: Vec<String>,
    /// A file of PEM with authorities that their certificates, and that of the bucket's, may be from, beside those of this machine.
    pub ca: Option<PathBuf>,
    /// Where pieces that messages name are kept, `s3://BUCKET/PREFIX`; the home's `data/blobs` if absent.
    pub s3: Option<String>,
    /// Where that bucket is reached, `https://s3.example`; that of Amazon for its region if absent.
    pub s3_endpoint: Option<String>,
    /// Its region; `AWS_REGION` of the environment, or us-east-1, if absent.
    pub s3_region: Option<String>,
    /// A file with its credentials, as Amazon's programs have them; `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` of the environment if
    /// absent.
    pub s3_credentials: Option<PathBuf>,
}

/// What the section `[push]` of `config.toml` may say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushConfig {
    /// Whether people may have notices pushed to their devices: yes if absent. Nothing is sent for anybody who did not ask for it.
    pub enabled: Option<bool>,
    /// How a push service reaches the operator, `mailto:desk@example.org` or `https://desk.example`; the page's own address if absent.
    pub contact: Option<String>,
    /// Networks that are posted to beside the public internet, where a push service is one's own. Without TLS it is taken only at an
    /// address of this machine that is in them.
    #[serde(default)]
    pub allowed: Vec<IpNet>,
}

/// What the section `[presence]` of `config.toml` may say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PresenceConfig {
    /// Whether staff may see who of them is at a ticket, which tells this node who looks at what: yes on an embedded ledger and no on a
    /// replicated one if absent.
    pub enabled: Option<bool>,
}

/// What `config.toml` may say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the API listens.
    pub listen: Option<SocketAddr>,
    /// Where the metrics are read, CometBFT's included; nowhere if absent.
    pub metrics: Option<SocketAddr>,
    /// Most memory for pages of the state's file, in MiB: 8 to 65,536; 128 if absent. A node that was started with `--page-cache` has
    /// that.
    pub page_cache: Option<u32>,
    /// How many of the newest blocks an embedded ledger keeps whole, at least [`KEEP_BLOCKS_MIN`]; 0 = all, as if absent. A node that was
    /// started with `--keep-blocks` has that.
    pub keep_blocks: Option<u32>,
    /// Most disk for the pieces of attached files, in MiB; half of the disk that the data are on if absent.
    pub files_max: Option<u32>,
    /// TLS, names, pages, proxies and places of the API's port. A node that was started with options of its own has those.
    #[serde(default)]
    pub port: PortConfig,
    /// What is asked of accounts that the ledger has never seen: nothing, if absent. A node that was started with options of its own has
    /// those.
    #[serde(default)]
    pub admission: AdmissionConfig,
    /// Where missing pieces of attached files come from.
    #[serde(default)]
    pub blobs: BlobsConfig,
    /// Notices on people's devices.
    #[serde(default)]
    pub push: PushConfig,
    /// Who of the staff is at a ticket.
    #[serde(default)]
    pub presence: PresenceConfig,
    /// The replicated engine.
    #[serde(default)]
    pub comet: CometConfig,
}

impl Home {
    /// The home at a path; nothing is touched.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The genesis file.
    pub fn genesis_file(&self) -> PathBuf {
        self.0.join("genesis.json")
    }

    /// The validator's key file.
    pub fn key_file(&self) -> PathBuf {
        self.0.join("validator_key.json")
    }

    /// The configuration file, which need not be there.
    pub fn config_file(&self) -> PathBuf {
        self.0.join("config.toml")
    }

    /// The directory of the ledger's data.
    pub fn data_dir(&self) -> PathBuf {
        self.0.join("data")
    }

    /// The folder of what was signed of the page for WEBCAT, which need not be there.
    pub fn webcat_dir(&self) -> PathBuf {
        self.0.join("webcat")
    }

    /// Whether there is a ledger.
    pub fn is_initialised(&self) -> bool {
        self.genesis_file().exists()
    }

    /// Refuses a home in which a ledger was begun, before another one is made there. Data without their genesis are such a ledger, too: it
    /// was lost, and what is made in its place would be another one over the data of the first.
    ///
    /// # Errors
    /// [`HomeError::Exists`], and [`HomeError::GenesisMissing`] for data without a genesis.
    pub fn expect_unbegun(&self) -> Result<(), HomeError> {
        if self.is_initialised() {
            return Err(HomeError::Exists(self.0.clone()));
        }
        if self.has_data()? { Err(HomeError::GenesisMissing(self.0.clone())) } else { Ok(()) }
    }

    /// Refuses a home without a ledger.
    ///
    /// # Errors
    /// [`HomeError::Missing`] before one was begun, [`HomeError::GenesisMissing`] where the genesis of one was lost.
    pub fn expect_begun(&self) -> Result<(), HomeError> {
        match self.is_initialised() {
            true => Ok(()),
            false => self.expect_unbegun().and(Err(HomeError::Missing(self.0.clone()))),
        }
    }

    /// Whether there are data that only a ledger makes: its state, its blocks, or what its key has signed.
    ///
    /// # Errors
    /// [`HomeError::Io`].
    pub fn has_data(&self) -> Result<bool, HomeError> {
        data_files::are_there(&self.0, &self.data_dir())
            .map_err(|(path, error)| HomeError::Io { path, error })
    }

    /// Makes the directories and the validator's key, and writes the genesis last: where that and all data are missing, nothing was begun.
    /// Whatever validators the document named, the new ledger's only one is this node.
    ///
    /// # Errors
    /// As [`Home::expect_unbegun`].
    pub fn init(&self, mut genesis: Genesis) -> Result<Genesis, HomeError> {
        self.expect_unbegun()?;
        genesis.validators = vec![self.own_validator(SOLO_NAME)?];
        genesis.check()?;
        replace(&self.genesis_file(), &genesis.to_json()?)?;
        Ok(genesis)
    }

    /// Makes the directories and the validator's key where they are missing, and gives the public key: what a genesis of many
    /// validators is written from. A home with a ledger has the key that it was begun with, or none: no other one is made in its place.
    ///
    /// # Errors
    /// [`HomeError`] if they cannot be made; [`HomeError::GenesisMissing`] for data without a genesis.
    pub fn prepare(&self) -> Result<[u8; 32], HomeError> {
        if self.is_initialised() {
            return Ok(self.key()?.public_key());
        }
        self.expect_unbegun()?;
        Ok(self.make_key()?.public_key())
    }

    /// This node as a genesis has it, under a name; its key is made where it is missing.
    ///
    /// # Errors
    /// As [`Home::prepare`].
    pub fn own_validator(&self, name: &str) -> Result<GenesisValidator, HomeError> {
        Ok(GenesisValidator::new(&self.prepare()?, POWER, name))
    }

    /// Takes part in a ledger of many: its genesis is written as it is.
    ///
    /// # Errors
    /// As [`Home::expect_unbegun`]; [`HomeError::Genesis`] if no ledger could begin so.
    pub fn join(&self, genesis: &Genesis) -> Result<(), HomeError> {
        self.expect_unbegun()?;
        genesis.check()?;
        self.make_key()?;
        replace(&self.genesis_file(), &genesis.to_json()?)
    }

    /// [`Home::init`] with a new, empty desk of these administrators. `time` is in Unix seconds.
    ///
    /// # Errors
    /// As [`Home::init`].
    pub fn init_desk(
        &self,
        chain_id: &ChainId,
        prefix: &Prefix,
        time: i64,
        administrators: &[Address],
    ) -> Result<Genesis, HomeError> {
        self.expect_unbegun()?;
        let validator = self.own_validator(SOLO_NAME)?;
        self.init(Genesis::new(chain_id, prefix, time, administrators, validator)?)
    }

    /// The genesis that the ledger begins with.
    ///
    /// # Errors
    /// [`HomeError::Missing`] before [`Home::init`], [`HomeError::GenesisMissing`] where it was lost.
    pub fn genesis(&self) -> Result<Genesis, HomeError> {
        let path = self.genesis_file();
        let text = fs::read(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                self.expect_begun().err().unwrap_or_else(|| HomeError::Missing(self.0.clone()))
            }
            _ => HomeError::Io { path, error },
        })?;
        Ok(Genesis::from_json(&text)?)
    }

    /// The validator's key.
    ///
    /// # Errors
    /// [`HomeError::Key`].
    pub fn key(&self) -> Result<ValidatorKey, HomeError> {
        Ok(ValidatorKey::read(&self.key_file())?)
    }

    /// The configuration; everything as by default where there is no file.
    ///
    /// # Errors
    /// [`HomeError::Config`] for what is not understood.
    pub fn config(&self) -> Result<Config, HomeError> {
        let path = self.config_file();
        if !path.exists() {
            return Ok(Config::default());
        }
        let wrong = |reason: String| HomeError::Config { path: path.clone(), reason };
        let io = |error| HomeError::Io { path: path.clone(), error };
        if fs::metadata(&path).map_err(io)?.len() > CONFIG_BYTES_MAX {
            return Err(wrong("longer than any configuration".to_owned()));
        }
        let text = fs::read_to_string(&path).map_err(io)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let config: Config = toml::from_str(text).map_err(|error| wrong(in_line(text, &error)))?;
        match config.page_cache {
            Some(mib) if !PAGE_CACHE_MIB.contains(&mib) => {
                Err(wrong(format!("page_cache is {mib}: write the MiB that it may take, from 8 to 65536")))
            }
            _ if config.keep_blocks.is_some_and(|keep| !may_keep(keep)) => {
                let found = config.keep_blocks.unwrap_or_default();
                let least = format!("write at least {KEEP_BLOCKS_MIN}, or 0 to keep all");
                Err(wrong(format!("keep_blocks is {found}: {least}")))
            }
            _ => {
                config.admission.cost().map_err(|error| wrong(format!("[admission]: {error}")))?;
                for peer in &config.comet.peers {
                    check_peer(peer).map_err(|why| wrong(format!("peers in [comet]: {why}")))?;
                }
                Ok(config)
            }
        }
    }

    /// Adds the section of a state sync to the configuration.
    ///
    /// # Errors
    /// [`HomeError::Config`] if there is one already or the file is not understood; it stays as it was then.
    pub fn add_state_sync(&self, section: &StateSyncConfig) -> Result<(), HomeError> {
        let path = self.config_file();
        if self.config()?.comet.state_sync.is_some() {
            let reason = "it has a section [comet.state_sync] already: change that".to_owned();
            return Err(HomeError::Config { path, reason });
        }
        let mut text = if path.exists() {
            fs::read_to_string(&path).map_err(|error| HomeError::Io { path: path.clone(), error })?
        } else {
            String::new()
        };
        let servers = section.servers.iter().map(|server| toml::Value::String(server.clone())).collect();
        let (servers, hash) = (toml::Value::Array(servers), toml::Value::String(section.trust_hash.clone()));
        let height = section.trust_height;
        text.push_str(&format!(
            "\n# Where this new node takes its first state from; of no use any more once it has one.\n[comet.state_sync]\nservers = {servers}\ntrust_height = {height}\ntrust_hash = {hash}\n"
        ));
        let wrong = |error: toml::de::Error| HomeError::Config {
            path: path.clone(),
            reason: error.message().to_owned(),
        };
        toml::from_str::<Config>(&text).map_err(wrong)?;
        replace(&path, text.as_bytes())
    }

    fn make_key(&self) -> Result<ValidatorKey, HomeError> {
        // What is there already of a restored desk must not become part of another.
        if self.0.join(RESTORING_DIR).exists() {
            return Err(HomeError::Restoring(self.0.clone()));
        }
        for dir in [self.0.clone(), self.data_dir()] {
            durable::create_dir(&dir).map_err(|error| HomeError::Io { path: dir, error })?;
        }
        // An earlier attempt may have ended after it had made the key. An earlier program could end before it had written any of it.
        let path = self.key_file();
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_file() && found.len() == 0 => {
                fs::remove_file(&path).map_err(|error| HomeError::Io { path: path.clone(), error })?;
            }
            Ok(_) => return self.key(),
            Err(_) => {}
        }
        let key = ValidatorKey::generate()?;
        key.write(&path)?;
        Ok(key)
    }
}

/// What is wrong with a text, and in which of its lines, where that is known.
fn in_line(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start));
    match before.map(|before| before.matches('\n').count().saturating_add(1)) {
        Some(line) => format!("line {line}: {}", error.message()),
        None => error.message().to_owned(),
    }
}

/// Whether so many blocks are enough to be kept whole, or all.
pub fn may_keep(blocks: u32) -> bool {
    blocks == 0 || blocks >= KEEP_BLOCKS_MIN
}

/// A chain id that no other ledger has: the name and 16 random hex digits.
///
/// # Errors
/// [`HomeError::ChainId`] if the name does not fit.
pub fn new_chain_id(name: &str) -> Result<ChainId, HomeError> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(HomeError::Randomness)?;
    Ok(ChainId::parse(&format!("{name}-{}", hex::encode(random)))?)
}

/// Writes a file that anyone on this machine may read, unless its owner has closed it, whole or not at all.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), HomeError> {
    let replaced = durable::replace(path, bytes, Readers::Everyone);
    replaced.map_err(|error| HomeError::Io { path: path.to_owned(), error })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::data_files::{BLOCKS_DIR, SIGNED_FILE};

    fn desk(home: &Home) -> Result<Genesis, HomeError> {
        let prefix = Prefix::parse(Prefix::DEFAULT).unwrap();
        let administrator = Address::of_public_key(&prefix, &[2; 33]);
        home.init_desk(&new_chain_id("desk").unwrap(), &prefix, 1_700_000_000, &[administrator])
    }

    #[test]
    fn a_new_home_has_a_genesis_of_its_own_key_and_is_made_once() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::new(dir.path().join("new"));
        assert!(matches!(home.genesis(), Err(HomeError::Missing(_))));
        let genesis = desk(&home).unwrap();
        assert_eq!(home.genesis().unwrap(), genesis);
        assert_eq!(genesis.validators[0].pub_key.value, home.key().unwrap().public_key());
        assert!(matches!(desk(&home), Err(HomeError::Exists(_))));
    }

    #[test]
    fn an_attempt_that_ended_half_way_is_taken_up_again() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::new(dir.path());
        let key = home.make_key().unwrap().public_key();
        fs::write(home.path().join(".genesis.json.0011223344556677.draft"), b"{").unwrap();
        assert_eq!(desk(&home).unwrap().validators[0].pub_key.value, key);
    }

    #[test]
    fn a_key_of_which_nothing_was_written_is_made_again() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::new(dir.path());
        fs::write(home.key_file(), b"").unwrap();
        let key = home.prepare().unwrap();
        assert_eq!((home.prepare().unwrap(), home.key().unwrap().public_key()), (key, key));
        fs::write(home.key_file(), b"{").unwrap();
        assert!(matches!(home.prepare(), Err(HomeError::Key(_))), "what is there is never written over");
    }

    #[test]
    fn nothing_is_made_over_data_without_a_genesis_nor_in_the_place_of_a_lost_key() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::new(dir.path());
        let genesis = desk(&home).unwrap();
        // Empty places are what an attempt to open it leaves.
        fs::create_dir(home.data_dir().join(BLOCKS_DIR)).unwrap();
        fs::write(home.path().join(SIGNED_FILE), b"").unwrap();
        fs::remove_file(home.genesis_file()).unwrap();
        home.prepare().unwrap();
        for place in
            ["data/state.redb", "data/blocks/1", "data/headers/1", SIGNED_FILE, "comet/data/blockstore.db/1"]
        {
            let place = home.path().join(place);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(&place, b"1").unwrap();
            let refused = [
                home.init(genesis.clone()).err(),
                home.join(&genesis).err(),
                home.prepare().err(),
                home.genesis().err(),
            ];
            for error in refused {
                assert!(matches!(error, Some(HomeError::GenesisMissing(_))), "{place:?}: {error:?}");
            }
            assert!(!home.is_initialised());
            fs::remove_file(&place).unwrap();
        }
        home.join(&genesis).unwrap();
        fs::remove_file(home.key_file()).unwrap();
        assert!(matches!(home.prepare(), Err(HomeError::Key(_))));
        assert!(!home.key_file().exists());
    }

    #[test]
    fn a_chain_id_is_never_made_twice() {
        let ids: std::collections::BTreeSet<String> =
            (0..100).map(|_| new_chain_id("desk").unwrap().to_string()).collect();
        assert_eq!(ids.len(), 100);
        assert!(ids.iter().all(|id| id.len() == "desk-".len() + 16));
    }

    #[test]
    fn a_state_sync_is_added_to_what_the_configuration_says_and_never_twice() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::new(dir.path());
        fs::write(home.config_file(), "listen = \"127.0.0.1:1\"\n[comet]\nmoniker = \"one\"\n").unwrap();
        let section = StateSyncConfig {
            servers: vec!["http://a:1".to_owned(), "http://b:1".to_owned()],
            trust_height: 7,
            trust_hash: "AB".repeat(32),
            key_never_signed: false,
        };
        fs::set_permissions(home.config_file(), fs::Permissions::from_mode(0o600)).unwrap();
        home.add_state_sync(&section).unwrap();
        let mode = fs::metadata(home.config_file()).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "it stays as closed as its owner made it");
        let config = home.config().unwrap();
        assert_eq!(
            (config.comet.moniker.as_deref(), config.comet.state_sync.as_ref()),
            (Some("one"), Some(&section))
        );
        let text = fs::read(home.config_file()).unwrap();
        assert!(matches!(home.add_state_sync(&section), Err(HomeError::Config { .. })));
        assert_eq!(fs::read(home.config_file()).unwrap(), text);
    }

    #[test]
    fn a_word_that_the_configuration_does_not_know_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::new(dir.path());
        assert_eq!(home.config().unwrap(), Config::default());
        fs::write(home.config_file(), "listen = \"127.0.0.1:1\"").unwrap();
        assert_eq!(home.config().unwrap().listen.unwrap().port(), 1);
        fs::write(home.config_file(), "lissten = \"127.0.0.1:1\"").unwrap();
        assert!(matches!(home.config(), Err(HomeError::Config { .. })));
    }

    #[test]
    fn the_places_of_the_port_are_read_by_their_names() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::new(dir.path());
        let text = "[port]\nconnections = 10000\nconnections_per_address = 200\nsubscribers = 9000\nsubscribers_per_address = 100\n";
        fs::write(home.config_file(), text).unwrap();
        let said = home.config().unwrap().port;
        assert_eq!((said.connections, said.connections_per_address), (Some(10_000), Some(200)));
        assert_eq!((said.subscribers, said.subscribers_per_address), (Some(9_000), Some(100)));
        let started = PortConfig { subscribers: Some(7), ..PortConfig::default() }.or(said);
        assert_eq!((started.connections, started.subscribers), (Some(10_000), Some(7)));
    }

    #[test]
    fn the_blocks_to_keep_are_all_or_enough() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::new(dir.path());
        for (text, fits) in [("0", true), ("1000", true), ("999", false), ("-1", false)] {
            fs::write(home.config_file(), format!("keep_blocks = {text}\n")).unwrap();
            assert_eq!(home.config().is_ok(), fits, "{text}");
        }
    }

    #[test]
    fn the_page_cache_is_what_the_configuration_says_within_its_bounds() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::new(dir.path());
        for (text, fits) in [("8", true), ("65536", true), ("7", false), ("65537", false), ("-1", false)] {
            fs::write(home.config_file(), format!("page_cache = {text}\n")).unwrap();
            assert_eq!(home.config().is_ok(), fits, "{text}");
        }
    }
}
