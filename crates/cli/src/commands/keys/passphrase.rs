//! `sealdesk keys passphrase`.

use std::path::PathBuf;

use sealdesk_client::durable;
use serde_json::json;

use crate::context::Context;
use crate::failure::{Failure, at};
use crate::prompt;
use crate::table::count;

/// Options of `passphrase`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "All keys of this home have one passphrase. Whoever copied the old files can still open the copies with the old one."
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
            "the test keyring has no passphrase",
            "`sealdesk keys import NAME` with --keyring-backend file keeps a key under one",
        ));
    }
    // A key that cannot be read would keep the old passphrase, unsaid: then nothing is begun.
    let names = keyring.list()?.into_iter().map(|listed| listed.info.map(|key| key.name));
    let names = names.collect::<Result<Vec<_>, _>>()?;
    let Some(first) = names.first() else {
        return Err(Failure::hinted("this home has no key", "`sealdesk keys add NAME` makes one"));
    };
    let old = context.passphrase(&keyring)?;
    if args.new_passphrase_file.is_none() {
        // Said before the new one is typed twice; a change that was interrupted is finished all the same, by a file.
        keyring.export(first.as_str(), old)?;
    }
    let new = prompt::changed_passphrase(args.new_passphrase_file.as_deref())?;
    let mut changed = 0_usize;
    for name in &names {
        let is_new = keyring.change_passphrase(name.as_str(), old, new.as_bytes(), &mut getrandom::SysRng)?;
        changed = changed.saturating_add(is_new.into());
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
        format!("{} opened by the new passphrase from now on", are(names.len()))
    })
}

fn are(keys: usize) -> String {
    let verb = if keys == 1 { "is" } else { "are" };
    format!("{} {verb}", count(keys, "key"))
}
