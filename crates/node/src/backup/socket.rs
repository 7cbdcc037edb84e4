//! The way from a command to the node of its home: a unix socket that only their common owner may use. It gives a backup, one at a time, and
//! says where the ledger ends at this moment.

use std::fs::{self, File, Permissions};
use std::io::{ErrorKind, Read as _, Result, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::process::geteuid;
use tokio::net::UnixListener;
use tokio::task::JoinHandle;

use super::frames::{FrameWriter, Part};
use super::write::write;
use crate::comet::is_replicated;
use crate::home::Home;
use crate::ledger::Ledger;

/// The socket in a home.
pub const SOCKET_FILE: &str = "node.socket";
/// Bytes of a request.
const REQUEST_BYTES: usize = 9;
/// What asks for a backup.
const BACKUP: [u8; REQUEST_BYTES] = *b"backup 1\n";
/// What asks for the ledger's newest height, which comes as 8 bytes, the highest first.
const HEIGHT: [u8; REQUEST_BYTES] = *b"height 1\n";
/// How long a request, and whoever reads what is given, may keep the node waiting.
const REQUEST_WAIT: Duration = Duration::from_secs(5);
const READER_WAIT: Duration = Duration::from_secs(60);
/// Pause after a connection could not be taken, as where files have run out.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);
/// Longest path that an address of a socket holds.
const ADDRESS_BYTES_MAX: usize = 100;

/// The socket of a running node. It ends with [`Serving::stop`].
#[derive(Debug)]
pub(crate) struct Serving {
    path: PathBuf,
    task: JoinHandle<()>,
    given: Arc<Given>,
}

/// To whom a backup is given now.
#[derive(Debug, Default)]
struct Given(Mutex<Option<UnixStream>>);

impl Given {
    /// No code panics while it holds this lock.
    fn lock(&self) -> MutexGuard<'_, Option<UnixStream>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks the node that runs from a home for a backup. What comes are frames, [`Part::Counts`] last.
///
/// # Errors
/// What the system says: nobody listens where no node runs.
pub fn ask(home: &Home) -> Result<UnixStream> {
    request(home, &BACKUP)
}

/// Asks the node that runs from a home for its ledger's newest height.
///
/// # Errors
/// What the system says: nobody listens where no node runs, and one of an earlier program says nothing.
pub fn ask_height(home: &Home) -> Result<u64> {
    let mut stream = request(home, &HEIGHT)?;
    stream.set_read_timeout(Some(REQUEST_WAIT))?;
    let mut height = [0; size_of::<u64>()];
    stream.read_exact(&mut height)?;
    Ok(u64::from_be_bytes(height))
}

fn request(home: &Home, request: &[u8; REQUEST_BYTES]) -> Result<UnixStream> {
    let (_folder, address) = address(home.path())?;
    let mut stream = UnixStream::connect(address)?;
    stream.write_all(request)?;
    Ok(stream)
}

/// Listens in a home, whose ledger this process has open.
pub(crate) fn serve(home: &Home, ledger: &Arc<dyn Ledger>) -> Result<Serving> {
    let path = home.path().join(SOCKET_FILE);
    // What a node left that was killed; another one has no ledger open here.
    match fs::symlink_metadata(&path) {
        Ok(found) if found.file_type().is_socket() => fs::remove_file(&path)?,
        Ok(_) => return Err(ErrorKind::AlreadyExists.into()),
        Err(_) => {}
    }
    let (_folder, address) = address(home.path())?;
    let listener = UnixListener::bind(address)?;
    fs::set_permissions(&path, Permissions::from_mode(0o600))?;
    let given = Arc::<Given>::default();
    let task = tokio::spawn(accept(listener, home.clone(), ledger.clone(), given.clone()));
    Ok(Serving { path, task, given })
}

impl Serving {
    /// Listens no more; who is being given a backup sees it end early.
    pub(crate) fn stop(self) {
        self.task.abort();
        // The next node makes its own; what removing this one says adds nothing.
        let _ = fs::remove_file(&self.path);
        if let Some(stream) = self.given.lock().take() {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }
}

/// The address of the socket in a folder. A long path does not fit one, and is named by the open folder then.
fn address(folder: &Path) -> Result<(File, PathBuf)> {
    let (open, path) = (File::open(folder)?, folder.join(SOCKET_FILE));
    if path.as_os_str().len() <= ADDRESS_BYTES_MAX {
        return Ok((open, path));
    }
    let short = format!("/proc/self/fd/{}/{SOCKET_FILE}", open.as_raw_fd());
    Ok((open, short.into()))
}

async fn accept(listener: UnixListener, home: Home, ledger: Arc<dyn Ledger>, given: Arc<Given>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let own = geteuid().as_raw();
        if !stream.peer_cred().is_ok_and(|peer| [own, 0].contains(&peer.uid())) {
            continue;
        }
        let Ok(stream) = stream.into_std() else { continue };
        tokio::spawn(answer(stream, home.clone(), ledger.clone(), given.clone()));
    }
}

/// Answers one request. What goes wrong is told to whoever asked, as long as they read.
async fn answer(stream: UnixStream, home: Home, ledger: Arc<dyn Ledger>, given: Arc<Given>) {
    let asked = tokio::task::spawn_blocking(move || asked(stream)).await;
    let Ok(Ok((mut stream, request))) = asked else { return };
    if request == HEIGHT {
        let height = ledger.tip().height.to_be_bytes();
        // Few bytes, which wait for no reader. Who has gone away is not told.
        let _ = stream.write_all(&height);
        return;
    }
    if is_replicated(&home) {
        let why = "the desk of this home is replicated: its other nodes are its backup";
        return tell(stream, why.to_owned()).await;
    }
    let failed = match take_place(&stream, &given) {
        Ok(true) => {
            give(ledger, &home, stream).await;
            *given.lock() = None;
            return;
        }
        Ok(false) => "another backup is being made; try again when it is done".to_owned(),
        Err(error) => error.to_string(),
    };
    tell(stream, failed).await;
}

/// Gives a ledger's part of a backup to whoever reads at the other end. What goes wrong is told there, as [`Part::Failed`].
pub async fn give(ledger: Arc<dyn Ledger>, home: &Home, stream: UnixStream) {
    let written = match stream.try_clone() {
        Ok(out) => write(ledger, home, out).await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    if let Err(why) = written {
        tell(stream, why).await;
    }
}

async fn tell(stream: UnixStream, why: String) {
    tracing::warn!("a backup was not given: {why}");
    let told = move || FrameWriter::stream(stream).put(Part::Failed, why.as_bytes());
    // Who has gone away is not told.
    let _ = tokio::task::spawn_blocking(told).await;
}

/// Reads the request, which is one that this node knows.
fn asked(mut stream: UnixStream) -> Result<(UnixStream, [u8; REQUEST_BYTES])> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(REQUEST_WAIT))?;
    stream.set_write_timeout(Some(READER_WAIT))?;
    let mut request = [0; REQUEST_BYTES];
    stream.read_exact(&mut request)?;
    if [BACKUP, HEIGHT].contains(&request) {
        Ok((stream, request))
    } else {
        Err(ErrorKind::InvalidData.into())
    }
}

/// Whether nobody else is given a backup now.
fn take_place(stream: &UnixStream, given: &Given) -> Result<bool> {
    let mut place = given.lock();
    if place.is_some() {
        return Ok(false);
    }
    *place = Some(stream.try_clone()?);
    Ok(true)
}
