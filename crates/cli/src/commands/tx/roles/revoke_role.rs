//! `sealdesk tx roles revoke-role`.

use sealdesk_client::stacks::wire::contract::Request;
use sealdesk_protocol::messages::AssignableRole;
use serde_json::Value;

use crate::args::Ledger;
use crate::commands::tx::{Memo, acting, done_with, of_vote};
use crate::context::Context;
use crate::contract_call;
use crate::failure::Failure;
use crate::parse::{self, Person};
use crate::prompt;
use crate::staff::{self, Leaver, Left};

/// Options of `revoke-role`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "You are first shown what they hold, and asked about it: tickets, votes, agents whom they appointed. Without a terminal, this needs --yes. For example:\n  sealdesk tx roles revoke-role bob support_agent\n`sealdesk staff remove` does this, revokes their keys and passes their tickets on."
)]
pub(crate) struct Args {
    /// Who loses it
    #[arg(value_name = "ADDR|NAME")]
    person: Person,
    /// administrator, support_agent, customer or gateway
    #[arg(value_name = "ROLE", value_parser = parse::role)]
    role: AssignableRole,
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    match context.ledger() {
        Ledger::Native => native(context, &args).await,
        Ledger::Stacks => on_stacks(context, &args).await,
    }
}

/// What is asked in any case before an administrator loses the role.
fn question(args: &Args) -> Option<String> {
    let asked = args.role == AssignableRole::Administrator;
    asked.then(|| format!("Take the role of administrator from {}?", args.person))
}

fn said(args: &Args) -> String {
    format!("{} has lost the role {}", args.person, args.role.name())
}

async fn native(context: &Context, args: &Args) -> Result<(), Failure> {
    let (desk, me) = acting(context, &args.memo).await?;
    let person = context.address(&args.person)?;
    let who: &str = &args.person;
    let held = match args.role {
        AssignableRole::Administrator | AssignableRole::SupportAgent => {
            let leaver = Leaver { who, address: &person, me: Some(&me) };
            staff::ask_before_leaving(context, &desk, leaver, question(args).as_deref()).await?
        }
        AssignableRole::Customer | AssignableRole::Gateway => Value::Null,
    };
    let outcome = desk.revoke_role(&me, &person, args.role).await?;
    let left = staff::left(&desk, &person).await;
    let ids = left.as_ref().map(Left::ids).unwrap_or_default();
    done_with(context, &outcome, &[("still_assigned", ids.into()), ("held", held)], || {
        let left = left.map(|left| left.text(who)).unwrap_or_default();
        format!("{}{left}", of_vote(&outcome, &said(args)))
    })
}

async fn on_stacks(context: &Context, args: &Args) -> Result<(), Failure> {
    if let Some(question) = question(args) {
        prompt::confirm(context.output(), context.settings().yes, &question)?;
    }
    args.memo.refuse_on_stacks()?;
    let person = context.principal(&args.person)?;
    let request = match args.role {
        AssignableRole::Administrator => Request::RemoveAdministrator(person),
        AssignableRole::SupportAgent => Request::RemoveStaffMember(person),
        AssignableRole::Customer | AssignableRole::Gateway => {
            return Err(super::no_list_of_customers(context));
        }
    };
    contract_call::one(context, request, &said(args)).await
}
