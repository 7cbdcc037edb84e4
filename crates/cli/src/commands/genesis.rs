//! `sealdesk genesis`: what a ledger of several organisations begins with.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use sealdesk_client::genesis::chain_of;
use sealdesk_node::home::new_chain_id;
use sealdesk_protocol::genesis::{Genesis, GenesisError, GenesisValidator};
use sealdesk_protocol::ids::{Address, Prefix};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::context::Context;
use crate::failure::{Failure, at};
use crate::import_plan::{self, Before};
use crate::setup;
use crate::table::count;
use crate::text_input::{self, GENESIS_BYTES_MAX};

/// Longest file of a validator, in bytes.
const VALIDATOR_BYTES_MAX: u64 = 65_536;

/// Options of `genesis`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Without --export, it begins a new desk whose administrator is the key `admin` of this home; the key is \
    made if there is none.\nGive the file to every organisation: each runs `sealdesk join FILE`. Power is what each proposed for itself, 10; \
    to change it, edit their files first: the administrator signs for a ledger of just these validators."
)]
pub(crate) struct Args {
    /// Files with what `sealdesk join --output json` printed, one for each organisation
    #[arg(value_name = "VALIDATOR", required = true)]
    validators: Vec<PathBuf>,
    /// An existing desk, as `sealdesk export` wrote it, which the new ledger continues; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
    /// File to write; it must not exist yet
    #[arg(short = 'o', long = "out", value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    options: setup::Options,
}

/// What `sealdesk join` prints.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Joining {
    #[serde(rename = "node_id")]
    _node_id: String,
    validator: GenesisValidator,
}

pub(super) fn run(context: &Context, args: Args) -> Result<(), Failure> {
    // Nothing is made where the file could not be written.
    if args.out.exists() {
        let text = format!("{} is there already", args.out.display());
        return Err(Failure::usage(text, "remove it, or name another file with -o"));
    }
    let validators = args.validators.iter().map(|file| validator(context, file));
    let validators: Vec<GenesisValidator> = validators.collect::<Result<_, _>>()?;
    let (mut genesis, told) = match &args.export {
        Some(file) => (exported(context, file)?, None),
        None => {
            check(&validators, args.options.prefix())?;
            let begun = setup::begin(context, &args.options, validators.clone())?;
            (begun.genesis, Some(begun.phrase))
        }
    };
    genesis.validators = validators;
    genesis.check().map_err(wrong)?;
    import_plan::warn_of_time(context, &genesis);
    let text = genesis.to_json().map_err(|error| Failure::new(error.to_string()))?;
    let written = std::fs::File::create_new(&args.out);
    let written = written.and_then(|mut file| file.write_all(&text).and_then(|()| file.sync_all()));
    written.map_err(|error| at(&args.out, &error))?;
    tell(context, &args, &genesis, told)
}

fn wrong(error: GenesisError) -> Failure {
    Failure::usage(error.to_string(), "name each organisation's file once, as `sealdesk join` printed it")
}

/// Whether a ledger could begin with these validators: no key is made for a command that is refused.
fn check(validators: &[GenesisValidator], prefix: &Prefix) -> Result<(), Failure> {
    let Some(first) = validators.first() else { return Ok(()) };
    let somebody = Address::of_public_key(prefix, &[2; 33]);
    let trial = Genesis::new(&new_chain_id("trial")?, prefix, 1, &[somebody], first.clone());
    let mut trial = trial.map_err(wrong)?;
    trial.validators = validators.to_vec();
    trial.check().map(drop).map_err(wrong)
}

fn tell(context: &Context, args: &Args, genesis: &Genesis, told: Option<String>) -> Result<(), Failure> {
    let (chain_id, number) = (&genesis.chain_id, genesis.validators.len());
    let chain = chain_of(genesis).map_err(wrong)?;
    let (identity, before) = (chain.identity(), Before::of(&chain.ancestry));
    let value = json!({
        "chain_id": chain_id,
        "identity": identity.to_string(),
        "identity_words": identity.words(),
        "continues": before.as_ref().map(Before::json),
        "file": args.out,
        "validators": number,
    });
    context.output().answer(&value, || {
        let told = told.map(|phrase| format!("{phrase}\n\n")).unwrap_or_default();
        let next = before.map(|before| format!("\n\n{}", before.next_steps(&identity))).unwrap_or_default();
        let (shown, validators) = (context.shown(&args.out), count(number, "validator"));
        format!("{told}{shown} is the genesis of {chain_id}, with {validators}.\n\nNow every organisation: sealdesk join {shown}{next}")
    })
}

/// The validator in a file of `join`'s, or one by itself.
fn validator(context: &Context, file: &Path) -> Result<GenesisValidator, Failure> {
    let wrong = |why: String| {
        let text = format!("{} does not name a validator: {why}", file.display());
        Failure::usage(text, "name the files that `sealdesk join --output json` printed")
    };
    let text = text_input::document(context, file, VALIDATOR_BYTES_MAX)?;
    let value: Value = serde_json::from_slice(&text).map_err(|error| wrong(error.to_string()))?;
    let read = match value.get("validator").is_some() {
        true => serde_json::from_value(value).map(|joining: Joining| joining.validator),
        false => serde_json::from_value(value),
    };
    read.map_err(|error| wrong(error.to_string()))
}

/// An exported desk under a name of its own, with every change of its administrators that this home knows.
fn exported(context: &Context, file: &Path) -> Result<Genesis, Failure> {
    let text = text_input::document(context, file, GENESIS_BYTES_MAX)?;
    let read = |error: GenesisError| {
        Failure::usage(format!("{}: {error}", file.display()), "name a file that `sealdesk export` wrote")
    };
    let mut genesis = Genesis::from_json(&text).map_err(read)?;
    genesis.check().map_err(read)?;
    import_plan::add_changes(context, &context.pins()?, &mut genesis)?;
    import_plan::rename(context, &context.pins()?, &mut genesis)?;
    Ok(genesis)
}
