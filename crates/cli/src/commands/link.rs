//! `sealdesk link`, and `sealdesk tx support link-tickets`.

use crate::acts::link;
pub(crate) use crate::acts::link::Args;
use crate::context::Context;
use crate::failure::Failure;

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    link::run(context, args).await
}
