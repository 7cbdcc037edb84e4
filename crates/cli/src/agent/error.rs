//! Why an agent is not begun, or not used.

use std::io;
use std::path::{Path, PathBuf};

use sealdesk_client::keyring::KeyringError;
use thiserror::Error;

/// Why an agent is not begun, or not used.
#[derive(Debug, Error)]
pub(crate) enum AgentError {
    /// Whoever can write there could stand in the agent's place.
    #[error("the folder {0} is open to others, or belongs to another user")]
    Folder(PathBuf),
    /// Nothing is said to it.
    #[error("the process listening in {folder} belongs to another user (number {uid})")]
    Stranger {
        /// Where it listens.
        folder: PathBuf,
        /// Who runs it.
        uid: u32,
    },
    /// It was stopped, or is stuck.
    #[error("the agent does not answer")]
    Silent,
    /// An older or newer program began it.
    #[error("the agent belongs to another version of this program")]
    Version,
    /// Its socket was put in the place of another.
    #[error("the agent there holds the keys of another keyring")]
    Elsewhere,
    /// What it answered has no meaning.
    #[error("the agent's answer is not understood")]
    Form,
    /// The session would not outlast the command.
    #[error("this session ends with this command, and with it whatever the command unlocks")]
    Session,
    /// Nobody would notice its end.
    #[error(
        "the process that started this session has ended, or is outside this container: nothing would lock the keys again"
    )]
    NoSession,
    /// More keys than an agent has room for.
    #[error("an agent holds at most {0} keyring keys")]
    TooMany(usize),
    /// The process could not begin.
    #[error("the agent could not begin: {0}")]
    Begin(String),
    /// Something of the system's.
    #[error("{path}: {source}")]
    File {
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The keyring that it is bound to.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
}

impl AgentError {
    pub(super) fn at(path: &Path, source: impl Into<io::Error>) -> Self {
        Self::File { path: path.to_owned(), source: source.into() }
    }
}
