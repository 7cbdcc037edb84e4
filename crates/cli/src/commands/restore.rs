//! `sealdesk restore FILE`: a desk out of a backup, as a ledger of its own that continues the one in it.

use std::fs::File;
use std::io::{BufReader, ErrorKind};
use std::path::{Path, PathBuf};

use sealdesk_client::genesis::pin_of;
use sealdesk_client::sealed_files::{self, SecretFile};
use sealdesk_client::trust::pins::Pins;
use sealdesk_node::backup::{self, ReadBackup};
use sealdesk_node::home::{Home, HomeError, new_chain_id};
use sealdesk_protocol::codes::Moment;
use sealdesk_protocol::genesis::Genesis;
use serde_json::Value;

use crate::backup_passphrase;
use crate::context::Context;
use crate::failure::{Failure, at, at_home, of_backup};
use crate::home_files::{self, Kept};
use crate::import_plan;
use crate::restoring::{Found, Place};
use crate::table::count;

/// Options of `restore`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Makes a desk in an empty home. Nobody knows what the old one signed after the backup, so the restored desk never continues the same ledger: \
    it is another one, with a name and a validator's key of its own, which says which ledger it continues and from which height on. \
    Programs follow it when more than half of the administrators have said so.\n\
    Every byte of the file is checked before anything takes its place. Interrupted, the same command continues.\n\
    Administrators, agents and keys are those of the backup's state: people who left since are back. Administrators who left are not where a home that \
    --pins-of names has seen it.\n\n\
    Examples:\n  sealdesk restore desk.backup --home NEW\n  sealdesk restore desk.backup --home NEW --passphrase-file FILE"
)]
pub(crate) struct Args {
    /// What `sealdesk backup` wrote
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Leave out the sealed keys in it
    #[arg(long)]
    without_keys: bool,
    /// File whose first line is the passphrase of the keys in it
    #[arg(long, value_name = "FILE", conflicts_with = "without_keys")]
    passphrase_file: Option<PathBuf>,
    /// A home that has seen the old desk after the backup: its known changes of administrators are taken over; may be repeated
    #[arg(long, value_name = "HOME")]
    pins_of: Vec<PathBuf>,
    /// When the new ledger begins, where a clock was ahead: `now`, or as 2026-11-21T09:00:00Z [default: when the desk last changed]
    #[arg(long, value_name = "TIME")]
    genesis_time: Option<String>,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    let seen = args.pins_of.iter().map(|home| pins_of(home)).collect::<Result<Vec<_>, _>>()?;
    let home = Home::new(context.home());
    if home.is_initialised() && !home.path().join(sealdesk_node::home::RESTORING_DIR).exists() {
        return Err(HomeError::Exists(home.path().to_owned()).into());
    }
    let file = File::open(&args.file).map_err(|error| at(&args.file, &error))?;
    let place = match Place::take(home.path()).map_err(|error| not_taken(home.path(), &error))? {
        Found::Empty(place) => place,
        Found::Ready(place) => {
            place.move_in().map_err(|error| at_home(home.path(), &error))?;
            context
                .output()
                .note("An earlier restore was interrupted when everything was ready. It is finished now.");
            return tell(context, &home.genesis()?, None);
        }
    };
    let made = tokio::task::block_in_place(|| make(context, args, &seen, file, &place));
    let (genesis, read) = match made {
        Ok(made) => made,
        Err(failure) => {
            // What is left of it the next restore removes.
            let _ = place.give_up();
            return Err(failure);
        }
    };
    place.is_ready().and_then(|()| place.move_in()).map_err(|error| at_home(home.path(), &error))?;
    tell(context, &genesis, Some(&read))
}

fn not_taken(home: &Path, error: &std::io::Error) -> Failure {
    if error.kind() == ErrorKind::DirectoryNotEmpty {
        let text = format!("{} is not empty: {error}", home.display());
        return Failure::usage(text, "a desk is restored into an empty home: name one with --home DIR");
    }
    at_home(home, error)
}

/// Puts the whole home together.
fn make(
    context: &Context,
    args: &Args,
    seen: &[Pins],
    file: File,
    place: &Place,
) -> Result<(Genesis, ReadBackup), Failure> {
    let home = place.made();
    let keep = |hash: &_, bytes: &[u8]| backup::keep_piece(&home, hash, bytes);
    let told =
        |bytes: u64| context.output().progress(&format!("reading the backup: {} MB", bytes / 1_000_000));
    let read = backup::read(BufReader::new(file), place.scratch(), keep, told);
    context.output().progress("");
    let read = read.map_err(|error| of_backup(&args.file, place.scratch(), error))?;
    for file in &read.files {
        home_files::restore(home.path(), &file.name, &file.bytes, Kept::Open)?;
    }
    for secret in secrets(args, &read)? {
        home_files::restore(home.path(), &secret.name, &secret.bytes, Kept::Sealed)?;
    }
    let mut pins = Pins::load(&home.path().join("pins.json"))?;
    let genesis = begin(context, args, &read, &pins, seen)?;
    forget_chain_id(home.path())?;
    let genesis = home.init(genesis)?;
    pins.keep(pin_of(&genesis).map_err(|error| Failure::new(error.to_string()))?)?;
    Ok((genesis, read))
}

