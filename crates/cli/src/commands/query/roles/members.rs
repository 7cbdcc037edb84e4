//! `sealdesk query roles members`.

use sealdesk_client::lookup::RoleMembers;
use sealdesk_protocol::json;
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::wire::virtengine::roles::v1::RoleAssignment;
use serde_json::json;

use crate::commands::query::page::{self, Paging};
use crate::context::Context;
use crate::failure::Failure;
use crate::parse;
use crate::table;

/// Options of `members`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// administrator, support_agent, customer or gateway
    #[arg(value_name = "ROLE", value_parser = parse::role)]
    role: AssignableRole,
    #[command(flatten)]
    paging: Paging,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let desk = context.desk().await?;
    let RoleMembers { members, next, is_whole } = desk.role_members(args.role, &args.paging.page()?).await?;
    if !is_whole {
        context.say_told("that nobody is left out here; each one who is shown is proven");
    }
    let next = page::cursor(&next);
    let text = text(context, &members);
    let shown: Vec<_> = members.into_iter().map(json::RoleAssignment::from).collect();
    context.output().answer(&json!({ "members": shown, "next_cursor": next }), || text)?;
    page::more(context, &next);
    Ok(())
}

fn text(context: &Context, members: &[RoleAssignment]) -> String {
    if members.is_empty() {
        return "nobody".to_owned();
    }
    let row = |member: &RoleAssignment| {
        let by = context.name_of(&member.assigned_by);
        vec![
            context.named(&member.address),
            json::role(member.role).to_owned(),
            by,
            context.zone().in_column(member.assigned_at),
        ]
    };
    let given_at = context.zone().column("GIVEN AT");
    table::rows(&["WHO", "ROLE", "GIVEN BY", &given_at], members.iter().map(row).collect())
}
