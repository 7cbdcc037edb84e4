//! `sealdesk take`, and `sealdesk tx support take-ticket`.

use crate::acts::take;
pub(crate) use crate::acts::take::Args;
use crate::context::Context;
use crate::failure::Failure;

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    take::run(context, args).await
}
