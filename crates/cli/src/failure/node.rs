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
                    ErrorKind::PermissionDenied => {
                        "ports below 1024 are root's: name another with --listen or --metrics 127.0.0.1:PORT; a service takes one by a drop-in with \
                         AmbientCapabilities=CAP_NET_BIND_SERVICE and CapabilityBoundingSet=CAP_NET_BIND_SERVICE: docs/operating.md, With systemd"
                    }
                    _ => "name an address of this computer, as in --listen or --metrics 127.0.0.1:PORT",
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
                "docs/webcat.md says what the folder holds; name another with --webcat DIR, or leave it and the variable SEALDESK_WEBCAT out",
            ),
            NodeError::Blobs { .. } | NodeError::Start(_) => Self::new(error.to_string()),
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
        NodeError::Ledger(error) if error.is_older_copy() => Failure::hinted(
            error.to_string(),
            on_by_export("where a newer copy of data/ exists, put it back", home),
        ),
        NodeError::Comet(error @ (CometError::NoProgram | CometError::NotThere(_))) => {
            // A replicated ledger has no other engine.
            let hint = match is_replicated(&Home::new(home)) {
                true => {
                    "this home's ledger is replicated, and needs it; --cometbft FILE names it where it is on this computer already"
                }
                false => {
                    "--cometbft FILE names it where it is on this computer already; a desk of one (`--engine solo`) needs no other program"
                }
            };
            in_lines(&error.to_string(), Some(hint))
        }
        NodeError::Ledger(error @ SoloError::OtherValidator) => {
            Failure::hinted(error.to_string(), on_without_key(home))
        }
        other => other.into(),
    }
}

/// How a desk goes on whose key was lost: no backup has it.
fn on_without_key(home: &Path) -> String {
    if is_replicated(&Home::new(home)) {
        return "put back the copy of validator_key.json that you keep elsewhere; without one, this node continues in another home with another key, which the \
                administrators vote in: docs/operating.md, Adding and removing a validator"
            .to_owned();
    }
    if matches!(Home::new(home).has_data(), Ok(false)) {
        let option = home_option(home);
        return format!(
            "this desk has made no block yet, so nothing is lost with the key: remove {}, and `sealdesk{option} start` makes the desk again",
            typed_path(&home.join("genesis.json"))
        );
    }
    on_by_export("where a copy of validator_key.json exists, put it back: no backup has one", home)
}

/// How a desk goes on that does not start any more and whose data can be read. A test types these commands.
fn on_by_export(first: &str, home: &Path) -> String {
    let (option, new) = (home_option(home), typed_path(&beside(home)));
    format!(
        "{first}. Otherwise the desk continues as a new ledger: `sealdesk{option} export -o desk.json`, \
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
            CometError::NoProgram | CometError::NotThere(_) => {
                "name it with --cometbft FILE where it is on this computer already"
            }
            CometError::Died { .. } => "its whole log is comet/cometbft.log in this home",
            CometError::Io { .. } => "`sealdesk doctor` checks this home",
            _ => return in_lines(&message, None),
        };
        in_lines(&message, Some(hint))
    }
}

/// Most of CometBFT's own lines that are shown.
const COMET_LINES_MAX: usize = 10;
/// Longest of them, in characters.
const COMET_LINE_MAX: usize = 300;

/// A ledger that stopped by itself. What CometBFT said last stands below, line by line.
pub(crate) fn of_ended(reason: &str) -> Failure {
    in_lines(&format!("the ledger stopped by itself: {reason}"), Some("see `sealdesk doctor`"))
}

