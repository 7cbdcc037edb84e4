//! `sealdesk backup FILE`: the desk of this home as one file, while it runs.

use std::io::{BufReader, BufWriter, IsTerminal as _, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{Access, access, statvfs};
use sealdesk_client::sealed_files;
use sealdesk_node::backup::{self, About, FrameReader, FrameWriter, Part, ReadBackup, socket};
use sealdesk_node::comet::is_replicated;
use sealdesk_node::home::Home;
use sealdesk_node::solo::driver::Driver;
use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::receipt::{Trust, VerifiedReceipt};
use serde_json::json;

use crate::backup_file::may_be_replaced;
use crate::backup_passphrase;
use crate::context::Context;
use crate::draft_file::{Draft, folder_of};
use crate::failure::{Failure, at, of_backup};
use crate::home_files::{self, Kept};
use crate::last_backup::LastBackup;
use crate::stopped::Stopped;
use crate::table::{self, count};
use crate::variables;

/// How often a person is told how far it is.
const TOLD_EVERY: Duration = Duration::from_millis(200);

/// Options of `backup`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The desk may run: the backup is of one height, and people write on meanwhile. It holds all tickets, sealed as they are, their files, \
    the blocks, and the settings of this home. It is read back before it gets its name.\n\
    Keys stay out, unless you ask for them: with --with-keys the keyring goes in under a passphrase of its own. The validator's key is in no backup.\n\n\
    Examples:\n  sealdesk backup desk.backup\n  sealdesk backup --with-keys desk.backup\n  sealdesk backup - | ssh elsewhere 'cat > desk.backup'\n  \
    sealdesk backup --check desk.backup"
)]
pub(crate) struct Args {
    /// File to write, replacing an earlier backup; `-` writes to standard output
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Include the keyring and other secrets of this home, sealed under a passphrase that you are asked for
    #[arg(long, conflicts_with = "check")]
    with_keys: bool,
    /// File whose first line is the passphrase for --with-keys
    #[arg(long, value_name = "FILE", requires = "with_keys")]
    passphrase_file: Option<PathBuf>,
    /// Make no backup: check the one in the file
    #[arg(long)]
    check: bool,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if args.check {
        let file = std::fs::File::open(&args.file).map_err(|error| at(&args.file, &error))?;
        let place = place_to_check(&args.file, room_in);
        let read = tokio::task::block_in_place(|| read(context, &args.file, file, &place))?;
        remember_checked(context, &read);
        return report(context, &args.file, &read, "is whole");
    }
    let home = Home::new(context.home());
    home.expect_begun()?;
    if is_replicated(&home) {
        return Err(Failure::usage(
            "the desk of this home is replicated: its other nodes are its backup",
            "docs/operating.md says what of a node's home to keep; `sealdesk export` writes the state of a stopped one",
        ));
    }
    let os_keys = home_files::os_keys(home.path())?;
    if args.with_keys && os_keys > 0 {
        return Err(Failure::usage(
            format!(
                "{} of this home can be opened only by the computer's keyring, whose keys are in no backup",
                count(os_keys, "key")
            ),
            "write down each one's recovery phrase (`sealdesk keys export NAME`), and leave --with-keys out",
        ));
    }
    let passphrase = match args.with_keys {
        true => Some(backup_passphrase::new(args.passphrase_file.as_deref())?),
        false => None,
    };
    if args.file.as_os_str() == "-" {
        return to_stdout(context, &home, passphrase.as_deref()).await;
    }
    let draft = may_be_replaced(&args.file).and_then(|()| Draft::begin(&args.file));
    let draft = draft.map_err(|error| at(&args.file, &error))?;
    let out = BufWriter::new(draft.file());
    written(context, &home, passphrase.as_deref(), out).await.map_err(|error| error.at(&args.file))?;
    let place = folder_of(&args.file);
    let read = tokio::task::block_in_place(|| {
        let file = draft.read_back().map_err(|error| at(&args.file, &error))?;
        read(context, &args.file, file, place)
    })?;
    draft.finish().map_err(|error| at(&args.file, &error))?;
    remember(context, &note_of(&read).keep(context.home()));
    report(context, &args.file, &read, "holds")
}

