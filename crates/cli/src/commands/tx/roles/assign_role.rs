//! `sealdesk tx roles assign-role`.

use sealdesk_protocol::messages::AssignableRole;

use crate::parse;

use crate::commands::stacks;
use crate::commands::tx::{Memo, acting, done};
use crate::context::Context;
use crate::failure::Failure;

/// Options of `assign-role`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Who gets it
    #[arg(value_name = "ADDR|NAME")]
    person: String,
    /// administrator, support_agent or customer
    #[arg(value_name = "ROLE", value_parser = parse::role)]
    role: AssignableRole,
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if context.is_on_stacks() {
        args.memo.refuse_on_stacks()?;
        return stacks::assign_role(context, &args.person, args.role).await;
    }
    let (desk, me) = acting(context, &args.memo).await?;
    let person = context.address(&args.person)?;
    let outcome = desk.assign_role(&me, &person, args.role).await?;
    done(context, &outcome, || format!("{} is {} now", args.person, args.role.name()))
}
