//! `sealdesk tx roles set-account-state`.

use sealdesk_protocol::account::AccountState;

use crate::parse::{self, Person};

use crate::commands::tx::{Memo, acting, done};
use crate::context::Context;
use crate::failure::Failure;
use crate::prompt;

/// Options of `set-account-state`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Whose account
    #[arg(value_name = "ADDR|NAME")]
    person: Person,
    /// active, suspended or terminated (for ever)
    #[arg(value_name = "STATE", value_parser = parse::account_state)]
    state: AccountState,
    /// Why. PUBLIC: everyone can read it, for ever; at most 128 bytes
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, default_value = "")]
    reason: String,
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if args.state == AccountState::Terminated {
        let question = format!("Terminate {}? That account will never act again.", args.person);
        prompt::confirm(context.output(), context.settings().yes, &question)?;
    }
    let (desk, me) = acting(context, &args.memo).await?;
    let person = context.address(&args.person)?;
    let outcome = desk.set_account_state(&me, &person, args.state, &args.reason).await?;
    done(context, &outcome, || format!("{} is {} now", args.person, args.state.name()))
}