async fn to_stdout(context: &Context, home: &Home, passphrase: Option<&String>) -> Result<(), Failure> {
    if std::io::stdout().is_terminal() {
        return Err(Failure::usage(
            "a terminal cannot take a backup",
            "name a file, or pipe it to a program",
        ));
    }
    let out = BufWriter::new(std::io::stdout());
    let name = Path::new("standard output");
    let begun = written(context, home, passphrase, out).await.map_err(|error| error.at(name))?;
    if let Some(Begun { made, chain_id, height }) = begun {
        let last = LastBackup { chain_id: chain_id.to_string(), height, made, is_read_back: false };
        remember(context, &last.keep(home.path()));
    }
    context.output().note("note: what went to standard output was not read back; `sealdesk backup --check FILE` does so where it arrives");
    Ok(())
}

/// Why a backup was not written.
enum NotWritten {
    /// What the node, or the file, says.
    Backup(backup::BackupError),
    /// The file cannot be written.
    File(std::io::Error),
    /// Anything else.
    Other(Failure),
}

impl NotWritten {
    fn at(self, file: &Path) -> Failure {
        match self {
            Self::Backup(backup::BackupError::EndsEarly) => Failure::hinted(
                "the node stopped before the backup was whole",
                "start it, or leave it stopped, and try again",
            ),
            Self::Backup(error) => of_backup(file, folder_of(file), error),
            Self::File(error) => at(file, &error),
            Self::Other(failure) => failure,
        }
    }
}

/// What a backup is of, as its first parts say.
struct Begun {
    made: i64,
    chain_id: ChainId,
    height: u64,
}

impl Begun {
    /// Nothing where a newer node says it in another way: its backup is good all the same.
    fn read(about: &[u8], proof: &[u8]) -> Option<Self> {
        let about: About = serde_json::from_slice(about).ok()?;
        let proof = VerifiedReceipt::verify(proof, &Trust::Unpinned).ok()?;
        Some(Self { made: about.made, chain_id: proof.chain_id().clone(), height: proof.height() })
    }
}

/// Writes a whole backup: what the ledger gives, and the files of the home. Gives what it is of, where that is known.
async fn written<W: Write>(
    context: &Context,
    home: &Home,
    passphrase: Option<&String>,
    out: W,
) -> Result<Option<Begun>, NotWritten> {
    let source = Source::open(home).map_err(NotWritten::Other)?;
    let done = tokio::task::block_in_place(|| {
        let mut frames = FrameWriter::file(out).map_err(NotWritten::File)?;
        let begun = take_ledger(context, &source.stream, &mut frames)?;
        put_files(context, home, passphrase, &mut frames)?;
        frames.end().map(|_| begun).map_err(NotWritten::File)
    });
    source.close().await.map_err(NotWritten::Other)?;
    done
}

/// Where the ledger's part comes from.
struct Source {
    stream: UnixStream,
    /// The ledger of a desk that does not run, which this process has open.
    opened: Option<Driver>,
}

impl Source {
    fn open(home: &Home) -> Result<Self, Failure> {
        if let Ok(stream) = socket::ask(home) {
            return Ok(Self { stream, opened: None });
        }
        let solo = match Stopped::open(home)? {
            Stopped::Solo(solo) => *solo,
            Stopped::Comet(_) => return Err(Failure::new("the desk of this home is replicated")),
            Stopped::Running(_) => {
                return Err(Failure::hinted(
                    "the node that runs from this home gives no backup",
                    "it is of an older program, or another user's: restart it with this one, or stop it and try again",
                ));
            }
        };
        let driver = Driver::start(solo, drop)?;
        let (stream, theirs) = UnixStream::pair()?;
        let (ledger, home) = (driver.handle().clone(), home.clone());
        tokio::spawn(async move { socket::give(ledger, &home, theirs).await });
        Ok(Self { stream, opened: Some(driver) })
    }

