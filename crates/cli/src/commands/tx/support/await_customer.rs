//! `sealdesk tx support await-customer`.

pub(crate) use crate::acts::step::Plain as Args;
use crate::acts::step::Step;
use crate::context::Context;
use crate::failure::Failure;

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    args.take(context, Step::AwaitCustomer).await
}
