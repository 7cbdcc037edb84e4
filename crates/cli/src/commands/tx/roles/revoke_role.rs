//! `sealdesk tx roles revoke-role`.

use sealdesk_client::stacks::wire::contract::Request;
use sealdesk_protocol::messages::AssignableRole;

use crate::args::Ledger;
use crate::commands::tx::{Memo, acting, done, of_vote};
use crate::context::Context;
use crate::contract_call;
use crate::failure::Failure;
use crate::parse::{self, Person};
use crate::prompt;

/// Options of `revoke-role`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Who loses it
    #[arg(value_name = "ADDR|NAME")]
    person: Person,
    /// administrator, support_agent or customer
    #[arg(value_name = "ROLE", value_parser = parse::role)]
    role: AssignableRole,
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if args.role == AssignableRole::Administrator {
        let question = format!("Take the role of administrator from {}?", args.person);
        prompt::confirm(context.output(), context.settings().yes, &question)?;
    }
    let said = format!("{} is no longer {}", args.person, args.role.name());
    match context.ledger() {
        Ledger::Native => {
            let (desk, me) = acting(context, &args.memo).await?;
            let person = context.address(&args.person)?;
            let outcome = desk.revoke_role(&me, &person, args.role).await?;
            done(context, &outcome, || of_vote(&outcome, &said))
        }
        Ledger::Stacks => {
            args.memo.refuse_on_stacks()?;
            let person = context.principal(&args.person)?;
            let request = match args.role {
                AssignableRole::Administrator => Request::RemoveAdministrator(person),
                AssignableRole::SupportAgent => Request::RemoveStaffMember(person),
                AssignableRole::Customer => return Err(super::no_list_of_customers(context)),
            };
            contract_call::one(context, request, &said).await
        }
    }
}
