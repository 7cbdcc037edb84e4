//! `sealdesk tx ledger continue-ledger`.

use crate::commands::tx::{Memo, acting, done, of_vote};
use crate::context::Context;
use crate::failure::Failure;

/// Options of `continue-ledger`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "For a ledger that `sealdesk import` or `sealdesk genesis --export` made from another one. More than half of those who were \
    administrators when it began have to vote.\nOnly its members can say so: look with `sealdesk status` whether it is the ledger that you mean. For example:\n  \
    sealdesk tx ledger continue-ledger --from alice"
)]
pub(crate) struct Args {
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let (desk, me) = acting(context, &args.memo).await?;
    let ancestry = &desk.chain().ancestry;
    let Some(before) = ancestry.earlier().last() else {
        return Err(Failure::hinted(
            format!("{} continues no other ledger", desk.chain().chain_id),
            "there is nothing to vote on: only a ledger made from another one's export continues it",
        ));
    };
    let outcome = desk.continue_ledger(&me).await?;
    done(context, &outcome, || {
        let (new, old, identity) = (&desk.chain().chain_id, &before.chain_id, ancestry.identity());
        let said = format!(
            "the ledger continues {old} as {new}: more than half of its administrators have voted for it\n  \
            identity {identity}\n  in words: {}",
            identity.words()
        );
        of_vote(&outcome, &said)
    })
}
