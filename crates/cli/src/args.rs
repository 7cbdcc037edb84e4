//! The options that every command understands.

use std::ffi::OsString;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use clap::Args;
use sealdesk_client::keyring::Backend;
use sealdesk_client::stacks::wire::principal::ContractId;
use sealdesk_client::stacks::wire::transaction::Network;

use crate::output::Format;
use crate::parse::Person;
use crate::variables;

/// Reads a keyring backend.
pub(crate) fn backend(name: &str) -> Result<Backend, String> {
    Backend::parse(name)
        .ok_or_else(|| "use file (with a passphrase), os (by the keyring of this computer) or test (without either, for scripts)".to_owned())
}

/// How long a node may be waited for, in seconds.
pub(crate) const PATIENCE_SECONDS: RangeInclusive<u64> = 1..=3_600;

/// Most by which a clock may be said to be off, in seconds: a day.
const CLOCK_TOLERANCE_SECONDS_MAX: u32 = 86_400;

/// What keeps the tickets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ledger {
    /// A ledger of one's own, behind a node of this program.
    Native,
    /// A contract on Stacks.
    Stacks,
}

/// Reads a kind of ledger.
pub(crate) fn ledger(name: &str) -> Result<Ledger, String> {
    match name {
        "native" => Ok(Ledger::Native),
        "stacks" => Ok(Ledger::Stacks),
        _ => Err("use native (a ledger of your own) or stacks (a contract on Stacks)".to_owned()),
    }
}

/// Reads a contract.
pub(crate) fn contract(text: &str) -> Result<ContractId, String> {
    ContractId::parse(text).map_err(|error| error.to_string())
}

/// Reads a network of Stacks.
pub(crate) fn network(name: &str) -> Result<Network, String> {
    match name {
        "mainnet" => Ok(Network::Mainnet),
        "testnet" => Ok(Network::Testnet),
        _ => Err("use mainnet or testnet".to_owned()),
    }
}

/// Reads a text that is not empty.
pub(crate) fn some(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("it is empty: leave the option out, or give it a value".to_owned()),
        text => Ok(text.to_owned()),
    }
}

/// Reads how long to wait for a node.
fn patience(text: &str) -> Result<u64, String> {
    let (least, most) = (PATIENCE_SECONDS.start(), PATIENCE_SECONDS.end());
    let seconds = text.parse().ok().filter(|seconds| PATIENCE_SECONDS.contains(seconds));
    seconds.ok_or_else(|| format!("write a number of seconds, from {least} to {most}"))
}

/// Reads the most that a command may pay.
fn fee(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "write a number of microSTX, as in 50000".to_owned())
}

/// Reads by how much a clock may be off.
fn clock_tolerance(text: &str) -> Result<u32, String> {
    let seconds = text.parse().ok().filter(|seconds| *seconds <= CLOCK_TOLERANCE_SECONDS_MAX);
    seconds.ok_or_else(|| format!("write a number of seconds, at most {CLOCK_TOLERANCE_SECONDS_MAX}"))
}

/// Reads an output format.
pub(crate) fn format(name: &str) -> Result<Format, String> {
    Format::parse(name).ok_or_else(|| "use text (for people) or json (for programs)".to_owned())
}

/// Whether the answer is to be JSON, read from a command line that was not understood as a whole.
pub(crate) fn wants_json(args: impl IntoIterator<Item = OsString>) -> bool {
    let args: Vec<OsString> = args.into_iter().collect();
    let chooses =
        |arg: &OsString| arg.to_str().is_some_and(|arg| arg == "--json" || arg.starts_with("--json="));
    if args.iter().any(chooses) {
        return true;
    }
    let named = args.iter().enumerate().rev().find_map(|(place, arg)| match arg.to_str()? {
        "--output" => args.get(place + 1)?.to_str().map(str::to_owned),
        other => other.strip_prefix("--output=").map(str::to_owned),
    });
    let format = named.or_else(|| variables::get("SEALDESK_OUTPUT")?.into_string().ok());
    format.as_deref().and_then(Format::parse) == Some(Format::Json)
}

