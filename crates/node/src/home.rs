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
mod tests;
