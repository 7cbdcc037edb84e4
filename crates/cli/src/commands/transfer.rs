//! `sealdesk transfer`, and `sealdesk tx support transfer-ticket`.

use crate::acts::transfer;
pub(crate) use crate::acts::transfer::Args;
use crate::context::Context;
use crate::failure::Failure;

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    transfer::run(context, args).await
}
