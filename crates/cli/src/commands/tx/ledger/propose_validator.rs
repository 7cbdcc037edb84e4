//! `sealdesk tx ledger propose-validator`.

use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sealdesk_client::messages::ProposedValidator;
use sealdesk_client::outcome::{Outcome, Vote};
use sealdesk_protocol::engine::EngineKind;
use sealdesk_protocol::genesis::GenesisValidator;
use sealdesk_protocol::keys::VerifyKey;
use sealdesk_protocol::limits::VALIDATOR_POWER_MAX;
use sealdesk_protocol::wire::sealdesk::ledger::v1::Validator;
use serde::Deserialize;

use crate::commands::tx::{Memo, acting_openly, done};
use crate::context::Context;
use crate::failure::{Failure, at};
use crate::text_input;

/// Longest file that is read, in bytes: what `join` prints is a hundredth of it.
const FILE_BYTES_MAX: u64 = 65_536;

/// Options of `propose-validator`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "More than half of the active administrators have to propose the same power for a key; the last of them changes the \
    validators, two blocks later. An administrator's newest proposal for a key replaces their last one; proposing the present power \
    takes it back. Start the new validator's node first, and let it catch up."
)]
pub(crate) struct Args {
    /// Its ed25519 key (64 hex digits, or base64), or a file with what `sealdesk join --name NAME` prints on its node
    #[arg(value_name = "PUBKEY|FILE")]
    validator: String,
    /// Its voting power; 0 removes it. Left out, what the file says
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=i64::from(VALIDATOR_POWER_MAX)))]
    power: Option<u32>,
    /// Its operator's name. PUBLIC; at most 128 bytes. Left out, what the file says
    #[arg(long, value_name = "NAME")]
    moniker: Option<String>,
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let proposed = proposed(context, &args)?;
    let (desk, me) = acting_openly(context, &args.memo).await?;
    if EngineKind::parse(&desk.node().status().await?.engine) != Some(EngineKind::Solo)
        && let Some(warning) = warning(&desk.node().validators().await?.validators, &proposed)
    {
        context.output().note(&warning);
    }
    let outcome = desk.propose_validator(me.author(), &proposed).await?;
    done(context, &outcome, || in_words(&outcome, &proposed))
}

fn in_words(outcome: &Outcome, proposed: &ProposedValidator) -> String {
    let key = hex::encode(proposed.pub_key.as_bytes());
    let from = outcome.height.saturating_add(2);
    match (outcome.vote, proposed.power) {
        (Some(Vote::Decided), 0) => format!("{key} no longer makes blocks, from height {from} on"),
        (Some(Vote::Decided), power) => {
            format!("{key} makes blocks with power {power}, from height {from} on")
        }
        _ => format!("Voted on {key}; `sealdesk query ledger validators` shows who has"),
    }
}

/// What a new or stronger validator means for the others, where that is much.
fn warning(now: &[Validator], proposed: &ProposedValidator) -> Option<String> {
    let own = proposed.pub_key.as_bytes();
    let power = |validator: &Validator| u64::try_from(validator.power).unwrap_or(0);
    let before = now.iter().find(|validator| validator.pub_key == own).map_or(0, power);
    let others: u64 = now.iter().filter(|validator| validator.pub_key != own).map(power).sum();
    let own = u64::from(proposed.power);
    let total = others.saturating_add(own);
    (own > before && own.saturating_mul(3) >= total).then(|| {
        format!(
            "With {own} of {total} this validator has a third of the power or more: once it is one, no block is made without it."
        )
    })
}

fn proposed(context: &Context, args: &Args) -> Result<ProposedValidator, Failure> {
    if let Some(key) = key_of_text(&args.validator) {
        let power = args.power.ok_or_else(|| {
            Failure::usage(
                "which power should it have?",
                "add --power N; the others' is in `sealdesk query ledger validators`",
            )
        })?;
        let moniker = args.moniker.clone().unwrap_or_default();
        return Ok(ProposedValidator { pub_key: checked(&key)?, power, moniker });
    }
    let validator = of_file(context, Path::new(&args.validator))?;
    let power =
        args.power.or_else(|| validator.power.parse().ok()).filter(|power| *power <= VALIDATOR_POWER_MAX);
    let power = power.ok_or_else(|| {
        Failure::usage(
            "the file does not say which voting power",
            format!("add --power N, at most {VALIDATOR_POWER_MAX}"),
        )
    })?;
    let moniker = args.moniker.clone().unwrap_or(validator.name);
    Ok(ProposedValidator { pub_key: checked(&validator.pub_key.value)?, power, moniker })
}

fn key_of_text(text: &str) -> Option<Vec<u8>> {
    let key = hex::decode(text).ok().or_else(|| BASE64_STANDARD.decode(text).ok());
    key.filter(|key| key.len() == 32)
}

fn checked(key: &[u8]) -> Result<VerifyKey, Failure> {
    VerifyKey::parse(key).map_err(|error| {
        Failure::usage(
            error.to_string(),
            "give the `pub_key` that `sealdesk join` prints on the validator's node",
        )
    })
}

/// What `join` prints, or the validator in it alone, as a genesis has it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Printed {
    Joined { validator: GenesisValidator },
    Validator(GenesisValidator),
}

fn of_file(context: &Context, file: &Path) -> Result<GenesisValidator, Failure> {
    let wrong = |why: &str| {
        let message = format!("{}: {why}", file.display());
        Failure::usage(message, "give a key, or a file with what `sealdesk join --name NAME` prints")
    };
    let length = std::fs::metadata(file).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => wrong("this is neither a validator's key nor a file"),
        _ => at(file, &error),
    })?;
    if length.len() > FILE_BYTES_MAX {
        return Err(wrong("it is too long to name a validator"));
    }
    let text = text_input::document(context, file, FILE_BYTES_MAX)?;
    match serde_json::from_slice(&text) {
        Ok(Printed::Joined { validator } | Printed::Validator(validator)) => Ok(validator),
        Err(_) => Err(wrong("it does not name a validator")),
    }
}