    async fn close(self) -> Result<(), Failure> {
        drop(self.stream);
        let Some(driver) = self.opened else { return Ok(()) };
        let stopped = tokio::task::spawn_blocking(move || driver.stop()).await;
        Ok(stopped.map_err(|error| Failure::new(error.to_string()))??)
    }
}

/// Copies the ledger's part.
fn take_ledger<W: Write>(
    context: &Context,
    stream: &UnixStream,
    out: &mut FrameWriter<W>,
) -> Result<Option<Begun>, NotWritten> {
    let (mut about, mut proof) = (Vec::new(), Vec::new());
    let mut progress = Progress::new(context, "backing up");
    let mut reader = FrameReader::stream(BufReader::new(stream));
    loop {
        let frame = reader.next_frame().map_err(NotWritten::Backup)?;
        if frame.part == Part::Failed {
            let why = String::from_utf8_lossy(&frame.bytes).into_owned();
            return Err(NotWritten::Backup(backup::BackupError::Node(why)));
        }
        if !frame.part.is_of_ledger() {
            let what = "the node gives something that does not belong in a backup".to_owned();
            return Err(NotWritten::Backup(backup::BackupError::Node(what)));
        }
        out.put(frame.part, &frame.bytes).map_err(NotWritten::File)?;
        progress.tell(reader.bytes());
        match frame.part {
            Part::About => about = frame.bytes,
            Part::Proof => proof = frame.bytes,
            Part::Counts => return Ok(Begun::read(&about, &proof)),
            _ => {}
        }
    }
}

fn put_files<W: Write>(
    context: &Context,
    home: &Home,
    passphrase: Option<&String>,
    out: &mut FrameWriter<W>,
) -> Result<(), NotWritten> {
    let other = |failure| NotWritten::Other(failure);
    for file in home_files::open_files(home.path()).map_err(other)? {
        let Some(bytes) = file.encode() else { continue };
        out.put(Part::File, &bytes).map_err(NotWritten::File)?;
    }
    let Some(passphrase) = passphrase else {
        let left = home_files::names(home.path(), Kept::Sealed).map_err(other)?.len();
        if left > 0 {
            context.output().note(&format!(
                "note: {} of this home with keys and secrets stay out; --with-keys puts them in, sealed",
                count(left, "file")
            ));
        }
        let os_keys = home_files::os_keys(home.path()).map_err(other)?;
        if os_keys > 0 {
            context.output().note(&format!(
                "note: {} of this home can be opened by the computer's keyring alone, and no backup holds them: `sealdesk keys export NAME` each, \
                and write the phrase down",
                count(os_keys, "key")
            ));
        }
        return Ok(());
    };
    let files = home_files::secret_files(home.path()).map_err(other)?;
    if files.is_empty() {
        context.output().note("note: this home has no keys and no other secrets: none are in the backup");
        return Ok(());
    }
    let sealed = sealed_files::seal(&files, passphrase.as_bytes(), &out.digest(), &mut getrandom::SysRng);
    let sealed = sealed.map_err(|error| other(error.into()))?;
    out.put(Part::Sealed, &sealed).map_err(NotWritten::File)
}

/// Reads a backup through, with its state in a file without a name in a folder.
fn read(context: &Context, name: &Path, file: std::fs::File, place: &Path) -> Result<ReadBackup, Failure> {
    let mut progress = Progress::new(context, "checking");
    let read = backup::read(BufReader::new(file), place, |_, _| Ok(()), |bytes| progress.tell(bytes));
    drop(progress);
    read.map_err(|error| of_backup(name, place, error))
}

/// Where the state of a backup is made while it is checked: beside the file, where that can be written and has room for as much again; else, as
/// for what comes through a pipe, in the folder for what is temporary.
fn place_to_check(file: &Path, room_in: impl Fn(&Path) -> u64) -> PathBuf {
    let beside = folder_of(file);
    let bytes = std::fs::metadata(file).ok().filter(std::fs::Metadata::is_file).map(|found| found.len());
    let can_be_written = || access(beside, Access::WRITE_OK | Access::EXEC_OK).is_ok();
    if bytes.is_some_and(|bytes| can_be_written() && room_in(beside) >= bytes) {
        return beside.to_owned();
    }
    variables::get("TMPDIR").map_or_else(|| PathBuf::from("/tmp"), PathBuf::from)
}

