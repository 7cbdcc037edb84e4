//! `sealdesk man`.

use std::path::PathBuf;

use serde_json::json;

use crate::context::Context;
use crate::failure::{Failure, at};
use crate::manual;
use crate::output_file;
use crate::table::count;

/// Options of `man`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The pages are those of this program's version, and the same each time.\n\nExample:\n  \
        sealdesk man ~/.local/share/man/man1 && man sealdesk-inbox"
)]
pub(crate) struct Args {
    /// Folder to write the pages into; it is made where it is not there
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(super) fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let folder = args.folder;
    std::fs::create_dir_all(&folder).map_err(|error| at(&folder, &error))?;
    let pages = manual::pages()?;
    for page in &pages {
        let path = folder.join(&page.file);
        output_file::put(&path, &page.text).map_err(|error| at(&path, &error))?;
    }
    let files: Vec<&str> = pages.iter().map(|page| page.file.as_str()).collect();
    let value = json!({ "folder": folder, "files": files });
    context
        .output()
        .answer(&value, || format!("{} in {}", count(pages.len(), "manual page"), context.shown(&folder)))
}
