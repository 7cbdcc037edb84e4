//! `sealdesk completions SHELL`.

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::Cli;
use crate::context::Context;
use crate::failure::Failure;

/// Options of `completions`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "For bash: sealdesk completions bash > ~/.local/share/bash-completion/completions/sealdesk"
)]
pub(crate) struct Args {
    /// Which shell
    shell: Shell,
}

pub(super) fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "sealdesk", &mut script);
    context.output().line(&String::from_utf8_lossy(&script))
}
