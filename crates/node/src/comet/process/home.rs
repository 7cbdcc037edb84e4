//! CometBFT's own directory inside of a node's home: `comet/config` with what it reads, `comet/data` with its blocks.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rustix::fs::{FlockOperation, flock};
use sealdesk_protocol::genesis::GenesisValidator;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::config::{CometConfig, Sockets};
use crate::comet::error::CometError;
use crate::durable::{self, Readers};
use crate::home::{Home, HomeError};
use crate::validator::ValidatorKey;

/// How to install CometBFT.
pub const INSTALL: &str = "go install github.com/cometbft/cometbft/cmd/cometbft@v0.38.25";
/// Longest path of a socket, in bytes, with room for the name.
const SOCKET_DIR_BYTES_MAX: usize = 90;

/// The program: the one given, or the first on `path`, or where Go installs it.
///
/// # Errors
/// [`CometError::NoProgram`] with what to do.
pub fn find_program(given: Option<&Path>) -> Result<PathBuf, CometError> {
    if let Some(given) = given {
        return if given.is_file() {
            Ok(given.to_owned())
        } else {
            Err(CometError::NotThere(given.to_owned()))
        };
    }
    let path = variable("PATH").unwrap_or_default();
    let go = ["GOBIN", "GOPATH", "HOME"].into_iter().zip(["", "bin", "go/bin"]);
    let go = go.filter_map(|(name, below)| Some(PathBuf::from(variable(name)?).join(below)));
    // A place without a name would be the folder that the node happens to be started in.
    let places = std::env::split_paths(&path).chain(go).filter(|dir| !dir.as_os_str().is_empty());
    let mut places = places.map(|dir| dir.join("cometbft"));
    places.find(|program| program.is_file()).ok_or(CometError::NoProgram)
}

/// What a variable of the environment says, if it says anything.
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// CometBFT's directory.
#[derive(Clone, Debug)]
pub(in crate::comet) struct CometHome {
    dir: PathBuf,
    sockets: Sockets,
}

impl CometHome {
    /// The directory below a node's home; made if it is not there.
    pub(in crate::comet) fn open(home: &Path) -> Result<Self, CometError> {
        let dir = crate::comet::driver::marker(home);
        for dir in [home.to_owned(), dir.clone(), dir.join("config"), dir.join("data")] {
            durable::create_dir(&dir).map_err(|error| CometError::Io { path: dir.clone(), error })?;
        }
        let dir = dir.canonicalize().map_err(|error| CometError::Io { path: dir, error })?;
        let sockets = socket_dir(&dir)?;
        let sockets = Sockets { abci: sockets.join("abci.sock"), rpc: sockets.join("rpc.sock") };
        Ok(Self { dir, sockets })
    }

    pub(in crate::comet) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where CometBFT keeps its blocks, and what its validator has signed.
    pub(in crate::comet) fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    pub(in crate::comet) fn sockets(&self) -> &Sockets {
        &self.sockets
    }

    pub(in crate::comet) fn log_file(&self) -> PathBuf {
        self.dir.join("cometbft.log")
    }

    pub(in crate::comet) fn pid_file(&self) -> PathBuf {
        self.dir.join("cometbft.pid")
    }

    fn state_file(&self) -> PathBuf {
        self.dir.join("data/priv_validator_state.json")
    }

