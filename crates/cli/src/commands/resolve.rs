//! `sealdesk resolve`, and `sealdesk tx support resolve-ticket`.

use crate::acts::resolve;
pub(crate) use crate::acts::resolve::Args;
use crate::context::Context;
use crate::failure::Failure;

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    resolve::run(context, args).await
}
