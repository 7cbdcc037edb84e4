//! The program `sealdesk`. One file a command under `commands`; everything that a person reads is written here.

mod access_report;
mod acting;
mod acts;
mod admission;
mod agent;
mod args;
mod attaching;
mod backup_file;
mod backup_passphrase;
mod commands;
mod completing;
mod config;
mod context;
mod contract_call;
mod disclosed;
mod draft_file;
mod editor;
mod event_command;
mod event_forward;
mod event_text;
mod examples;
mod failure;
mod hidden_input;
mod home_files;
#[cfg(test)]
mod hostile;
mod import_plan;
mod inbox_table;
mod json_fields;
mod keep_blocks;
mod last_backup;
mod ledger_clock;
mod localhost;
mod manual;
mod message_text;
mod offered;
mod os_keyring;
mod outcome;
mod output;
mod output_file;
mod parse;
mod paths;
mod plain_http;
mod port;
mod process_status;
mod prompt;
mod receipt_file;
mod restoring;
mod service_manager;
mod settings_file;
mod setup;
mod signals;
mod span;
mod staff;
mod stopped;
mod suggesting;
mod table;
mod text_input;
mod ticket_table;
mod tx_file;
mod tx_text;
mod variables;
mod zone;

use std::process::ExitCode;

use clap::FromArgMatches as _;
use clap::error::ErrorKind;

use crate::commands::Cli;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Format, Output};

fn main() -> ExitCode {
    if let Some(answered) = agent::asked().or_else(completing::asked) {
        return answered;
    }
    let line = variables::without_empty(commands::line());
    let matches = line.clone().try_get_matches();
    let parsed = matches.and_then(|matches| Ok((Cli::from_arg_matches(&matches)?, matches)));
    let (cli, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return misunderstood(error, &line),
    };
    // Settings that cannot be read still leave what the command line says of the output.
    let output = Output::new(cli.global.output.unwrap_or(Format::Text)).choosing(cli.global.json.clone());
    let context = Context::new(cli.global, &matches);
    match context {
        Ok(context) => {
            context.say_that_the_node_is_trusted();
            end(&context, run(&context, cli.command))
        }
        Err(failure) => {
            output.failure(&failure, &[]);
            failure.exit_code()
        }
    }
}

/// A command line that was not understood, or asks for help. A program that wants JSON gets that of an error, too.
fn misunderstood(error: clap::Error, line: &clap::Command) -> ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    let error = suggesting::sensible(error, &words);
    let variable = variables::behind(&error, line, &words);
    if error.exit_code() == 0 || !args::wants_json(words) {
        // A terminal that takes no text cannot be told so either.
        let _ = error.print();
        if let Some(variable) = variable {
            let hint = match error.kind() {
                ErrorKind::MissingRequiredArgument => format!("the variable {variable} asks for it"),
                _ => format!("the value is that of the variable {variable}"),
            };
            Output::new(Format::Text).note(&format!("hint: {hint}"));
        }
        return if error.exit_code() == 0 { ExitCode::SUCCESS } else { ExitCode::from(2) };
    }
    let failure = Failure::of_command_line(&error).named_by(variable.as_deref());
    Output::new(Format::Json).failure(&failure, &[]);
    failure.exit_code()
}

fn end(context: &Context, done: Result<(), Failure>) -> ExitCode {
    context.remember();
    match done {
        Ok(()) => {
            context.say_age();
            ExitCode::SUCCESS
        }
        Err(failure) => {
            // What was told and is no success was shown, too; what could not be done says why by itself.
            if matches!(failure, Failure::Quiet(_)) {
                context.say_age();
            }
            context.output().failure(&failure, context.people());
            failure.exit_code()
        }
    }
}

fn run(context: &Context, command: commands::Command) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(format!("cannot start: {error}")))?;
    runtime.block_on(commands::run(context, command))
}
