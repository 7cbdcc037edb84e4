//! `sealdesk close`, and `sealdesk tx support close-ticket`.

use crate::acts::step::Step;
pub(crate) use crate::acts::step::WithReason as Args;
use crate::context::Context;
use crate::failure::Failure;

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    args.take(context, Step::Close).await
}
