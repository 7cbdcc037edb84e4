//! Why there is no network, or no report of it.

use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};

use sealdesk_client::keyring::KeyringError;
use sealdesk_client::node::NodeError;
use sealdesk_node::comet::CometError;
use sealdesk_node::home::HomeError;

/// The result of whatever works with a network.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why there is no network, or no report of it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// CometBFT is not on this machine. The text says how to install it.
    #[error(transparent)]
    NoProgram(CometError),
    /// A validator cannot be cut off without a network of its own.
    #[error("disconnect needs network namespaces, which cannot be made here: {0}")]
    NoNamespaces(Box<Error>),
    /// A node that joins asks two validators for the header that it trusts.
    #[error("a node that joins asks at least two validators")]
    TooFewValidators,
    /// Keys of one network in the directory of another, or among somebody's files, would be a surprise to both.
    #[error("{dir} {}", if *holds_network { "holds a network already" } else { "is not empty" })]
    DirInUse {
        /// The directory.
        dir: PathBuf,
        /// Whether another network is what it holds.
        holds_network: bool,
    },
    /// The program `ip`, which makes network namespaces, does not run.
    #[error("cannot run `ip`: {0}")]
    NoIp(io::Error),
    /// A validator's process ended, or does not answer.
    #[error("{name} does not start")]
    NotStarted {
        /// Which.
        name: String,
        /// The file that says more.
        log: PathBuf,
    },
    /// A node that joins stays behind the others.
    #[error("{name} does not come to height {height}")]
    NotJoined {
        /// Which.
        name: String,
        /// Where the others were when it began.
        height: u64,
        /// The file that says more.
        log: PathBuf,
    },
    /// A file cannot be read or written.
    #[error("{path}: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// There is no free port, or the system refuses something else.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A validator's home cannot be made.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// CometBFT's part of a home cannot be made.
    #[error(transparent)]
    Comet(#[from] CometError),
    /// The customers' keys cannot be made.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// A validator gave no useful answer.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// Something else, which nobody can do anything about but read it.
    #[error("{0}")]
    Other(String),
}

impl Error {
    pub(crate) fn other(why: impl Display) -> Self {
        Self::Other(why.to_string())
    }
}

/// Says which file it was that could not be read or written.
pub(crate) fn at(path: &Path, error: io::Error) -> Error {
    Error::File { path: path.to_owned(), error }
}
