//! `sealdesk tx roles assign-role`.

use sealdesk_client::desk::Desk;
use sealdesk_client::outcome::Outcome;
use sealdesk_client::stacks::wire::contract::Request;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::messages::AssignableRole;
use tonic::transport::Channel;

use crate::args::Ledger;
use crate::commands::tx::{Memo, acting, done, of_vote};
use crate::context::Context;
use crate::contract_call;
use crate::failure::Failure;
use crate::parse::{self, Person};
use crate::staff::with_article;
use crate::table::count;

/// Options of `assign-role`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Who gets it
    #[arg(value_name = "ADDR|NAME")]
    person: Person,
    /// administrator, support_agent, customer or gateway
    #[arg(value_name = "ROLE", value_parser = parse::role)]
    role: AssignableRole,
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let said = format!("{} is now {}", args.person, with_article(args.role));
    match context.ledger() {
        Ledger::Native => {
            let (desk, me) = acting(context, &args.memo).await?;
            let person = context.address(&args.person)?;
            let outcome = desk.assign_role(&me, &person, args.role).await?;
            let reads = reads_from_now_on(&desk, &outcome, &args, &person).await;
            done(context, &outcome, || format!("{}{reads}", of_vote(&outcome, &said)))
        }
        Ledger::Stacks => {
            args.memo.refuse_on_stacks()?;
            let person = context.principal(&args.person)?;
            let request = match args.role {
                AssignableRole::Administrator => Request::AddAdministrator(person),
                AssignableRole::SupportAgent => Request::AddStaffMember(person),
                AssignableRole::Customer | AssignableRole::Gateway => {
                    return Err(super::no_list_of_customers(context));
                }
            };
            contract_call::one(context, request, &said).await
        }
    }
}

/// What a new member of the staff can open by then, and what lets them in: a role alone opens nothing that was written before.
async fn reads_from_now_on(
    desk: &Desk<Channel>,
    outcome: &Outcome,
    args: &Args,
    address: &Address,
) -> String {
    let who = &args.person;
    let reads = matches!(args.role, AssignableRole::Administrator | AssignableRole::SupportAgent);
    if outcome.is_open_vote() || !reads {
        return String::new();
    }
    let (standing, tickets) = (desk.standing(address).await, desk.ticket_count().await);
    let keyless = match standing {
        Ok(standing) if standing.active_keys == 0 => {
            format!("\n  nothing is sealed for {who} until they have a key: `sealdesk keys register {who}`")
        }
        Ok(_) => String::new(),
        Err(_) => format!("\n  whether {who} has a key could not be checked: see `sealdesk doctor`"),
    };
    let earlier = match tickets {
        Ok(tickets @ 1..) if args.role == AssignableRole::Administrator => format!(
            "\n  {who} can open {} from before only once given access: `sealdesk tx support grant-all {who}`",
            count(tickets, "ticket")
        ),
        _ => String::new(),
    };
    format!("{keyless}{earlier}")
}