/// Options of every command. What is not given comes from the environment, then from `client.toml` in the home.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Global {
    /// Folder of keys, settings and ledger [default: ~/.sealdesk]
    #[arg(long, global = true, value_name = "DIR", env = "SEALDESK_HOME", hide_env_values = true)]
    pub(crate) home: Option<PathBuf>,
    /// Node to talk to [default: the one started from this home, else http://127.0.0.1:9090]
    #[arg(long, global = true, value_name = "URL", value_parser = some, env = "SEALDESK_NODE", hide_env_values = true)]
    pub(crate) node: Option<String>,
    /// Chain id of the ledger that the node must serve; commands refuse any other
    #[arg(long, global = true, value_name = "ID", value_parser = some, env = "SEALDESK_CHAIN_ID", hide_env_values = true)]
    pub(crate) chain_id: Option<String>,
    /// Key to act with: its name in the keyring, or its address
    #[arg(long, global = true, value_name = "NAME", env = "SEALDESK_FROM", hide_env_values = true)]
    pub(crate) from: Option<Person>,
    /// How keys are kept: file (encrypted with a passphrase), os (by the keyring of this computer) or test (not encrypted) [default: file]
    #[arg(long, global = true, value_name = "KIND", value_parser = backend, env = "SEALDESK_KEYRING_BACKEND", hide_env_values = true)]
    pub(crate) keyring_backend: Option<Backend>,
    /// How output is printed: text or json [default: text]
    #[arg(long, global = true, value_name = "FORMAT", value_parser = format, env = "SEALDESK_OUTPUT", hide_env_values = true)]
    pub(crate) output: Option<Format>,
    /// Print only these fields of the output, as JSON, separated by commas; for a list, the fields of each entry. An unknown field prints the valid ones
    #[arg(long, global = true, value_name = "FIELDS", value_delimiter = ',', value_parser = some)]
    pub(crate) json: Vec<String>,
    /// What keeps the tickets: native (a ledger of your own) or stacks (a contract on Stacks) [default: native]
    #[arg(long, global = true, value_name = "KIND", value_parser = ledger, env = "SEALDESK_LEDGER", hide_env_values = true)]
    pub(crate) ledger: Option<Ledger>,
    /// The desk's contract on Stacks, as ADDRESS.NAME; implies --ledger stacks
    #[arg(long, global = true, value_name = "ID", value_parser = contract, env = "SEALDESK_CONTRACT", hide_env_values = true)]
    pub(crate) contract: Option<ContractId>,
    /// Network of Stacks: mainnet or testnet [default: the contract's, else mainnet]
    #[arg(long, global = true, value_name = "NAME", value_parser = network, env = "SEALDESK_NETWORK", hide_env_values = true)]
    pub(crate) network: Option<Network>,
    /// Most to pay on Stacks for one command, in microSTX; with it, no question is asked [default: 5000000]
    #[arg(long, global = true, value_name = "MICROSTX", value_parser = fee, env = "SEALDESK_FEE_MAX", hide_env_values = true)]
    pub(crate) fee_max: Option<u64>,
    /// How long to wait for a node that is away, silent or behind, in seconds [default: 10]
    #[arg(long, global = true, value_name = "SECONDS", value_parser = patience, env = "SEALDESK_PATIENCE", hide_env_values = true)]
    pub(crate) patience: Option<u64>,
    /// Believe the node without proofs; nothing is sealed or granted then
    #[arg(long, global = true, env = "SEALDESK_TRUST_NODE", hide_env_values = true)]
    pub(crate) trust_node: bool,
    /// Reach a node on another machine over plain HTTP
    #[arg(long, global = true, env = "SEALDESK_INSECURE", hide_env_values = true)]
    pub(crate) insecure: bool,
    /// File of certificates, as PEM, of authorities that may vouch for a node at https:// beside those of this computer
    #[arg(long, global = true, value_name = "FILE", env = "SEALDESK_CA", hide_env_values = true)]
    pub(crate) ca: Option<PathBuf>,
    /// Show times in UTC, not in the zone of this computer; what does not go to a terminal has UTC anyway
    #[arg(long, global = true)]
    pub(crate) utc: bool,
    /// Show addresses in full, instead of the names that this home knows
    #[arg(long, global = true, env = "SEALDESK_ADDRESSES", hide_env_values = true)]
    pub(crate) addresses: bool,
    /// Believe the first answer of a ledger that this home has not met, without comparing its words
    #[arg(long, global = true, env = "SEALDESK_TRUST_FIRST", hide_env_values = true)]
    pub(crate) trust_first: bool,
    /// How many seconds more than 300 the ledger's newest block may be from this computer's clock
    #[arg(long, global = true, value_name = "SECONDS", value_parser = clock_tolerance, env = "SEALDESK_CLOCK_TOLERANCE", hide_env_values = true)]
    pub(crate) clock_tolerance: Option<u32>,
    /// File whose first line is the invitation code for a desk that requires one of new accounts
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "SEALDESK_INVITATION_FILE",
        hide_env_values = true
    )]
    pub(crate) invitation_file: Option<PathBuf>,
    /// Also show each transaction's block height and hash
    #[arg(long, short = 'v', global = true)]
    pub(crate) verbose: bool,
    /// Ask no questions
    #[arg(long, short = 'y', global = true)]
    pub(crate) yes: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_that_is_not_understood_still_says_how_it_wants_to_be_answered() {
        let wants = |line: &str| wants_json(line.split(' ').map(OsString::from));
        assert!(wants("sealdesk tx --output json nonsense"));
        assert!(wants("sealdesk nonsense --output=json"));
        assert!(wants("sealdesk nonsense --json height") && wants("sealdesk nonsense --json=height"));
        assert!(!wants("sealdesk --output json nonsense --output text"));
        assert!(!wants("sealdesk nonsense --output"));
        assert!(!wants("sealdesk nonsense json"));
    }
}
