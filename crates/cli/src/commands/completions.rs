//! `sealdesk completions SHELL`.

use clap_complete::Shell;

use crate::completing;
use crate::context::Context;
use crate::failure::Failure;

/// Options of `completions`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Bash: sealdesk completions bash > ~/.local/share/bash-completion/completions/sealdesk\n\
    Zsh:  source <(sealdesk completions zsh), in ~/.zshrc below compinit\n\
    Fish: sealdesk completions fish > ~/.config/fish/completions/sealdesk.fish\n\
    The script asks the `sealdesk` on PATH what can follow, and offers the names of this home's keys."
)]
pub(crate) struct Args {
    /// Which shell
    shell: Shell,
}

pub(super) fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let name = args.shell.to_string();
    let script = completing::script(&name).ok_or_else(|| {
        Failure::usage(format!("sealdesk has no completions for {name}"), "use bash, zsh or fish")
    })?;
    context.output().line(&String::from_utf8_lossy(&script?))
}
