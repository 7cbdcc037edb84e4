//! `sealdesk save TKT N [-o FILE]`.

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, ErrorKind};
use std::path::{Path, PathBuf};

use sealdesk_client::desk::Desk;
use sealdesk_client::files::TicketFile;
use sealdesk_protocol::ids::TicketId;
use serde_json::json;
use tonic::transport::Channel;

use crate::args::Ledger;
use crate::attaching::progress;
use crate::context::Context;
use crate::failure::{Failure, at};
use crate::parse;

/// Options of `save`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The file is checked piece by piece against what its author sealed and what the ledger proves. A file that is there already \
    is never written over."
)]
pub(crate) struct Args {
    /// Which ticket
    #[arg(value_name = "TKT", value_parser = parse::ticket)]
    ticket: TicketId,
    /// Which file, by the number that `read` shows
    #[arg(value_name = "N")]
    number: usize,
    /// Where to save it: a new file, or a directory; without it, the file's own name in the current folder
    #[arg(short = 'o', long = "out", value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if context.ledger() == Ledger::Stacks {
        return Err(Failure::usage("a contract keeps no files", "ask a desk on its own ledger"));
    }
    let me = context.actor()?;
    let desk = context.desk().await?;
    let file = desk.file(&me, args.ticket, args.number).await?;
    let out = match args.out {
        None => PathBuf::from(file.name()),
        Some(out) if out.is_dir() => out.join(file.name()),
        Some(out) => out,
    };
    if fs::symlink_metadata(&out).is_ok() {
        return Err(exists(context, &out));
    }
    let draft = draft_of(&out);
    let saved = write(context, &desk, &file, &draft).await.and_then(|()| put(context, &draft, &out));
    // What is not whole is not left behind; a name that is whole by now has this one no more.
    let _ = fs::remove_file(&draft);
    saved?;
    let value = json!({ "ticket_id": args.ticket.to_string(), "number": args.number, "file": out, "bytes": file.size() });
    context.output().answer(&value, || format!("{} is saved, {} bytes", context.shown(&out), file.size()))
}

async fn write(
    context: &Context,
    desk: &Desk<Channel>,
    file: &TicketFile,
    draft: &Path,
) -> Result<(), Failure> {
    let open = OpenOptions::new().write(true).create_new(true).open(draft);
    let mut out = BufWriter::new(open.map_err(|error| at(draft, &error))?);
    desk.save(file, &mut out, &progress(context, "saving", file.name())).await?;
    let synced =
        out.into_inner().map_err(std::io::IntoInnerError::into_error).and_then(|file: File| file.sync_all());
    synced.map_err(|error| at(draft, &error))
}

/// A name beside the file's own that nobody uses.
fn draft_of(out: &Path) -> PathBuf {
    let name = out.file_name().unwrap_or_default().to_string_lossy();
    out.with_file_name(format!(".{name}.{}.part", std::process::id()))
}

/// Gives the whole file its name, where nothing has it meanwhile.
fn put(context: &Context, draft: &Path, out: &Path) -> Result<(), Failure> {
    match fs::hard_link(draft, out) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(exists(context, out)),
        // Some disks have no links.
        Err(_) if fs::symlink_metadata(out).is_err() => {
            fs::rename(draft, out).map_err(|error| at(out, &error))
        }
        Err(error) => Err(at(out, &error)),
    }
}

fn exists(context: &Context, out: &Path) -> Failure {
    Failure::hinted(format!("{} is there already", context.shown(out)), "name another file with -o FILE")
}
