//! `sealdesk invite revoke NAME`.

use sealdesk_node::admission::invitations::Invitations;
use serde_json::json;

use super::failed;
use crate::context::Context;
use crate::failure::Failure;

/// Options of `invite revoke`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The invitation's name, as `sealdesk invite list` shows it; never its code
    #[arg(value_name = "NAME")]
    id: String,
}

pub(super) fn run(context: &Context, invitations: &Invitations, args: &Args) -> Result<(), Failure> {
    let id = args.id.trim();
    invitations.revoke(id).map_err(|error| failed(&error))?;
    context.output().done(&json!({ "revoked": id }), || {
        format!("Invitation {id} no longer lets anyone in. Accounts that are on the ledger stay there.")
    })
}
