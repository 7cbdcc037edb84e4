//! The one reader of the environment: a variable that is set to nothing is not set.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};

/// What a variable says, if it says anything.
pub(crate) fn get(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// The command line without the variables that are set to nothing, in every command.
pub(crate) fn without_empty(command: Command) -> Command {
    let says_nothing = |arg: &Arg| {
        arg.get_env().is_some_and(|name| std::env::var_os(name).is_some_and(|value| value.is_empty()))
    };
    let command =
        command.mut_args(|arg| if says_nothing(&arg) { arg.env(None::<&'static str>) } else { arg });
    command.mut_subcommands(without_empty)
}

/// The variable that an option's value came from.
pub(crate) fn that_gave(
    matches: &ArgMatches,
    option: &'static str,
    variable: &'static str,
) -> Option<&'static str> {
    (matches.value_source(option) == Some(ValueSource::EnvVariable)).then_some(variable)
}

/// The variable whose value was not understood, or needs something beside: the option was not written in the command line.
pub(crate) fn behind(error: &clap::Error, command: &Command, line: &[OsString]) -> Option<String> {
    match error.get(ContextKind::InvalidArg)? {
        ContextValue::String(option) => that_said(command, option.split([' ', '=']).next()?, line),
        // What is missing is needed by what was said, which the usage shows with it.
        ContextValue::Strings(missing) => {
            let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) else { return None };
            let usage = usage.to_string();
            let said = |word| that_said(command, word, line);
            // Of several it is the one that the missing option belongs to: --tls-key to --tls-cert, --proxy to --behind-proxy.
            let akin = |word: &&str| missing.iter().any(|missing| is_akin(missing, word));
            usage
                .split_whitespace()
                .filter(akin)
                .find_map(said)
                .or_else(|| usage.split_whitespace().find_map(said))
        }
        _ => None,
    }
}

/// Whether two options have a word of their names in common.
fn is_akin(one: &str, other: &str) -> bool {
    let words = |option: &str| -> Vec<String> {
        option
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .split('-')
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    words(one).iter().any(|word| words(other).contains(word))
}

/// The variable that an option has its value from, where it has one and nobody wrote the option.
fn that_said(command: &Command, long: &str, line: &[OsString]) -> Option<String> {
    let written = line.iter().any(|word| {
        word.to_str().is_some_and(|word| {
            word == long || word.strip_prefix(long).is_some_and(|rest| rest.starts_with('='))
        })
    });
    let variable = variable_of(command, long.strip_prefix("--")?)?;
    (!written && get(&variable).is_some()).then_some(variable)
}

fn variable_of(command: &Command, long: &str) -> Option<String> {
    let own = command.get_arguments().find(|arg| arg.get_long() == Some(long)).and_then(Arg::get_env);
    let own = own.and_then(|name| name.to_str()).map(str::to_owned);
    own.or_else(|| command.get_subcommands().find_map(|command| variable_of(command, long)))
}
