//! `sealdesk query roles account`.

use sealdesk_protocol::json;
use serde_json::json;

use crate::args::Ledger;
use crate::context::Context;
use crate::contract_call::stx;
use crate::failure::Failure;
use crate::parse::Person;
use crate::table;

/// Options of `account`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Whose account
    #[arg(value_name = "ADDR|NAME")]
    person: Person,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    match context.ledger() {
        Ledger::Native => native(context, &args.person).await,
        Ledger::Stacks => on_stacks(context, &args.person).await,
    }
}

async fn native(context: &Context, person: &str) -> Result<(), Failure> {
    let address = context.address(person)?;
    let desk = context.desk().await?;
    let account = desk.account(&address).await?;
    let given_at = account.assignment.as_ref().map_or(0, |assignment| assignment.assigned_at);
    let value = json::Account::new(address.as_str(), account);
    let by = value.assignment.as_ref().map(|assignment| assignment.assigned_by.clone()).unwrap_or_default();
    context.output().answer(&value, || {
        table::fields(&[
            ("address", context.named(address.as_str())),
            ("role", value.role.to_owned()),
            ("state", value.state.to_owned()),
            ("given by", context.named(&by)),
            ("given at", context.zone().alone(given_at)),
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
