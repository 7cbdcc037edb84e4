//! `sealdesk query roles account`.

use sealdesk_protocol::json;
use serde_json::json;

use crate::commands::stacks;
use crate::context::Context;
use crate::failure::Failure;
use crate::table;

/// Options of `account`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Whose account
    #[arg(value_name = "ADDR|NAME")]
    person: String,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if context.is_on_stacks() {
        return stacks::account(context, &args.person).await;
    }
    let address = context.address(&args.person)?;
    let account = context.node().await?.account(&address).await?;
    let state = json::account_state(account.state);
    let given_at = account.assignment.as_ref().map_or(0, |assignment| assignment.assigned_at);
    let assignment = account.assignment.map(json::RoleAssignment::from);
    // Whoever was given no role is a customer.
    let role = assignment.as_ref().map_or("customer", |assignment| assignment.role);
    let by = assignment.as_ref().map(|assignment| assignment.assigned_by.clone()).unwrap_or_default();
    let value =
        json!({ "address": address.as_str(), "role": role, "state": state, "assignment": assignment });
    context.output().answer(&value, || {
        table::fields(&[
            ("address", context.named(address.as_str())),
            ("role", role.to_owned()),
            ("state", state.to_owned()),
            ("given by", context.named(&by)),
            ("given at", table::time(given_at)),
        ])
    })
}
