//! `sealdesk query roles account`.

use sealdesk_protocol::json;
use serde_json::json;

use crate::args::Ledger;
use crate::context::Context;
use crate::contract_call::stx;
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
    match context.ledger() {
        Ledger::Native => native(context, &args.person).await,
        Ledger::Stacks => on_stacks(context, &args.person).await,
    }
}

async fn native(context: &Context, person: &str) -> Result<(), Failure> {
    let address = context.address(person)?;
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

async fn on_stacks(context: &Context, person: &str) -> Result<(), Failure> {
    let (desk, who) = (context.contract_desk()?, context.principal(person)?);
    desk.expect_network(&who)?;
    let role = desk.role(&who).await?.name();
    let account = desk.node().account(&who).await?;
    let value = json!({
        "address": who.to_string(),
        "role": role,
        "balance": account.balance.to_string(),
        "nonce": account.nonce,
    });
    context.output().answer(&value, || {
        table::fields(&[
            ("address", context.named(&who.to_string())),
            ("role", role.to_owned()),
            ("balance", stx(account.balance)),
            ("transactions", account.nonce.to_string()),
        ])
    })
}
