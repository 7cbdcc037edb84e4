//! `sealdesk tx roles set-account-state`.

use sealdesk_protocol::account::AccountState;
use serde_json::Value;

use crate::parse::{self, Person};

use crate::commands::tx::{Memo, Reason, acting_openly, done_with};
use crate::context::Context;
use crate::failure::Failure;
use crate::staff::{self, Leaver, Left};

/// Options of `set-account-state`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "You are first shown what the person holds, and asked about it. Without a terminal, this needs --yes. \
    For example:\n  sealdesk tx roles set-account-state bob suspended --reason \"on leave\""
)]
pub(crate) struct Args {
    /// Whose account
    #[arg(value_name = "ADDR|NAME")]
    person: Person,
    /// active, suspended or terminated (for ever)
    #[arg(value_name = "STATE", value_parser = parse::account_state)]
    state: AccountState,
    #[command(flatten)]
    why: Reason,
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let (desk, me) = acting_openly(context, &args.memo).await?;
    let person = context.address(&args.person)?;
    let who: &str = &args.person;
    let terminates = args.state == AccountState::Terminated;
    let question = terminates.then(|| format!("Terminate {who}? That account will never act again."));
    let held = match args.state {
        AccountState::Active => Value::Null,
        AccountState::Suspended | AccountState::Terminated => {
            let leaver = Leaver { who, address: &person, me: me.actor() };
            staff::ask_before_leaving(context, &desk, leaver, question.as_deref()).await?
        }
    };
    let outcome = desk.set_account_state(me.author(), &person, args.state, &args.why.reason).await?;
    let left = staff::left(&desk, &person).await;
    let ids = left.as_ref().map(Left::ids).unwrap_or_default();
    done_with(context, &outcome, &[("still_assigned", ids.into()), ("held", held)], || {
        let left = left.map(|left| left.text(who)).unwrap_or_default();
        format!("{who} is now {}{left}", args.state.name())
    })
}
