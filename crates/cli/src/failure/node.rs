//! Why a desk of this home does not start, or stopped.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use sealdesk_node::NodeError;
use sealdesk_node::comet::{CometError, is_replicated};
use sealdesk_node::home::{Home, HomeError};
use sealdesk_node::http::TlsError;
use sealdesk_node::port::PortError;
use sealdesk_node::solo::SoloError;
use sealdesk_node::validator::ValidatorKeyError;
use sealdesk_protocol::block::ValidatorError;

use super::{Failure, at_home, quoted};
use crate::paths::{home_option, typed_path};

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
            Failure::hinted(error.to_string(), on_by_export("where a newer copy of data/ exists, put it back", home))
        }
        NodeError::Ledger(error @ SoloError::OtherValidator) => Failure::hinted(error.to_string(), on_without_key(home)),
        other => other.into(),
    }
}

/// How a desk goes on whose key was lost: no backup has it.
fn on_without_key(home: &Path) -> String {
    if is_replicated(&Home::new(home)) {
        return "put back the copy of validator_key.json that you keep elsewhere; without one this node goes on in another home with another key, which the \
                administrators vote in: docs/operating.md, Adding and removing a validator"
            .to_owned();
    }
    on_by_export("where a copy of validator_key.json exists, put it back: no backup has one", home)
}

/// How a desk goes on that does not start any more and whose data can be read. A test types these commands.
fn on_by_export(first: &str, home: &Path) -> String {
    let (option, new) = (home_option(home), typed_path(&beside(home)));
    format!(
        "{first}. Else the desk goes on as a new ledger: `sealdesk{option} export -o desk.json`, \
         `sealdesk import desk.json --home {new}`, `sealdesk start --home {new}`. Then each administrator says, with a key and a home of their own, \
         `sealdesk trust IDENTITY`, as import shows it, and `sealdesk tx ledger continue-ledger --from NAME`: with more than half of them everybody's program follows"
    )
}

/// A home that is not there yet, next to another one.
fn beside(home: &Path) -> PathBuf {
    let mut name = home.as_os_str().to_owned();
    name.push("-new");
    name.into()
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

/// What mends a validator's key that cannot be used.
fn of_key(error: &ValidatorKeyError) -> String {
    let lost = |path: &Path| on_without_key(path.parent().unwrap_or(path));
    match error {
        ValidatorKeyError::Io { path, error } if error.kind() == ErrorKind::NotFound => lost(path),
        ValidatorKeyError::Io { path, error } => at_home(path, error).hint().unwrap_or_default().into_owned(),
        ValidatorKeyError::Permissions(path) => format!("`chmod 600 {}` closes it", quoted(path)),
        ValidatorKeyError::Form(path) => lost(path),
        ValidatorKeyError::Randomness(_) => "`sealdesk doctor` checks this home".to_owned(),
    }
}

/// Where the beginning of a ledger is to be had. Nothing makes it again: it is part of the ledger's identity.
fn on_without_genesis(home: &Path) -> String {
    let (option, new) = (home_option(home), typed_path(&beside(home)));
    if is_replicated(&Home::new(home)) {
        return format!(
            "nothing was changed. The genesis is the same at every node: get its file from another one, compare it \
             with a third, and put it back as {}; --home DIR names another place for another desk",
            typed_path(&home.join("genesis.json"))
        );
    }
    format!(
        "nothing was changed. Put genesis.json back from a copy of this home: only the very same one fits. Else `sealdesk restore FILE --home {new}` makes a desk of \
         what `sealdesk{option} backup` wrote, which has it; --home DIR names another place for another desk"
    )
}

impl From<HomeError> for Failure {
    fn from(error: HomeError) -> Self {
        let hint = match &error {
            HomeError::Exists(home) => {
                let hint = format!("`sealdesk{} start` runs it; --home DIR names another place", home_option(home));
                return Self::hinted(error.to_string(), hint);
            }
            HomeError::Restoring(_) => {
                "run the same `sealdesk restore FILE` again: it goes on where it ended"
            }
            HomeError::Missing(home) => {
                let hint = format!("`sealdesk{} start` makes one; --home DIR names another place", home_option(home));
                return Self::hinted(error.to_string(), hint);
            }
            HomeError::GenesisMissing(home) => {
                let hint = on_without_genesis(home);
                return Self::hinted(error.to_string(), hint);
            }
            HomeError::Genesis(_) => "genesis.json was changed or is of another program; restore it",
            HomeError::Io { .. } => "check who owns that path; --home DIR names another place",
            HomeError::Config { .. } => "config.toml holds lines such as `listen = \"127.0.0.1:9090\"`",
            HomeError::Key(why) => {
                let hint = of_key(why);
                return Self::hinted(error.to_string(), hint);
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
            SoloError::OtherLedger { .. } => {
                "name the right --home; if it is this one, put its own genesis.json back. Else `sealdesk restore FILE --home DIR` makes the desk of what `sealdesk backup` wrote"
            }
            SoloError::OtherValidator => {
                "name the right --home; if it is this one, put its own validator_key.json back, which no backup has: else `sealdesk start` says how the desk goes on as a new ledger"
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
