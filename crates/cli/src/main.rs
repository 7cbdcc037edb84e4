//! The program `sealdesk`. One file a command under `commands`; everything that a person reads is written here.

mod args;
mod commands;
mod config;
mod context;
mod error;
mod happened;
mod hints;
mod output;
mod prompt;
mod table;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::Cli;
use crate::context::Context;
use crate::error::Failure;
use crate::output::{Format, Output};

fn main() -> ExitCode {
    let cli = Cli::parse();
    // Settings that cannot be read still leave what the command line says of the output.
    let fallback = Output::new(cli.global.output.unwrap_or(Format::Text));
    let context = Context::new(cli.global);
    let output = context.as_ref().map_or(fallback, Context::output);
    match context.and_then(|context| run(&context, cli.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.failure(&failure);
            failure.exit_code()
        }
    }
}

fn run(context: &Context, command: commands::Command) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(format!("cannot start: {error}")))?;
    runtime.block_on(commands::run(context, command))
}
