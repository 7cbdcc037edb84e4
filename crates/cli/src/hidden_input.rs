//! Lines that are typed at the terminal and not shown there. However a question ends (an answer, Ctrl-C, SIGTERM, SIGHUP, Ctrl-Z),
//! the terminal shows again what is typed afterwards. Where it ends badly, nothing that was typed until then reaches the shell.
//!
//! The terminal goes on to edit lines and to make signals of keys; only its echo is off. A thread takes the signals that would end or
//! stop the program, puts the terminal back, and then lets each do what it does.

use std::fs::File;
use std::io::{self, Read, Write as _};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use rustix::process::{getpid, getsid};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use signal_hook::consts::signal::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use zeroize::{Zeroize as _, Zeroizing};

use crate::editor;
use crate::signals;

/// What ends, stops or continues a program at a terminal.
const TAKEN: [i32; 6] = [SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP];
/// Longest line that a terminal hands over, in bytes.
const LINE_BYTES_MAX: usize = 4_096;

/// The question that waits for its answer, if one does.
static OPEN: Mutex<Option<Question>> = Mutex::new(None);
/// Whether the thread is there that takes signals; why it could not begin, else.
static WATCHED: OnceLock<Result<(), String>> = OnceLock::new();

/// What is asked at a terminal whose echo is off.
struct Question {
    terminal: File,
    /// How the terminal was before.
    shown: Termios,
    /// Empty while an answer is judged.
    text: String,
}

impl Question {
    /// Turns the echo off and writes the question.
    fn put(&self) -> io::Result<()> {
        let mut unseen = self.shown.clone();
        unseen.local_modes.remove(LocalModes::ECHO);
        // The line break of whoever answers is shown.
        unseen.local_modes.insert(LocalModes::ICANON | LocalModes::ISIG | LocalModes::ECHONL);
        tcsetattr(&self.terminal, OptionalActions::Now, &unseen)?;
        (&self.terminal).write_all(self.text.as_bytes())
    }

    fn restore(&self, typed: Typed) -> io::Result<()> {
        let action = match typed {
            Typed::Kept => OptionalActions::Now,
            Typed::Dropped => OptionalActions::Flush,
        };
        Ok(tcsetattr(&self.terminal, action, &self.shown)?)
    }
}

/// What becomes of what was typed and not read yet.
#[derive(Clone, Copy)]
enum Typed {
    /// Whoever reads the terminal next gets it.
    Kept,
    /// Nobody does: half a passphrase, or a second try, is no command for a shell.
    Dropped,
}

/// A terminal that shows nothing of what is typed, from the first question until this is dropped. Where nobody said that all went
/// well, what was typed and not read is dropped, too.
pub(crate) struct Terminal {
    answers: File,
    typed: Typed,
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if let Some(question) = open().take() {
            // A terminal that has gone away needs no putting back.
            let _ = question.restore(self.typed);
        }
    }
}

fn open() -> MutexGuard<'static, Option<Question>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Terminal {
    /// Takes the terminal. Fails where there is none.
    pub(crate) fn take() -> io::Result<Self> {
        watch()?;
        let terminal = File::options().read(true).write(true).open("/dev/tty")?;
        let shown = tcgetattr(&terminal)?;
        let taken = Self { answers: terminal.try_clone()?, typed: Typed::Dropped };
        open().insert(Question { terminal, shown, text: String::new() }).put()?;
        Ok(taken)
    }

    /// Asks for one line. Fails where nothing was typed, and with [`io::ErrorKind::InvalidData`] where the line holds what no key of a
    /// text types.
    pub(crate) fn ask(&self, question: &str) -> io::Result<Zeroizing<String>> {
        self.put(question)?;
        let line = line(&self.answers);
        // While the answer is judged the terminal stays as it is, and whoever continues the program sees no question.
        if let Some(question) = open().as_mut() {
            question.text.clear();
        }
        line
    }

    /// Shows a line.
    pub(crate) fn say(&self, text: &str) -> io::Result<()> {
        (&self.answers).write_all(format!("{text}\n").as_bytes())
    }

    /// All went well: what was typed since is for whoever reads the terminal next.
    pub(crate) fn done(mut self) {
        self.typed = Typed::Kept;
    }

    fn put(&self, text: &str) -> io::Result<()> {
        match open().as_mut() {
            Some(question) => {
                text.clone_into(&mut question.text);
                question.put()
            }
            None => Err(io::Error::other("the terminal is not taken")),
        }
    }
}

/// Reads up to the line's end, without a copy of it that nobody wipes.
fn line(mut answers: &File) -> io::Result<Zeroizing<String>> {
    let mut bytes = Zeroizing::new(vec![0_u8; LINE_BYTES_MAX]);
    let mut length = 0;
    while length < bytes.len() && !bytes[..length].contains(&b'\n') {
        match answers.read(&mut bytes[length..])? {
            0 => break,
            read => length += read,
        }
    }
    if length == 0 {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "nothing was typed"));
    }
    bytes.truncate(length);
    while bytes.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
        bytes.pop();
    }
    let text = String::from_utf8(std::mem::take(&mut *bytes)).map_err(|error| {
        error.into_bytes().zeroize();
        io::Error::new(io::ErrorKind::InvalidData, "what was typed is not UTF-8")
    });
    let text = text.map(Zeroizing::new)?;
    if text.chars().any(char::is_control) {
        let why = "a key was pressed that types no text, such as an arrow: try again without it";
        return Err(io::Error::new(io::ErrorKind::InvalidData, why));
    }
    Ok(text)
}

/// Begins to take signals; they are taken to the end of the program then.
fn watch() -> io::Result<()> {
    let begun = WATCHED.get_or_init(|| {
        // What whoever began this program wants ignored stays ignored.
        let taken = TAKEN.into_iter().filter(|signal| !signals::is_ignored(*signal));
        let signals = Signals::new(taken);
        let mut signals = signals.map_err(|error| error.to_string())?;
        let thread = std::thread::Builder::new().name("terminal".to_owned());
        let thread = thread.spawn(move || signals.forever().for_each(take));
        thread.map(drop).map_err(|error| error.to_string())
    });
    begun.clone().map_err(io::Error::other)
}

/// Puts the terminal back, and lets the signal do what it does in a program that takes none.
fn take(signal: i32) {
    let question = open();
    match (&*question, signal) {
        // Whoever stopped the program may have turned the echo on, and the screen shows something else by now.
        (Some(question), SIGCONT) => drop(question.put()),
        // Nobody is there to continue the first process of a terminal.
        (_, SIGTSTP) if leads_its_session() => {}
        (Some(question), _) => {
            // What is stopped goes on with its question; what ends leaves nothing to the shell.
            let typed = if signal == SIGTSTP { Typed::Kept } else { Typed::Dropped };
            let _ = question.restore(typed);
            let _ = (&question.terminal).write_all(b"\n");
            let _ = emulate_default_handler(signal);
        }
        // A command that runs until it is stopped hears of it elsewhere.
        (None, signal) if signals::is_caught(signal) => {}
        // Somebody types in an editor: what is in the way of that is seen to there.
        (None, SIGHUP | SIGINT | SIGQUIT | SIGTERM) if editor::is_open() => {}
        (None, _) => drop(emulate_default_handler(signal)),
    }
}

fn leads_its_session() -> bool {
    getsid(None).is_ok_and(|leader| leader == getpid())
}
