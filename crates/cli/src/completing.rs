//! What can follow on a command line. The scripts that shells source ask this program each time, so that they are never older than it,
//! know every level, and know the names of a home.

use std::any::TypeId;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Arg, Command};
use clap_complete::engine::{ArgValueCandidates, ArgValueCompleter, CompletionCandidate};
use clap_complete::env::{CompleteEnv, Shells};
use sealdesk_client::keyring::{Backend, Keyring};
use sealdesk_client::stacks::wire::transaction::Network;
use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::document::{DocumentName, ShelfKind};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::params::DEFAULT_CATEGORIES;
use sealdesk_protocol::ticket::{Priority, Status};

use crate::acts::tickets::View;
use crate::args::Ledger;
use crate::offered;
use crate::output::Format;
use crate::parse::Person;
use crate::variables;

/// Set by the script of a shell that asks what can follow; its value is the shell.
const VARIABLE: &str = "SEALDESK_COMPLETE";
/// What people type.
const PROGRAM: &str = "sealdesk";
/// Commands whose argument is the name of a key that is there.
const OF_KEYS: [&str; 5] = ["delete", "export", "register", "rename", "show"];

/// Commands for tickets that are over.
const OF_ENDED: [&str; 4] = ["erase", "rate", "reopen", "reopen-ticket"];

/// Answers a shell that asks what can follow; `None` where no shell asks.
pub(crate) fn asked() -> Option<ExitCode> {
    variables::get(VARIABLE)?;
    let answers =
        CompleteEnv::with_factory(|| with_values(crate::commands::line())).var(VARIABLE).bin(PROGRAM);
    let folder = std::env::current_dir().ok();
    // A message would stand in the middle of what somebody types.
    let answered = answers.completer(PROGRAM).try_complete(std::env::args_os(), folder.as_deref());
    match answered {
        Ok(false) => None,
        Ok(true) => Some(ExitCode::SUCCESS),
        Err(_) => Some(ExitCode::FAILURE),
    }
}

/// What a shell sources; `None` for one that is not known.
pub(crate) fn script(shell: &str) -> Option<std::io::Result<Vec<u8>>> {
    let shells = Shells::builtins();
    let shell = shells.completer(shell)?;
    let mut script = Vec::new();
    Some(shell.write_registration(VARIABLE, PROGRAM, PROGRAM, PROGRAM, &mut script).map(|()| script))
}

/// The command line, whose options and arguments know what they may be.
fn with_values(command: Command) -> Command {
    let of_keys = OF_KEYS.contains(&command.get_name());
    let tickets =
        if OF_ENDED.contains(&command.get_name()) { offered::ended_tickets } else { offered::tickets };
    let command = command.mut_args(|arg| match values(&arg, of_keys) {
        Some(values) => arg.add(values),
        None if arg.get_value_parser().type_id() == TypeId::of::<TicketId>() => {
            arg.add(ArgValueCompleter::new(tickets))
        }
        None => arg,
    });
    command.mut_subcommands(with_values)
}

fn values(arg: &Arg, of_keys: bool) -> Option<ArgValueCandidates> {
    let id = arg.get_id().as_str();
    let read = arg.get_value_parser().type_id();
    if read == TypeId::of::<DocumentName>() {
        return Some(ArgValueCandidates::new(offered::documents));
    }
    if id == "from" || (of_keys && id == "name") {
        return Some(ArgValueCandidates::new(|| candidates(names().into_iter().chain(offered::accounts()))));
    }
    if read == TypeId::of::<Person>() {
        let people = || names().into_iter().chain(offered::contacts()).chain(offered::accounts());
        return Some(ArgValueCandidates::new(move || candidates(people())));
    }
    let words = if read == TypeId::of::<Format>() {
        words(["text", "json"])
    } else if read == TypeId::of::<Backend>() {
        words(Backend::ALL.map(Backend::name))
    } else if read == TypeId::of::<Ledger>() {
        words(["native", "stacks"])
    } else if read == TypeId::of::<Network>() {
        words(["mainnet", "testnet"])
    } else if read == TypeId::of::<Priority>() {
        words(["low", "normal", "high", "urgent"])
    } else if read == TypeId::of::<Status>() {
        words(Status::ALL.map(Status::name))
    } else if read == TypeId::of::<AssignableRole>() {
        words(["administrator", "support_agent", "customer"])
    } else if read == TypeId::of::<View>() {
        words(View::ALL.map(View::name))
    } else if read == TypeId::of::<AccountState>() {
        words(["active", "suspended", "terminated"])
    } else if read == TypeId::of::<ShelfKind>() {
        words(["own", "staff", "public"])
    } else if id == "category" {
        words(DEFAULT_CATEGORIES)
    } else {
        return None;
    };
    Some(ArgValueCandidates::new(move || candidates(words.clone())))
}

fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}

fn candidates(words: impl IntoIterator<Item = String>) -> Vec<CompletionCandidate> {
    words.into_iter().map(CompletionCandidate::new).collect()
}

/// The names of the keys of this home, of both kinds of keyring. What cannot be read has no names: nobody could be told why.
fn names() -> BTreeSet<String> {
    let Some(home) = home() else { return BTreeSet::new() };
    // Asking makes no folder.
    let is_there = |backend: &Backend| home.join(format!("keyring-{}", backend.name())).is_dir();
    let keyrings = Backend::ALL.into_iter().filter(is_there);
    let listed = keyrings.filter_map(|backend| Keyring::open(&home, backend).ok()?.list().ok()).flatten();
    listed.map(|key| key.name.to_string()).collect()
}

/// The home of the command line that is being typed, of the environment, or the usual one.
fn home() -> Option<PathBuf> {
    let typed: Vec<OsString> = std::env::args_os().collect();
    let named = typed.iter().enumerate().rev().find_map(|(place, word)| match word.to_str()? {
        "--home" => typed.get(place + 1).cloned(),
        other => other.strip_prefix("--home=").map(OsString::from),
    });
    let named = named.or_else(|| variables::get("SEALDESK_HOME")).map(PathBuf::from);
    named.or_else(|| Some(std::env::home_dir()?.join(".sealdesk")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{args, parse};

    #[test]
    fn what_is_offered_is_understood() {
        let offered = |command: &[&str], id: &str| -> Vec<String> {
            let mut line = with_values(crate::commands::line());
            line.build();
            let found = command.iter().fold(&line, |line, name| line.find_subcommand(name).unwrap());
            let arg = found.get_arguments().find(|arg| arg.get_id() == id).unwrap();
            let values: Vec<CompletionCandidate> = arg.get::<ArgValueCandidates>().unwrap().candidates();
            values.iter().map(|value| value.get_value().to_str().unwrap().to_owned()).collect()
        };
        let all = |command: &[&str], id: &str, understood: &dyn Fn(&str) -> bool| {
            let offered = offered(command, id);
            assert!(offered.len() > 1 && offered.iter().all(|word| understood(word)), "{id}: {offered:?}");
        };
        all(&["version"], "output", &|word| Format::parse(word).is_some());
        all(&["version"], "keyring_backend", &|word| Backend::parse(word).is_some());
        all(&["version"], "ledger", &|word| args::ledger(word).is_ok());
        all(&["version"], "network", &|word| args::network(word).is_ok());
        all(&["tx", "support", "set-priority"], "priority", &|word| parse::priority(word).is_ok());
        all(&["tx", "roles", "assign-role"], "role", &|word| parse::role(word).is_ok());
        all(&["tx", "roles", "set-account-state"], "state", &|word| parse::account_state(word).is_ok());
        all(&["query", "support", "tickets-by-status"], "status", &|word| Status::parse(word).is_some());
        all(&["tx", "support", "create-ticket"], "category", &|word| DEFAULT_CATEGORIES.contains(&word));
    }
}
