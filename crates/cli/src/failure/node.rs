//! Why a desk of this home does not start, or stopped.

use std::io::ErrorKind;
use std::path::Path;

use sealdesk_node::NodeError;
use sealdesk_node::comet::CometError;
use sealdesk_node::home::HomeError;
use sealdesk_node::http::TlsError;
use sealdesk_node::port::PortError;
use sealdesk_node::solo::SoloError;
use sealdesk_protocol::block::ValidatorError;

use super::Failure;
use crate::paths::{home_option, shown_path};

impl From<NodeError> for Failure {
    fn from(error: NodeError) -> Self {
        match error {
            NodeError::Home(error) => error.into(),
            NodeError::Ledger(error) => error.into(),
            NodeError::Comet(error) => error.into(),
            NodeError::MadeByComet(_) => Self::hinted(error.to_string(), "leave --engine out"),
            NodeError::Listen { error: ref why, .. } => Self::hinted(
                error.to_string(),
                match why.kind() {
                    ErrorKind::AddrInUse => {
                        "another program uses that port; name another with --listen or --metrics 127.0.0.1:PORT, 0 for any that is free"
                    }
                    _ => "name an address of this computer, as in --listen 127.0.0.1:9090",
                },
            ),
            NodeError::Port(error) => error.into(),
            NodeError::KeepBlocks => Self::hinted(
                error.to_string(),
                "leave --keep-blocks and keep_blocks out; write retain_blocks into [comet]",
            ),
            NodeError::SameMetrics(_) => Self::hinted(
                error.to_string(),
                "leave out that of [comet]: the node serves CometBFT's metrics with its own",
            ),
            NodeError::Webcat(_) => Self::hinted(
                error.to_string(),
                "docs/webcat.md says what the folder holds; name another with --webcat DIR, or leave it out",
            ),
            NodeError::Start(_) => Self::new(error.to_string()),
        }
    }
}

impl From<PortError> for Failure {
    fn from(error: PortError) -> Self {
        let hint = match &error {
            PortError::Exposed(_) => {
                "show a certificate with --tls-cert FILE --tls-key FILE; or add --behind-proxy where a proxy in front speaks TLS, and --proxy ADDRESS where that is on another computer; \
                 or leave --listen out and reach this computer through `ssh -L 9090:127.0.0.1:9090 HOST`"
            }
            PortError::HalfTls => "name both: --tls-cert FILE --tls-key FILE",
            PortError::Tls(TlsError::Processor) => {
                "put a proxy that speaks TLS in front, and start with --behind-proxy"
            }
            PortError::Tls(_) => {
                "--tls-cert and --tls-key name files of PEM, which this program's user can read; the certificate comes first, then those that lead to its authority"
            }
            PortError::Url { .. } => "write scheme and host, as in https://desk.example; a port may follow",
            PortError::Proxy(_) => "write an address or a network, as in --proxy 10.0.0.5",
            PortError::NoProxy => {
                "add --behind-proxy, or behind_proxy = true in the section [port] of config.toml"
            }
            PortError::Count { .. } => {
                "leave it out for what is so by default; docs/operating.md, Strangers, says what each holds"
            }
            PortError::Share { .. } => "give all together more, or one address less",
            PortError::Files { needed, .. } => {
                let hint = format!(
                    "type `ulimit -n {needed}` first, or write LimitNOFILE={needed} into the unit of its service; or name fewer --connections"
                );
                return Self::hinted(error.to_string(), hint);
            }
        };
        Self::hinted(error.to_string(), hint)
    }
}

/// Why the desk of a home does not start. Commands that mend it name the home.
pub(crate) fn of_start(error: NodeError, home: &Path) -> Failure {
    match error {
        NodeError::Ledger(error) if error.is_older_copy() => {
            Failure::hinted(error.to_string(), after_older_copy(home))
        }
        other => other.into(),
    }
}

