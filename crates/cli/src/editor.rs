//! A text that its writer types in their editor. While they do, it stands in a file that nobody else can read, in memory where there is a
//! place for that; the file is overwritten and removed however the program ends.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use signal_hook::consts::signal::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use zeroize::Zeroizing;

use crate::context::Context;
use crate::failure::{Failure, at};
use crate::message_text::MESSAGE_BYTES_MAX;
use crate::text_input;
use crate::variables;

/// What is below this line is not part of the text.
const CUT: &str = "-------- text below this line is not sent --------";
/// Where there is memory that looks like a folder.
const SHARED_MEMORY: &str = "/dev/shm";

/// The folder of the text that is being typed.
static OPEN: Mutex<Option<PathBuf>> = Mutex::new(None);
/// Whether the thread is there that takes signals; why it could not begin, else.
static WATCHED: OnceLock<Result<(), String>> = OnceLock::new();

/// Whether somebody types in an editor now: it takes Ctrl-C, and what ends the program ends here.
pub(crate) fn is_open() -> bool {
    open().is_some()
}

/// Lets whoever acts type a text; `None` where no editor is set.
pub(crate) fn edit(context: &Context, about: &str) -> Result<Option<String>, Failure> {
    let Some(editor) = variables::get("VISUAL").or_else(|| variables::get("EDITOR")) else {
        return Ok(None);
    };
    watch().map_err(|error| Failure::new(format!("cannot open an editor: {error}")))?;
    let folder =
        Folder::new(context).map_err(|error| Failure::new(format!("cannot open an editor: {error}")))?;
    let file = folder.path.join("message.txt");
    write_new(&file, format!("\n{CUT}\n{about}. Subject and message are sealed.\n").as_bytes())
        .map_err(|error| at(&file, &error))?;
    // As git and others have it: the variable may hold options.
    let mut command = Command::new("sh");
    command.arg("-c").arg("eval \"$0 \\\"\\$1\\\"\"").arg(&editor).arg(&file);
    let ended = command.status().map_err(|error| Failure::new(format!("cannot open an editor: {error}")))?;
    if !ended.success() {
        let name = editor.to_string_lossy().into_owned();
        return Err(Failure::hinted(
            format!("the editor {name} ended with an error ({ended}), so nothing was sent"),
            "set VISUAL or EDITOR to another one, or give the message with --message-file",
        ));
    }
    let mut bytes = Zeroizing::new(Vec::new());
    let read = File::open(&file).and_then(|file| file.take(MESSAGE_BYTES_MAX).read_to_end(&mut bytes));
    read.map_err(|error| at(&file, &error))?;
    let text = text_input::as_text("the message", bytes)?;
    Ok(Some(above_the_cut(&text)))
}

/// The text without what the program wrote below it.
fn above_the_cut(text: &str) -> String {
    let above = text.split(CUT).next().unwrap_or_default();
    above.trim_end().trim_start_matches('\n').to_owned()
}

/// Makes a folder that nobody else can look into, unless it is there.
pub(crate) fn private_folder(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).recursive(true).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?.write_all(bytes)
}

/// A folder of one text; it goes with everything in it.
struct Folder {
    path: PathBuf,
}

impl Folder {
    fn new(context: &Context) -> io::Result<Self> {
        let places = [variables::get("XDG_RUNTIME_DIR").map(PathBuf::from), Some(SHARED_MEMORY.into())];
        let place = places.into_iter().flatten().find(|place| place.is_dir());
        let place = place.unwrap_or_else(|| {
            context
                .output()
                .note("note: this computer has no folder in memory; your text is on its disk while you type");
            context.home().to_owned()
        });
        let mut name = [0_u8; 8];
        getrandom::fill(&mut name).map_err(|error| io::Error::other(error.to_string()))?;
        let path = place.join(format!("sealdesk-{}", hex::encode(name)));
        // Somebody else's folder of that name is not taken.
        DirBuilder::new().mode(0o700).create(&path)?;
        open().replace(path.clone());
        Ok(Self { path })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        wipe(&self.path);
        open().take();
    }
}

/// Overwrites and removes what is in a folder, copies and folders of the editor's included, and the folder. What a link leads to stays as it is.
fn wipe(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, kind) = (entry.path(), entry.file_type());
        if kind.as_ref().is_ok_and(std::fs::FileType::is_dir) {
            wipe(&path);
            continue;
        }
        if kind.is_ok_and(|kind| kind.is_file()) {
            // What cannot be overwritten is still removed.
            let _ = overwrite(&path);
        }
        let _ = std::fs::remove_file(&path);
    }
    let _ = std::fs::remove_dir(folder);
}

fn overwrite(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    let length = file.metadata()?.len();
    io::copy(&mut io::repeat(0).take(length), &mut file)?;
    file.sync_all()
}

fn open() -> MutexGuard<'static, Option<PathBuf>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Begins to take what would end the program; it is taken to the program's end then.
fn watch() -> io::Result<()> {
    let begun = WATCHED.get_or_init(|| {
        let signals = Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM]);
        let mut signals = signals.map_err(|error| error.to_string())?;
        let thread = std::thread::Builder::new().name("editor".to_owned());
        let thread = thread.spawn(move || signals.forever().for_each(take));
        thread.map(drop).map_err(|error| error.to_string())
    });
    begun.clone().map_err(io::Error::other)
}

/// Ctrl-C is the editor's; what ends the program takes the text with it.
fn take(signal: i32) {
    match (&*open(), signal) {
        (Some(_), SIGINT | SIGQUIT) => return,
        (Some(folder), _) => wipe(folder),
        (None, _) => {}
    }
    // A signal that cannot be raised again is one that the program outlives.
    let _ = emulate_default_handler(signal);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_wiped_with_what_an_editor_left_beside_the_text() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("sealdesk-x");
        DirBuilder::new().mode(0o700).create(&folder).unwrap();
        write_new(&folder.join("message.txt"), b"canary").unwrap();
        write_new(&folder.join(".message.txt.swp"), b"canary").unwrap();
        // Editors have folders for undoing and for what was lost, and links that say who edits.
        let nested = folder.join("undo").join("deeper");
        DirBuilder::new().recursive(true).create(&nested).unwrap();
        write_new(&nested.join("message.txt~"), b"canary").unwrap();
        write_new(&home.path().join("else"), b"another's").unwrap();
        std::os::unix::fs::symlink(home.path().join("else"), folder.join("link")).unwrap();
        std::os::unix::fs::symlink(home.path(), folder.join("up")).unwrap();
        std::fs::hard_link(nested.join("message.txt~"), home.path().join("deep")).unwrap();
        // A second name of the same bytes shows that they were overwritten.
        std::fs::hard_link(folder.join("message.txt"), home.path().join("seen")).unwrap();
        wipe(&folder);
        assert!(!folder.exists());
        for seen in ["seen", "deep"] {
            assert_eq!(std::fs::read(home.path().join(seen)).unwrap(), vec![0; 6], "{seen}");
        }
        assert_eq!(std::fs::read(home.path().join("else")).unwrap(), b"another's");
    }

    #[test]
    fn what_the_program_wrote_below_a_text_is_not_part_of_it() {
        assert_eq!(above_the_cut(&format!("\n# one\n\ntwo  \n{CUT}\nabout")), "# one\n\ntwo");
        assert_eq!(above_the_cut("no line at all\n"), "no line at all");
        assert_eq!(above_the_cut(&format!("\n{CUT}\nabout")), "");
    }
}
