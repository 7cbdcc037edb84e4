//! `sealdesk snooze`, and `sealdesk tx support snooze-ticket`.

use crate::acts::snooze;
pub(crate) use crate::acts::snooze::Args;
use crate::context::Context;
use crate::failure::Failure;

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    snooze::run(context, args).await
}
