//! `sealdesk help [COMMAND …]`, and what is not of one command: `sealdesk help permissions`.

use clap::error::ErrorKind;
use sealdesk_node::{Permission, permissions};
use serde_json::json;

use crate::commands;
use crate::context::Context;
use crate::failure::Failure;
use crate::table;

/// The page that is not of a command.
const PERMISSIONS: &str = "permissions";

/// Options of `help`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A command; or `permissions`: who may do what
    #[arg(value_name = "COMMAND")]
    words: Vec<String>,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    if let [topic] = &args.words[..]
        && topic == PERMISSIONS
    {
        return print_permissions(context);
    }
    // As the command itself answers to --help, on standard output.
    let words = ["sealdesk".to_owned()].into_iter().chain(args.words.iter().cloned());
    match commands::line().try_get_matches_from(words.chain(["--help".to_owned()])) {
        Err(error) if error.kind() == ErrorKind::DisplayHelp => context.output().line(&error.to_string()),
        Err(_) | Ok(_) => Err(Failure::usage(
            format!("'{}' is not a command", args.words.join(" ")),
            "`sealdesk help` lists the commands; `sealdesk help permissions` shows who may do what",
        )),
    }
}

fn print_permissions(context: &Context) -> Result<(), Failure> {
    let permissions = permissions();
    let value: Vec<_> = permissions
        .iter()
        .map(|Permission { action, allowed }| json!({ "action": action, "allowed": allowed }))
        .collect();
    context.output().answer(&value, || {
        let width = context.output().width();
        let table = match width {
            // A table's last column would be wider than any terminal.
            Some(_) => {
                let rows = permissions.iter().map(|Permission { action, allowed }| (*action, allowed.join("; ")));
                table::fields_within(&rows.collect::<Vec<_>>(), width)
            }
            None => {
                let rows = permissions.iter();
                let rows = rows.map(|Permission { action, allowed }| vec![(*action).to_owned(), allowed.join("; ")]);
                table::rows(&["ACTION", "WHO MAY"], rows.collect())
            }
        };
        format!(
            "{table}\n\nWhat is allowed here can still be refused for the ticket's state, a limit or the envelope."
        )
    })
}