/// How a desk goes on whose data is an older copy. A test types these commands.
fn after_older_copy(home: &Path) -> String {
    let (option, new) = (home_option(home), format!("{}-new", shown_path(home)));
    format!(
        "where a newer copy of data/ exists, put it back. Else the desk goes on as a new ledger: `sealdesk{option} export -o desk.json`, \
         `sealdesk import desk.json --home {new}`, `sealdesk start --home {new}`. Then each administrator says, with a key and a home of their own, \
         `sealdesk trust IDENTITY`, as import shows it, and `sealdesk tx ledger continue-ledger --from NAME`: with more than half of them everybody's program follows"
    )
}

impl From<CometError> for Failure {
    fn from(error: CometError) -> Self {
        let message = error.to_string();
        let hint = match error {
            CometError::Home(error) => return error.into(),
            CometError::Storage(error) => return SoloError::Storage(error).into(),
            CometError::OtherLedger { .. } => "name the right --home",
            CometError::OlderCopy { .. } | CometError::Copied(_) => "never run two copies of one home",
            CometError::NoProgram | CometError::NotThere(_) => "--engine solo needs no other program",
            CometError::Died { .. } => "its whole log is comet/cometbft.log in this home",
            CometError::Io { .. } => "`sealdesk doctor` checks this home",
            _ => return Self::new(message),
        };
        Self::hinted(message, hint)
    }
}

impl From<HomeError> for Failure {
    fn from(error: HomeError) -> Self {
        let hint = match &error {
            HomeError::Exists(_) => "`sealdesk start` runs it; --home DIR names another place",
            HomeError::Restoring(_) => {
                "run the same `sealdesk restore FILE` again: it goes on where it ended"
            }
            HomeError::Missing(_) => "`sealdesk start` makes one; --home DIR names another place",
            HomeError::Genesis(_) => "genesis.json was changed or is of another program; restore it",
            HomeError::Io { .. } => "check who owns that path; --home DIR names another place",
            HomeError::Config { .. } => "config.toml holds lines such as `listen = \"127.0.0.1:9090\"`",
            HomeError::Key(_) => {
                "a lost or damaged validator_key.json comes from a backup of this home: no other key can take its place"
            }
            HomeError::ChainId(_) | HomeError::Randomness(_) => return Self::new(error.to_string()),
        };
        Self::hinted(error.to_string(), hint)
    }
}

impl From<SoloError> for Failure {
    fn from(error: SoloError) -> Self {
        let message = error.to_string();
        if error.is_in_use() {
            return Self::hinted(message, "a desk runs from this home; stop it first, with Ctrl-C or `kill`");
        }
        let hint = match error {
            SoloError::Storage(_) => {
                "put back what was moved away, or make room where the disk is full; nothing is repaired by itself: `sealdesk restore FILE --home DIR` makes the desk of what `sealdesk backup` wrote. An older copy of the home would go on as a second history"
            }
            SoloError::Validator(ValidatorError::None) => {
                "this genesis.json is an export: make a desk of it with `sealdesk import FILE --home DIR`"
            }
            SoloError::OtherLedger { .. } | SoloError::OtherValidator => {
                "name the right --home; if it is this one, restore genesis.json and validator_key.json from a backup of it"
            }
            SoloError::BlocksMissing { .. } | SoloError::HeadersMissing { .. } => {
                "files of this home are missing or of another time: put back what was moved away; else `sealdesk restore FILE --home DIR` makes the desk of what `sealdesk backup` wrote. An older copy of the home would go on as a second history"
            }
            SoloError::OlderCopy { .. } | SoloError::OtherHistory { .. } => {
                "where a newer copy of data/ exists, put it back; else `sealdesk start` says how the desk goes on as a new ledger"
            }
            SoloError::StateAhead { .. } => {
                "data/state.redb and data/blocks are of one time: put back those that belong together; else `sealdesk restore FILE --home DIR` makes the desk of what `sealdesk backup` wrote"
            }
            SoloError::SignedNote => {
                "if data/ is the newest there ever was, move validator_signed away and start; if it may be older, `sealdesk export -o desk.json` and `sealdesk import desk.json --home DIR` let the desk go on as a new ledger"
            }
            _ => return Self::new(message),
        };
        Self::hinted(message, hint)
    }
}
