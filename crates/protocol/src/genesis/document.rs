//! The outer form: what CometBFT's genesis file holds, field by field. 64-bit numbers are quoted there, as it writes them.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::records::{AppState, Member, Params};
use super::{APP_STATE_SCHEMA, GenesisError, encoding};
use crate::account::AccountState;
use crate::ids::{Address, ChainId, Prefix};
use crate::limits::TIME_RANGE;
use crate::messages::AssignableRole;
use crate::text::unmarked;
use crate::time::time_text;

/// A genesis document as read. [`Genesis::check`] says whether a ledger may begin with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Genesis {
    /// RFC 3339; blocks are never earlier.
    pub genesis_time: String,
    /// The new ledger's name, which no other ledger has.
    pub chain_id: String,
    /// Always `"1"`.
    pub initial_height: String,
    /// What the replicated engine is held to.
    pub consensus_params: ConsensusParams,
    /// The validators that make the first blocks. An export names none: the operator who imports it, or begins a network with it,
    /// names them.
    pub validators: Vec<GenesisValidator>,
    /// Always empty: the state is all in `app_state`.
    pub app_hash: String,
    /// The desk.
    pub app_state: AppState,
}

/// CometBFT's consensus parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // the fields are CometBFT's
pub struct ConsensusParams {
    pub block: BlockParams,
    pub evidence: EvidenceParams,
    pub validator: ValidatorParams,
    pub version: VersionParams,
    pub abci: AbciParams,
}

/// Bounds of a block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // the fields are CometBFT's
pub struct BlockParams {
    pub max_bytes: String,
    pub max_gas: String,
}

impl Default for BlockParams {
    /// 4 MiB a block; this ledger counts no gas.
    fn default() -> Self {
        Self { max_bytes: "4194304".to_owned(), max_gas: "-1".to_owned() }
    }
}

/// How long misbehaviour of validators can be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // the fields are CometBFT's
pub struct EvidenceParams {
    pub max_age_num_blocks: String,
    pub max_age_duration: String,
    pub max_bytes: String,
}

impl Default for EvidenceParams {
    /// CometBFT's own defaults: 100,000 blocks, 48 hours, 1 MiB.
    fn default() -> Self {
        Self {
            max_age_num_blocks: "100000".to_owned(),
            max_age_duration: "172800000000000".to_owned(),
            max_bytes: "1048576".to_owned(),
        }
    }
}

/// Which keys validators have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // the fields are CometBFT's
pub struct ValidatorParams {
    pub pub_key_types: Vec<String>,
}

impl Default for ValidatorParams {
    fn default() -> Self {
        Self { pub_key_types: vec!["ed25519".to_owned()] }
    }
}

/// The application's version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // the fields are CometBFT's
pub struct VersionParams {
    pub app: String,
}

impl Default for VersionParams {
    fn default() -> Self {
        Self { app: "0".to_owned() }
    }
}

/// ABCI 2.0's own parameter; vote extensions stay off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // the fields are CometBFT's
pub struct AbciParams {
    pub vote_extensions_enable_height: String,
}

impl Default for AbciParams {
    fn default() -> Self {
        Self { vote_extensions_enable_height: "0".to_owned() }
    }
}

/// A validator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenesisValidator {
    /// The first 20 bytes of SHA-256 of the key, upper-case hex.
    pub address: String,
    /// Ed25519.
    pub pub_key: PublicKey,
    /// At least 1, quoted.
    pub power: String,
    /// Its operator's name; public.
    pub name: String,
}

/// A public key as CometBFT's JSON writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicKey {
    /// [`PublicKey::ED25519`].
    pub r#type: String,
    /// 32 bytes.
    #[serde(with = "encoding::base64")]
    pub value: Vec<u8>,
}

impl PublicKey {
    /// The one type that validators' keys have here.
    pub const ED25519: &'static str = "tendermint/PubKeyEd25519";
}

