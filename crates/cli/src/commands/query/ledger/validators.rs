//! `sealdesk query ledger validators`.

use sealdesk_protocol::json;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{QueryValidatorsResponse, Validator, ValidatorProposal};

use crate::context::Context;
use crate::failure::Failure;
use crate::table;

/// Options of `validators`.
#[derive(Debug, clap::Args)]
#[command(after_help = "A change is signed two blocks later: `height` is the block that made the last one.")]
pub(crate) struct Args {}

pub(super) async fn run(context: &Context, Args {}: Args) -> Result<(), Failure> {
    let desk = context.desk().await?;
    let answer = desk.validators().await?;
    if context.output().is_json() {
        context.say_told("`height`; the validators and the votes are proven");
    }
    context.output().answer(&json::Validators::from(answer.clone()), || as_text(context, &answer))
}

fn as_text(context: &Context, answer: &QueryValidatorsResponse) -> String {
    let row = |validator: &Validator| {
        vec![hex::encode(&validator.pub_key), validator.power.to_string(), validator.moniker.clone()]
    };
    let validators =
        table::rows(&["VALIDATOR", "POWER", "NAME"], answer.validators.iter().map(row).collect());
    if answer.proposals.is_empty() {
        return validators;
    }
    let row = |proposal: &ValidatorProposal| {
        let voters: Vec<String> = proposal.voters.iter().map(|voter| context.name_of(voter)).collect();
        let moniker = proposal.moniker.clone();
        vec![hex::encode(&proposal.pub_key), proposal.power.to_string(), moniker, voters.join(", ")]
    };
    let head = ["PROPOSED", "POWER", "NAME", "VOTES"];
    let proposals = table::rows(&head, answer.proposals.iter().map(row).collect());
    format!("{validators}\n\n{proposals}")
}
