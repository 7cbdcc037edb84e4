//! The program `sealdesk`. One file a command under `commands`; everything that a person reads is written here.

mod args;
mod commands;
mod config;
mod context;
mod contract_call;
mod event_text;
mod failure;
mod outcome;
mod output;
mod parse;
mod prompt;
mod setup;
mod signals;
mod stopped;
mod table;
mod ticket_table;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::Cli;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Format, Output};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misunderstood(&error),
    };
    // Settings that cannot be read still leave what the command line says of the output.
    let output = Output::new(cli.global.output.unwrap_or(Format::Text));
    let context = Context::new(cli.global);
    match context {
        Ok(context) => end(&context, run(&context, cli.command)),
        Err(failure) => {
            output.failure(&failure, &[]);
            failure.exit_code()
        }
    }
}

/// A command line that was not understood, or asks for help. A program that wants JSON gets that of an error, too.
fn misunderstood(error: &clap::Error) -> ExitCode {
    if error.exit_code() == 0 || !args::wants_json(std::env::args_os()) {
        // A terminal that takes no text cannot be told so either.
        let _ = error.print();
        return if error.exit_code() == 0 { ExitCode::SUCCESS } else { ExitCode::from(2) };
    }
    let failure = Failure::of_command_line(error);
    Output::new(Format::Json).failure(&failure, &[]);
    failure.exit_code()
}

fn end(context: &Context, done: Result<(), Failure>) -> ExitCode {
    context.remember();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
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
