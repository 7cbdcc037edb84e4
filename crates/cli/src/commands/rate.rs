//! `sealdesk rate`, and `sealdesk tx support rate-ticket`.

use crate::acts::rate;
pub(crate) use crate::acts::rate::Args;
use crate::context::Context;
use crate::failure::Failure;

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    rate::run(context, args).await
}
