//! `sealdesk keys passphrase`.

use std::path::PathBuf;

use sealdesk_client::durable;
use serde_json::json;

use crate::agent;
use crate::context::Context;
use crate::failure::{Failure, at};
use crate::prompt::{self, Stdin};
use crate::table::count;

/// Options of `passphrase`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "All keys of this home have one passphrase. Anyone who copied the old files can still open the copies with the old one."
)]
pub(crate) struct Args {
    /// File whose first line is the new passphrase; without it you are asked
    #[arg(long, value_name = "FILE")]
    new_passphrase_file: Option<PathBuf>,
}

pub(super) fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let (output, keyring) = (context.output(), context.keyring()?);
    if !keyring.needs_passphrase() {
        return Err(Failure::usage(
            format!("the {} keyring has no passphrase", keyring.backend().name()),
            "`sealdesk keys import NAME` with --keyring-backend file keeps a key under one",
        ));
    }
    // A key that cannot be read would keep the old passphrase, unsaid: then nothing is begun.
    let names = keyring.list()?.into_iter().map(|listed| listed.info.map(|key| key.name));
    let names = names.collect::<Result<Vec<_>, _>>()?;
    let Some(first) = names.first() else {
        return Err(Failure::hinted("this home has no key", "`sealdesk keys add NAME` makes one"));
    };
    let old = match args.new_passphrase_file {
        // Said before the new one is typed twice; a change that was interrupted is finished all the same, by a file.
        None => context.passphrase_of(&keyring, first.as_str())?,
        Some(_) => prompt::passphrase(context.home(), Stdin::Free, Ok)?,
    };
    let new = prompt::changed_passphrase(args.new_passphrase_file.as_deref())?;
    let was_unlocked = matches!(agent::state(&keyring, context.home()), Ok(Some(_)));
    let changed = keyring.change_passphrase(old.as_bytes(), new.as_bytes(), &mut getrandom::SysRng)?;
    if was_unlocked {
        // What the agent holds opens nothing any more. It ends by itself, but nobody is told so before it has.
        output.note(&match agent::lock(&keyring, context.home()) {
            Ok(_) => "this home was unlocked by the old passphrase and is locked now; `sealdesk unlock` takes the new one".to_owned(),
            Err(error) => format!("note: an agent still runs, with a keyring key that opens nothing any more: {error}"),
        });
    }
    let generated = prompt::generated_file(context.home());
    if generated.exists() {
        durable::remove(&generated).map_err(|error| at(&generated, &error))?;
        output.note(&format!("{} held the old passphrase and is removed", generated.display()));
    }
    if crate::variables::get(prompt::PASSPHRASE_FILE).is_some() {
        output
            .note(&format!("the file that {} names still holds the old passphrase", prompt::PASSPHRASE_FILE));
    }
    output.answer(&json!({ "changed": changed, "keys": names.len() }), || {
        format!("{} now opened by the new passphrase", are(names.len()))
    })
}

fn are(keys: usize) -> String {
    let verb = if keys == 1 { "is" } else { "are" };
    format!("{} {verb}", count(keys, "key"))
}