impl GenesisValidator {
    /// A validator of this key.
    pub fn new(public_key: &[u8; 32], power: u32, name: &str) -> Self {
        Self {
            address: validator_address(public_key),
            pub_key: PublicKey { r#type: PublicKey::ED25519.to_owned(), value: public_key.to_vec() },
            power: power.to_string(),
            name: name.to_owned(),
        }
    }
}

/// The first 20 bytes of SHA-256 of the key, upper-case hex.
pub(super) fn validator_address(public_key: &[u8]) -> String {
    let hash: [u8; 32] = Sha256::digest(public_key).into();
    hash.iter().take(20).map(|byte| format!("{byte:02X}")).collect()
}

impl Genesis {
    /// A new desk: these administrators, one validator, everything else as by default. `time` is in Unix seconds.
    ///
    /// # Errors
    /// [`GenesisError::Invalid`] where the time is outside the years 1970 to 9999 or there is no administrator.
    pub fn new(
        chain_id: &ChainId,
        prefix: &Prefix,
        time: i64,
        administrators: &[Address],
        validator: GenesisValidator,
    ) -> Result<Self, GenesisError> {
        let genesis_time = time_text(time)
            .ok_or_else(|| GenesisError::at("genesis_time", "is not between 1970 and 9999"))?;
        let mut members: Vec<Member> = administrators
            .iter()
            .map(|address| Member {
                address: address.to_string(),
                role: AssignableRole::Administrator.name().to_owned(),
                state: AccountState::Active.name().to_owned(),
                assigned_by: String::new(),
                assigned_at: time,
                suspended_at: 0,
                appointment: None,
                was_staff: false,
                last_appointed_at: 0,
            })
            .collect();
        members.sort_by(|a, b| a.address.cmp(&b.address));
        let genesis = Self {
            genesis_time,
            chain_id: chain_id.to_string(),
            initial_height: "1".to_owned(),
            consensus_params: ConsensusParams::default(),
            validators: vec![validator],
            app_hash: String::new(),
            app_state: AppState {
                schema: APP_STATE_SCHEMA,
                prefix: prefix.as_str().to_owned(),
                params: Params::from(&crate::params::Params::default()),
                ticket_count: 0,
                members,
                circle: Vec::new(),
                continues: None,
                earlier: Vec::new(),
                accounts: Vec::new(),
                keys: Vec::new(),
                customers: Vec::new(),
                tickets: Vec::new(),
                documents: Vec::new(),
                shelves: Vec::new(),
                published: Vec::new(),
                document_writers: Vec::new(),
            },
        };
        genesis.check()?;
        Ok(genesis)
    }

    /// Reads a document, whether or not a byte order mark stands before it; every field must be known. What it says is judged by [`Genesis::check`].
    ///
    /// # Errors
    /// [`GenesisError::NewerSchema`] before anything else of `app_state` is looked at, else [`GenesisError::Json`].
    pub fn from_json(text: &[u8]) -> Result<Self, GenesisError> {
        #[derive(Deserialize)]
        struct Outer {
            app_state: Inner,
        }
        #[derive(Deserialize)]
        struct Inner {
            schema: u32,
        }
        let wrong = |error: serde_json::Error| GenesisError::Json(error.to_string());
        let text = unmarked(text);
        let found = serde_json::from_slice::<Outer>(text).map_err(wrong)?.app_state.schema;
        if found > APP_STATE_SCHEMA {
            return Err(GenesisError::NewerSchema { found, supported: APP_STATE_SCHEMA });
        }
        serde_json::from_slice(text).map_err(wrong)
    }

    /// The document as a file holds it: indented, with a line break at its end. One document has one text.
    ///
    /// # Errors
    /// [`GenesisError::Json`] where a time is outside the years 1970 to 9999.
    pub fn to_json(&self) -> Result<Vec<u8>, GenesisError> {
        let mut text =
            serde_json::to_vec_pretty(self).map_err(|error| GenesisError::Json(error.to_string()))?;
        text.push(b'\n');
        Ok(text)
    }

    /// Sets the document's time, in Unix seconds.
    ///
    /// # Errors
    /// [`GenesisError::Invalid`] outside the years 1970 to 9999.
    pub fn set_time(&mut self, seconds: i64) -> Result<(), GenesisError> {
        let text = time_text(seconds);
        self.genesis_time =
            text.ok_or_else(|| GenesisError::at("genesis_time", "is not between 1970 and 9999"))?;
        Ok(())
    }

    /// The document with an empty desk: what the ledger keeps of it beside its records.
    #[must_use]
    pub fn without_desk(&self) -> Self {
        Self {
            genesis_time: self.genesis_time.clone(),
            chain_id: self.chain_id.clone(),
            initial_height: self.initial_height.clone(),
            consensus_params: self.consensus_params.clone(),
            validators: self.validators.clone(),
            app_hash: self.app_hash.clone(),
            app_state: AppState {
                schema: self.app_state.schema,
                prefix: self.app_state.prefix.clone(),
                params: self.app_state.params.clone(),
                ticket_count: 0,
                members: Vec::new(),
                circle: Vec::new(),
                continues: None,
                earlier: Vec::new(),
                accounts: Vec::new(),
                keys: Vec::new(),
                customers: Vec::new(),
                tickets: Vec::new(),
                documents: Vec::new(),
                shelves: Vec::new(),
                published: Vec::new(),
                document_writers: Vec::new(),
            },
        }
    }

    /// The document's time in Unix seconds, cut to whole ones.
    ///
    /// # Errors
    /// [`GenesisError::Invalid`] unless it is RFC 3339 in UTC, of the years 1970 to 9999.
    pub fn time(&self) -> Result<i64, GenesisError> {
        seconds_of(&self.genesis_time)
            .ok_or_else(|| GenesisError::at("genesis_time", "is not written as 2026-11-21T09:00:00Z"))
    }
}

/// The Unix seconds of a time as a document writes it: RFC 3339 in UTC, of the years 1970 to 9999.
pub fn seconds_of(text: &str) -> Option<i64> {
    let time = tendermint::Time::parse_from_rfc3339(text).ok().filter(|time| time.to_rfc3339() == text)?;
    Some(time.unix_timestamp()).filter(|seconds| TIME_RANGE.contains(seconds))
}
