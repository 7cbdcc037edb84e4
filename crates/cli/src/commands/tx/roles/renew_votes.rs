//! `sealdesk tx roles renew-votes`.

use sealdesk_client::view::EndedVote;
use serde_json::json;

use crate::commands::tx::{Memo, acting, as_json, of_vote, report};
use crate::context::Context;
use crate::failure::Failure;
use crate::prompt;

/// Options of `renew-votes`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Each change of the administrators ends all open votes for other changes. This home remembers for 60 days those that it \
    cast; votes that were cast from another home are cast again there, or with assign-role and revoke-role."
)]
pub(crate) struct Args {
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    args.memo.one_of_several(context, renewing(context, &args).await)
}

async fn renewing(context: &Context, args: &Args) -> Result<(), Failure> {
    let (desk, me) = acting(context, &args.memo).await?;
    let ended = desk.ended_votes(&desk.address_of(&me)).await?;
    if ended.is_empty() {
        let value = json!({ "code": 0, "votes": [] });
        return context
            .output()
            .answer(&value, || "no vote of yours has ended, as far as this home knows".to_owned());
    }
    let listed: Vec<String> = ended.iter().map(|vote| format!("  {}", in_words(context, vote))).collect();
    let question = format!("Votes of yours that ended:\n{}\nCast them again?", listed.join("\n"));
    prompt::confirm(context.output(), context.settings().yes, &question)?;
    let (mut votes, mut lines, mut proven) = (Vec::new(), Vec::new(), true);
    for vote in &ended {
        let outcome = desk.renew_vote(&me, vote).await?;
        proven &= outcome.proven;
        lines.push(format!("{}: {}", in_words(context, vote), of_vote(&outcome, "it is decided")));
        let mut value = as_json(&outcome);
        value["address"] = vote.address.clone().into();
        value["removes"] = vote.removes.into();
        votes.push(value);
    }
    report(context, json!({ "code": 0, "votes": votes }), proven, || lines.join("\n"))
}

fn in_words(context: &Context, vote: &EndedVote) -> String {
    let what = if vote.removes { "remove" } else { "add" };
    format!("{what} {}", context.named(&vote.address))
}