/// What another home has seen of ledgers.
fn pins_of(home: &Path) -> Result<Pins, Failure> {
    let path = home.join("pins.json");
    if !path.is_file() {
        let text = format!("{} has seen no ledger: it has no pins.json", home.display());
        return Err(Failure::usage(text, "name a home with --pins-of whose programs used the old desk"));
    }
    Ok(Pins::load(&path)?)
}

/// The keys that are in a backup, where they are wanted.
fn secrets(args: &Args, read: &ReadBackup) -> Result<Vec<SecretFile>, Failure> {
    let Some(sealed) = read.sealed.as_deref().filter(|_| !args.without_keys) else { return Ok(Vec::new()) };
    backup_passphrase::opened(args.passphrase_file.as_deref(), |passphrase| {
        sealed_files::open(sealed, passphrase.as_bytes(), &read.sealed_for)
    })
}

/// The beginning of the ledger that continues the one in the backup.
fn begin(
    context: &Context,
    args: &Args,
    read: &ReadBackup,
    pins: &Pins,
    seen: &[Pins],
) -> Result<Genesis, Failure> {
    let mut genesis = read.export(&new_chain_id("desk")?).map_err(Failure::new)?;
    // It gets its own name out of the old one.
    read.chain_id.as_str().clone_into(&mut genesis.chain_id);
    for known in std::iter::once(pins).chain(seen) {
        import_plan::add_changes(context, known, &mut genesis)?;
    }
    import_plan::begin_at(&mut genesis, args.genesis_time.as_deref())?;
    import_plan::rename(context, pins, &mut genesis)?;
    import_plan::warn_of_time(context, &genesis);
    Ok(genesis)
}

/// Settings that name the old ledger would have every command refuse the new one.
fn forget_chain_id(home: &Path) -> Result<(), Failure> {
    let path = home.join("client.toml");
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(at_home(&path, &error)),
    };
    let names_it = |line: &&str| line.split('=').next().is_some_and(|name| name.trim() == "chain-id");
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let kept: Vec<&str> = text.lines().filter(|line| !names_it(line)).collect();
    if kept.len() == text.lines().count() {
        return Ok(());
    }
    let kept = format!("{}\n", kept.join("\n"));
    sealdesk_client::durable::write_private(&path, kept.as_bytes()).map_err(|error| at_home(&path, &error))
}

fn tell(context: &Context, genesis: &Genesis, read: Option<&ReadBackup>) -> Result<(), Failure> {
    let mut made = import_plan::Made::of(context, genesis)?;
    say_whose(context, read);
    say_bucket(context);
    let Some(read) = read else { return context.output().answer(&made.value, || made.text) };
    let (pieces, missing) = (read.counts.pieces, read.counts.missing_pieces);
    if let Value::Object(fields) = &mut made.value {
        fields.insert("pieces".to_owned(), pieces.into());
        fields.insert("missing_pieces".to_owned(), missing.into());
    }
    if missing > 0 {
        context.output().note(&format!(
            "note: {} of attached files that tickets name are not in the backup: the home that it was made of did not have them",
            count(missing, "piece")
        ));
    }
    if home_files::names(context.home(), Kept::Sealed)?.is_empty() {
        context.output().note(
            "note: no keys are in this home: bring back each with its recovery phrase, as in `sealdesk keys import admin`",
        );
    }
    context.output().answer(&made.value, || made.text)
}

/// Says as of when everybody's standing is.
fn say_whose(context: &Context, read: Option<&ReadBackup>) {
    let when = read.map(|read| format!("{}, the time ", Moment(read.time))).unwrap_or_default();
    context.output().note(&format!(
        "note: administrators, agents and keys are as of {when}of the state in the backup; people who left since are back, except for administrators of whom \
        this home or one of --pins-of has seen it: look with `sealdesk staff list` once it runs, and remove them again"
    ));
}

/// Says where pieces of files are that no backup holds.
fn say_bucket(context: &Context) {
    let Ok(config) = Home::new(context.home()).config() else { return };
    let Some(bucket) = config.blobs.s3 else { return };
    context.output().note(&format!(
        "note: attached files are in the bucket {bucket}, and not in the backup. Does the old desk still run? Then the two must not share it: copy what is in it \
        to a prefix of its own, and name that under [blobs] in config.toml, before you start this one. If the old one is gone, nothing has to be done"
    ));
}