/// An error of which the first line is this program's, and what follows is for CometBFT to say.
fn in_lines(text: &str, hint: Option<&str>) -> Failure {
    let (message, said) = text.split_once('\n').unwrap_or((text, ""));
    let said: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    // Among many lines of what went well those count that say what did not.
    let is_error = |line: &&str| {
        let line = line.trim_start();
        ["E[", "ERROR", "panic", "Error", "error"].iter().any(|begin| line.starts_with(begin))
    };
    let errors: Vec<&str> = said.iter().copied().filter(is_error).collect();
    let shown = if errors.is_empty() { said } else { errors };
    let shown = shown.iter().skip(shown.len().saturating_sub(COMET_LINES_MAX));
    let shown = shown.map(|line| line.trim().chars().take(COMET_LINE_MAX).collect()).collect();
    let failure = match hint {
        Some(hint) => Failure::hinted(message, hint),
        None => Failure::new(message),
    };
    failure.with_lines(shown)
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
                let hint =
                    format!("`sealdesk{} start` runs it; --home DIR names another place", home_option(home));
                return Self::hinted(error.to_string(), hint);
            }
            HomeError::Restoring(_) => {
                "run the same `sealdesk restore FILE` again: it continues where it stopped"
            }
            HomeError::Missing(home) => {
                let hint = format!(
                    "`sealdesk{} start` makes one; --home DIR names another place",
                    home_option(home)
                );
                return Self::hinted(error.to_string(), hint);
            }
            HomeError::GenesisMissing(home) => {
                let hint = on_without_genesis(home);
                return Self::hinted(error.to_string(), hint);
            }
            HomeError::Genesis(_) => "genesis.json was changed or is of another program; restore it",
            HomeError::Io { .. } => "check who owns that path; --home DIR names another place",
            HomeError::Config { .. } => {
                "config.toml holds lines such as `listen = \"127.0.0.1:9090\"` at its top, and below them sections, such as [comet] with a line `peers = [\"ID@HOST:26656\"]`; docs/operating.md, The home of a node, shows all of them"
            }
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
                "put back what was moved away, or make room where the disk is full; nothing is repaired automatically: `sealdesk restore FILE --home DIR` makes the desk of what `sealdesk backup` wrote. An older copy of the home would continue as a second history"
            }
            SoloError::Validator(ValidatorError::None) => {
                "this genesis.json is an export: make a desk of it with `sealdesk import FILE --home DIR`"
            }
            SoloError::OtherLedger { .. } => {
                "name the right --home; if it is this one, put its own genesis.json back. Else `sealdesk restore FILE --home DIR` makes the desk of what `sealdesk backup` wrote"
            }
            SoloError::OtherValidator => {
                "name the right --home; if it is this one, put its own validator_key.json back, which no backup has: else `sealdesk start` says how the desk continues as a new ledger"
            }
            SoloError::BlocksMissing { .. } | SoloError::HeadersMissing { .. } => {
                "files of this home are missing or of another time: put back what was moved away; else `sealdesk restore FILE --home DIR` makes the desk of what `sealdesk backup` wrote. An older copy of the home would continue as a second history"
            }
            SoloError::OlderCopy { .. } | SoloError::OtherHistory { .. } => {
                "where a newer copy of data/ exists, put it back; else `sealdesk start` says how the desk continues as a new ledger"
            }
            SoloError::StateAhead { .. } => {
                "data/state.redb and data/blocks are of one time: put back those that belong together; else `sealdesk restore FILE --home DIR` makes the desk of what `sealdesk backup` wrote"
            }
            SoloError::SignedNote => {
                "if data/ is the newest there ever was, move validator_signed away and start; if it may be older, `sealdesk export -o desk.json` and `sealdesk import desk.json --home DIR` let the desk continue as a new ledger"
            }
            _ => return Self::new(message),
        };
        Self::hinted(message, hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cometbft_said_last_stands_line_by_line_and_its_errors_alone() {
        let last_words = "I[2026-11-30|09:00:00.000] service start\nE[2026-11-30|09:00:00.001] bad peer\u{1b}[0m\nERROR: failed to create node\n\nI[2026] bye\n";
        let died = CometError::Died {
            deaths: 5,
            how: "exit status: 1".to_owned(),
            last_words: last_words.to_owned(),
        };
        let failure = Failure::from(died);
        assert_eq!(failure.to_string(), "cometbft died 5 times in a row (exit status: 1). Its last words:");
        assert_eq!(
            failure.lines(),
            ["E[2026-11-30|09:00:00.001] bad peer\u{1b}[0m", "ERROR: failed to create node"]
        );
        let ended = of_ended(&format!("it died:\n{}", "long ".repeat(1_000)));
        assert!(ended.lines().len() == 1 && ended.lines()[0].len() == COMET_LINE_MAX, "{ended:?}");
        let many = of_ended(&format!("it died:\n{}", "line\n".repeat(1_000)));
        assert_eq!(many.lines().len(), COMET_LINES_MAX);
    }

    #[test]
    fn who_may_not_take_a_port_is_told_of_the_right_to_it() {
        let of = |kind: ErrorKind| {
            let error = NodeError::Listen { address: "0.0.0.0:443".to_owned(), error: kind.into() };
            Failure::from(error).hint().unwrap().into_owned()
        };
        assert!(of(ErrorKind::PermissionDenied).contains("CAP_NET_BIND_SERVICE"));
        assert!(of(ErrorKind::AddrNotAvailable).contains("an address of this computer"));
    }

    #[test]
    fn a_replicated_home_is_not_sent_to_the_other_engine() {
        let home = tempfile::tempdir().unwrap();
        let hint = |home: &Path| of_start(CometError::NoProgram.into(), home).hint().unwrap().into_owned();
        assert!(hint(home.path()).contains("--engine solo"));
        std::fs::create_dir(home.path().join("comet")).unwrap();
        assert!(!hint(home.path()).contains("solo") && hint(home.path()).contains("--cometbft FILE"));
        let failure = of_start(CometError::NoProgram.into(), home.path());
        assert!(failure.lines().len() == 1 && failure.lines()[0].starts_with("go install "), "{failure:?}");
    }
}