/// Bytes that are free on the disk of a folder; without end where the system does not say.
fn room_in(folder: &Path) -> u64 {
    statvfs(folder).map_or(u64::MAX, |room| room.f_bavail.saturating_mul(room.f_frsize))
}

/// A line that says how far it is, where there is a terminal.
struct Progress<'a> {
    context: &'a Context,
    doing: &'static str,
    last: Instant,
    is_told: bool,
}

impl<'a> Progress<'a> {
    fn new(context: &'a Context, doing: &'static str) -> Self {
        Self { context, doing, last: Instant::now(), is_told: false }
    }

    fn tell(&mut self, bytes: u64) {
        if self.last.elapsed() < TOLD_EVERY {
            return;
        }
        (self.last, self.is_told) = (Instant::now(), true);
        self.context.output().progress(&format!("{}: {} MB", self.doing, bytes / 1_000_000));
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if self.is_told {
            self.context.output().progress("");
        }
    }
}

/// A backup that was read, for `doctor` and `start` to know of.
fn note_of(read: &ReadBackup) -> LastBackup {
    LastBackup {
        chain_id: read.chain_id.to_string(),
        height: read.height,
        made: read.about.made,
        is_read_back: true,
    }
}

/// A backup of this home's ledger that is whole somewhere counts, however it came there.
fn remember_checked(context: &Context, read: &ReadBackup) {
    let home = Home::new(context.home());
    // Two desks may have one name.
    if home.genesis().is_ok_and(|genesis| genesis.identity().is_ok_and(|identity| identity == read.identity))
    {
        remember(context, &note_of(read).keep_if_newest(home.path()));
    }
}

fn remember(context: &Context, noted: &std::io::Result<()>) {
    if let Err(error) = noted {
        context.output().note(&format!("note: `sealdesk doctor` will not know of this backup: {error}"));
    }
}

fn report(context: &Context, file: &Path, read: &ReadBackup, does: &str) -> Result<(), Failure> {
    let counts = read.counts;
    let value = json!({
        "file": file,
        "chain_id": read.chain_id.as_str(),
        "identity": read.identity.to_string(),
        "height": read.height,
        "app_hash": hex::encode_upper(read.app_hash),
        "made": sealdesk_protocol::json::time(read.about.made),
        "rows": counts.rows,
        "blocks": counts.blocks,
        "headers": counts.headers,
        "pieces": counts.pieces,
        "missing_pieces": counts.missing_pieces,
        "with_keys": read.sealed.is_some(),
    });
    context.output().answer(&value, || {
        let missing = match counts.missing_pieces {
            0 => String::new(),
            missing => format!(", {missing} of which are not in it: this node's home did not have them"),
        };
        let pieces = counts.pieces.saturating_add(counts.missing_pieces);
        let keys = if read.sealed.is_some() { "in it, sealed under its passphrase" } else { "not in it" };
        let facts = table::fields(&[
            ("  ledger", read.chain_id.to_string()),
            ("  height", format!("{}, proven by a signed header", read.height)),
            ("  state", count(counts.rows, "row")),
            (
                "  history",
                format!(
                    "{}, {} of dropped ones",
                    count(counts.blocks, "block"),
                    count(counts.headers, "header")
                ),
            ),
            ("  files", format!("{}{missing}", count(pieces, "piece"))),
            ("  keys", keys.to_owned()),
        ]);
        let file = context.shown(file);
        match does {
            "holds" => format!("{file} holds the desk, and was read back.\n{facts}"),
            does => format!("{file} {does}.\n{facts}"),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_is_checked_beside_itself_where_there_is_room_for_as_much_again() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("desk.backup");
        std::fs::write(&file, [0; 100]).unwrap();
        assert_eq!(place_to_check(&file, |_| 100), dir.path());
        assert_ne!(place_to_check(&file, |_| 99), dir.path());
        assert_ne!(place_to_check(Path::new("/dev/stdin"), |_| 100), Path::new("/dev"));
    }
}