    /// Writes what CometBFT reads at its start: configuration, genesis and key follow the home's; its memory of what it has
    /// signed is begun once and never touched again.
    pub(in crate::comet) fn write(
        &self,
        config: &CometConfig,
        genesis: &[u8],
        key: &ValidatorKey,
    ) -> Result<(), CometError> {
        let in_config = |name: &str| self.dir.join("config").join(name);
        replace(&in_config("config.toml"), config.render(&self.sockets).as_bytes())?;
        replace(&in_config("genesis.json"), genesis)?;
        replace(&in_config("priv_validator_key.json"), key_file(key).as_bytes())?;
        let state = self.state_file();
        if !state.exists() {
            if self.dir.join("data/blockstore.db").exists() {
                return Err(CometError::OlderCopy { signed: 0, state: 1 });
            }
            replace(&state, br#"{"height":"0","round":0,"step":0}"#)?;
        }
        Ok(())
    }

    /// Takes away what a CometBFT leaves that was killed, or ended in its first moments, and that the next one does not start beside: its
    /// socket, and databases that were never finished being made. None may run.
    pub(super) fn clear_the_way(&self) {
        let _ = fs::remove_file(&self.sockets.rpc);
        remove_unfinished(&self.data());
    }

    /// Takes away what CometBFT has of the chain, so that it syncs anew. Between a state sync and the first block after it
    /// CometBFT has a state and no block, and does not start with that. What the validator has signed stays.
    pub(in crate::comet) fn forget_chain(&self) -> Result<(), CometError> {
        for name in ["state.db", "blockstore.db", "evidence.db", "cs.wal"] {
            let path = self.dir.join("data").join(name);
            match fs::remove_dir_all(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(CometError::Io { path, error });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The last height that the validator has signed something for, as CometBFT remembers it.
    pub(in crate::comet) fn signed_height(&self) -> Result<Option<u64>, CometError> {
        #[derive(Deserialize)]
        struct State {
            height: String,
        }
        let path = self.state_file();
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(CometError::Io { path, error }),
        };
        let state: Option<State> = serde_json::from_slice(&text).ok();
        let height = state.and_then(|state| state.height.parse().ok());
        let damaged = std::io::Error::new(std::io::ErrorKind::InvalidData, "it holds no height");
        height.map(Some).ok_or(CometError::Io { path, error: damaged })
    }
}

/// Takes away databases of a folder that were never finished being made, where CometBFT ended in its first moments: they hold nothing, and
/// it does not start beside them ("database entry point either missing or corrupted"). What cannot be looked at stays as it is.
pub(in crate::comet) fn remove_unfinished(data: &Path) {
    let databases = fs::read_dir(data).into_iter().flatten().flatten().map(|entry| entry.path());
    for database in databases.filter(|path| path.extension().is_some_and(|ending| ending == "db")) {
        match remove_if_unfinished(&database) {
            Ok(true) => tracing::warn!(
                "{} was never finished being made and holds nothing: CometBFT makes it again",
                database.display()
            ),
            Ok(false) => {}
            Err(error) => tracing::debug!("{} cannot be looked at: {error}", database.display()),
        }
    }
}

/// Whether a LevelDB had no entry point yet, nor anything that was written to it, and nobody makes it now: then it is gone.
fn remove_if_unfinished(database: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(database)? {
        let entry = entry?;
        let name = entry.file_name();
        let is_of_making = match name.to_str() {
            Some("LOG" | "LOG.old" | "LOCK") => true,
            Some(name) if name.starts_with("MANIFEST-") => true,
            Some(name) => name.ends_with(".log") && entry.metadata()?.len() == 0,
            None => false,
        };
        if !is_of_making {
            return Ok(false);
        }
    }
    // Whoever has it open holds this lock.
    let lock = File::open(database.join("LOCK"))?;
    if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
        return Ok(false);
    }
    fs::remove_dir_all(database).map(|()| true)
}

/// Where the sockets are: here, or where the path of this place is too long for one, in a directory of their own.
fn socket_dir(dir: &Path) -> Result<PathBuf, CometError> {
    if dir.as_os_str().len() <= SOCKET_DIR_BYTES_MAX {
        return Ok(dir.to_owned());
    }
    use sha2::{Digest as _, Sha256};
    use std::os::unix::ffi::OsStrExt as _;
    let name = hex::encode(&Sha256::digest(dir.as_os_str().as_bytes())[..12]);
    let base = variable("XDG_RUNTIME_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let short = base.join(format!("sealdesk-{name}"));
    let io = |error| CometError::Io { path: short.clone(), error };
    match DirBuilder::new().mode(0o700).create(&short) {
        Ok(()) => Ok(short),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            // Somebody else's directory of this name must not be trusted with the sockets.
            let meta = fs::symlink_metadata(&short).map_err(io)?;
            let own = fs::metadata(dir).map_err(io)?;
            use std::os::unix::fs::MetadataExt as _;
            let ours = meta.is_dir() && meta.uid() == own.uid() && meta.mode() & 0o077 == 0;
            if ours { Ok(short) } else { Err(io(std::io::ErrorKind::PermissionDenied.into())) }
        }
        Err(error) => Err(io(error)),
    }
}

/// The validator's key in the form that CometBFT reads.
fn key_file(key: &ValidatorKey) -> Zeroizing<String> {
    let public = key.public_key();
    let secret = Zeroizing::new(BASE64.encode(key.secret_and_public().as_slice()));
    let address = GenesisValidator::new(&public, 1, "").address;
    let public = BASE64.encode(public);
    let text = format!(
        r#"{{"address":"{address}","pub_key":{{"type":"tendermint/PubKeyEd25519","value":"{public}"}},"priv_key":{{"type":"tendermint/PrivKeyEd25519","value":"{}"}}}}"#,
        secret.as_str()
    );
    Zeroizing::new(text)
}

/// The id that other nodes know a home's node by; its key is made where there is none.
///
/// # Errors
/// [`CometError::Io`] if the key's file cannot be read or written.
pub fn node_id(home: &Home) -> Result<String, CometError> {
    let path = CometHome::open(home.path())?.dir.join("config/node_key.json");
    let public = if path.exists() {
        read_node_key(&path)?
    } else {
        let key = ValidatorKey::generate().map_err(HomeError::from)?;
        let secret = Zeroizing::new(BASE64.encode(key.secret_and_public().as_slice()));
        let text = Zeroizing::new(format!(
            r#"{{"priv_key":{{"type":"tendermint/PrivKeyEd25519","value":"{}"}}}}"#,
            secret.as_str()
        ));
        replace(&path, text.as_bytes())?;
        key.public_key()
    };
    Ok(GenesisValidator::new(&public, 1, "").address.to_lowercase())
}

/// The public half of a key that other nodes know this one by.
fn read_node_key(path: &Path) -> Result<[u8; 32], CometError> {
    #[derive(Deserialize)]
    struct File {
        priv_key: Key,
    }
    #[derive(Deserialize)]
    struct Key {
        value: Zeroizing<String>,
    }
    let io = |error| CometError::Io { path: path.to_owned(), error };
    let text = Zeroizing::new(fs::read(path).map_err(io)?);
    let file: Option<File> = serde_json::from_slice(&text).ok();
    let bytes = file.and_then(|file| BASE64.decode(file.priv_key.value.as_bytes()).ok()).map(Zeroizing::new);
    let public = bytes.and_then(|bytes| bytes.last_chunk().copied());
    public.ok_or_else(|| io(std::io::Error::new(std::io::ErrorKind::InvalidData, "it holds no key")))
}

/// Writes a file that only its owner can read, whole or not at all.
pub(in crate::comet) fn replace(path: &Path, bytes: &[u8]) -> Result<(), CometError> {
    let replaced = durable::replace(path, bytes, Readers::Owner);
    replaced.map_err(|error| CometError::Io { path: path.to_owned(), error })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_with_a_long_path_has_its_sockets_where_a_socket_fits() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("x".repeat(120));
        fs::create_dir(&home).unwrap();
        let comet = CometHome::open(&home).unwrap();
        assert!(comet.sockets().abci.as_os_str().len() <= 100, "{:?}", comet.sockets());
        assert_eq!(CometHome::open(&home).unwrap().sockets(), comet.sockets());
        let _ = std::os::unix::net::UnixListener::bind(&comet.sockets().abci).unwrap();
        fs::remove_dir_all(comet.sockets().abci.parent().unwrap()).unwrap();
    }

    #[test]
    fn a_program_that_is_not_there_is_said_with_the_line_that_installs_it() {
        let error = find_program(Some(Path::new("/nowhere/cometbft"))).unwrap_err();
        assert!(error.to_string().contains(INSTALL), "{error}");
    }

    #[test]
    fn a_chain_that_is_forgotten_leaves_what_the_validator_has_signed() {
        let dir = tempfile::tempdir().unwrap();
        let comet = CometHome::open(dir.path()).unwrap();
        comet.write(&CometConfig::default(), b"{}", &ValidatorKey::from_seed(&[3; 32])).unwrap();
        fs::write(comet.state_file(), r#"{"height":"7","round":0,"step":3}"#).unwrap();
        for name in ["state.db", "blockstore.db", "cs.wal"] {
            fs::create_dir(comet.dir().join("data").join(name)).unwrap();
        }
        comet.forget_chain().unwrap();
        let left: Vec<_> =
            fs::read_dir(comet.dir().join("data")).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left, ["priv_validator_state.json"]);
        assert_eq!(comet.signed_height().unwrap(), Some(7));
    }

    #[test]
    fn what_was_never_finished_is_out_of_the_way_and_no_other_database_is_touched() {
        let dir = tempfile::tempdir().unwrap();
        let comet = CometHome::open(dir.path()).unwrap();
        let of = |name: &str, files: &[(&str, &str)]| {
            let database = comet.data().join(name);
            fs::create_dir(&database).unwrap();
            for (name, bytes) in [&[("LOG", "words"), ("LOCK", ""), ("MANIFEST-000000", "m")], files].concat()
            {
                fs::write(database.join(name), bytes).unwrap();
            }
            database
        };
        let gone = [of("blockstore.db", &[]), of("evidence.db", &[("000001.log", "")])];
        let stays = [
            of("state.db", &[("CURRENT", "MANIFEST-000000")]),
            of("tx_index.db", &[("000002.ldb", "records")]),
            of("peers.db", &[("000001.log", "records")]),
            of("other", &[]),
            of("making.db", &[]),
        ];
        let making = File::open(stays[4].join("LOCK")).unwrap();
        flock(&making, FlockOperation::LockExclusive).unwrap();
        let socket = std::os::unix::net::UnixListener::bind(&comet.sockets().rpc).unwrap();
        drop(socket);
        comet.clear_the_way();
        assert!(!comet.sockets().rpc.exists(), "a socket that nobody listens at");
        assert!(gone.iter().all(|database| !database.exists()));
        assert!(stays.iter().all(|database| database.join("MANIFEST-000000").exists()));
    }

    #[test]
    fn what_the_validator_has_signed_is_never_begun_anew_over_blocks() {
        let dir = tempfile::tempdir().unwrap();
        let comet = CometHome::open(dir.path()).unwrap();
        let key = ValidatorKey::from_seed(&[3; 32]);
        comet.write(&CometConfig::default(), b"{}", &key).unwrap();
        assert_eq!(comet.signed_height().unwrap(), Some(0));
        fs::write(comet.state_file(), r#"{"height":"7","round":0,"step":3}"#).unwrap();
        comet.write(&CometConfig::default(), b"{}", &key).unwrap();
        assert_eq!(comet.signed_height().unwrap(), Some(7));
        fs::create_dir(comet.dir().join("data/blockstore.db")).unwrap();
        fs::remove_file(comet.state_file()).unwrap();
        let lost = comet.write(&CometConfig::default(), b"{}", &key);
        assert!(matches!(lost, Err(CometError::OlderCopy { .. })), "{lost:?}");
    }
}
