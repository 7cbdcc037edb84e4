//! `sealdesk init`: makes a desk: the administrator's key, the ledger's genesis, the validator's key.

use sealdesk_node::home::Home;
use serde_json::json;

use crate::context::Context;
use crate::failure::Failure;
use crate::setup::{self, ADMIN, Options};

/// Options of `init`.
#[derive(Debug, clap::Args)]
#[command(after_help = "`sealdesk start` does this by itself the first time.")]
pub(crate) struct Args {
    #[command(flatten)]
    options: Options,
}

pub(super) fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let made = setup::make(context, &args.options)?;
    let value = json!({
        "chain_id": made.genesis.chain_id,
        "home": context.home(),
        "genesis": Home::new(context.home()).genesis_file(),
        "administrator": { "name": made.has_key.then_some(ADMIN), "address": made.admin.as_str() },
    });
    context.output().answer(&value, || {
        format!("{}\n\nNow run it: sealdesk{} start", setup::summary(context, &made), context.home_option())
    })
}
