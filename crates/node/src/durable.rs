//! Small files that are there whole or not at all, also after a power cut.
//!
//! Whoever can write into the place of a file can put a link or a file of their own where one is about to be made. So every file is begun
//! under a name that nobody can know, where nothing may stand, and takes its own name when it is whole. Everything happens in one
//! directory that was opened once, whatever its path comes to mean meanwhile.
//!
//! The client has the same discipline for its own files (`sealdesk_client::durable`). The two are apart because the client builds for
//! other systems too, and no crate stands below both that may touch a file.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File, Metadata};
use std::io::{Error, ErrorKind, Read as _, Result, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Gid, Mode, OFlags, Uid, fchmod, fchown, linkat, openat, renameat, unlinkat};
use rustix::process::geteuid;
use zeroize::Zeroizing;

/// Bits of a mode by which everyone else on this machine may write.
const OTHERS_WRITE: u32 = 0o002;

/// Who may read a file. Only its owner may write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readers {
    /// Its owner: for secrets, and for what only this program needs. They never go where others may write.
    Owner,
    /// Every account of this machine, unless whoever owns the file has closed it.
    Everyone,
}

/// The directory of a file, and the file's name there.
struct Place {
    dir: File,
    found: Metadata,
    name: OsString,
}

/// A file that is whole and on the device, under a name that nobody knows. It goes away when this is dropped.
struct Draft<'a> {
    place: &'a Place,
    name: OsString,
}

/// Writes a file in the place of the one that may be there. Until it is whole on the device, the earlier one stays.
///
/// # Errors
/// What the system says; for a secret also where others may write into its directory.
pub(crate) fn replace(path: &Path, bytes: &[u8], readers: Readers) -> Result<()> {
    let place = Place::of(path, readers)?;
    let earlier = fs::symlink_metadata(path).ok().filter(Metadata::is_file);
    let mode = match (readers, earlier) {
        (Readers::Owner, _) => 0o600,
        (Readers::Everyone, Some(earlier)) => earlier.permissions().mode() & 0o666,
        (Readers::Everyone, None) => 0o644,
    };
    let draft = place.draft(bytes, mode)?;
    renameat(&place.dir, &draft.name, &place.dir, &place.name)?;
    place.dir.sync_all()
}

/// Writes a file where none is.
///
/// # Errors
/// As [`replace`]; [`ErrorKind::AlreadyExists`] where there is one.
pub(crate) fn create(path: &Path, bytes: &[u8], readers: Readers) -> Result<()> {
    let place = Place::of(path, readers)?;
    let mode = if readers == Readers::Owner { 0o600 } else { 0o644 };
    let draft = place.draft(bytes, mode)?;
    // A link is made only where nothing stands, which a rename does not promise.
    let linked = linkat(&place.dir, &draft.name, &place.dir, &place.name, AtFlags::empty());
    match linked.map_err(Error::from) {
        // Some disks have no links. After a power cut the file may then be there in part.
        Err(error) if matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::PermissionDenied) => {
            place.write(&place.name, bytes, mode)?;
        }
        linked => linked?,
    }
    drop(draft);
    place.dir.sync_all()
}

/// Makes a directory that only its owner can enter, and those above it, where they are missing. One that is there has to be the own one.
///
/// # Errors
/// What the system says; also where it is somebody else's, or others may write into it.
pub(crate) fn create_dir(path: &Path) -> Result<()> {
    match fs::metadata(path) {
        Ok(found) if !found.is_dir() => {
            return Err(Error::new(ErrorKind::NotADirectory, "it is a file, and has to be a directory"));
        }
        Ok(found) => return check_place(&found),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let parent = parent_of(path);
    if !parent.exists() {
        create_dir(parent)?;
    }
    match DirBuilder::new().mode(0o700).create(path) {
        // Another process was faster.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return check_place(&fs::metadata(path)?),
        made => made?,
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let made = File::from(openat(CWD, path, flags, Mode::empty())?);
    let above = File::open(parent)?;
    give_to_owner_of(&above.metadata()?, &made);
    above.sync_all()
}

/// The names of a directory's files with this ending, without it, ascending; none where there is no such directory.
///
/// # Errors
/// What the system says.
pub(crate) fn names_in(dir: &Path, ending: &str) -> Result<Vec<String>> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        names.extend(name.to_str().and_then(|name| name.strip_suffix(ending)).map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

/// A file's first bytes, at most so many, which are gone from memory once they are dropped; `None` where there is no such file.
///
/// # Errors
/// What the system says.
pub(crate) fn read_at_most(path: &Path, max: u64) -> Result<Option<Zeroizing<Vec<u8>>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(max).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// Whether a directory is one to keep secrets in.
fn check_place(dir: &Metadata) -> Result<()> {
    let (me, owner) = (geteuid(), dir.uid());
    let denied = |why: &str| Err(Error::new(ErrorKind::PermissionDenied, why));
    if dir.mode() & OTHERS_WRITE != 0 {
        return denied(
            "others may write into this directory; run chmod o-w on it, and look at what is in it",
        );
    }
    // Root uses what belongs to others, and leaves it theirs.
    if me.is_root() || owner == me.as_raw() || owner == Uid::ROOT.as_raw() {
        return Ok(());
    }
    denied("this directory belongs to another account; run chown on it, and look at what is in it")
}

/// Gives what was just made to whoever owns the directory, where that is somebody else: what one command makes under sudo, the next one
/// without it can still use. Only root can, and only root needs to; and nothing is given to those who share a place with everyone.
fn give_to_owner_of(dir: &Metadata, made: &File) {
    if geteuid().is_root() && dir.uid() != Uid::ROOT.as_raw() && dir.mode() & OTHERS_WRITE == 0 {
        // Where that fails it stays root's: it is written, and nobody is locked out of it for good.
        let _ = fchown(made, Some(Uid::from_raw(dir.uid())), Some(Gid::from_raw(dir.gid())));
    }
}

impl Place {
    fn of(path: &Path, readers: Readers) -> Result<Self> {
        let name = path.file_name().ok_or(ErrorKind::InvalidInput)?.to_owned();
        let dir = File::open(parent_of(path))?;
        let found = dir.metadata()?;
        if readers == Readers::Owner {
            check_place(&found)?;
        }
        Ok(Self { dir, found, name })
    }

    fn draft(&self, bytes: &[u8], mode: u32) -> Result<Draft<'_>> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(Error::other)?;
        let mut name = OsString::from(".");
        name.push(&self.name);
        name.push(format!(".{}.draft", hex::encode(random)));
        let draft = Draft { place: self, name };
        self.write(&draft.name, bytes, mode)?;
        Ok(draft)
    }

    /// Writes a new file, which is nobody else's before it is given away.
    fn write(&self, name: &OsStr, bytes: &[u8], mode: u32) -> Result<()> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file = File::from(openat(&self.dir, name, flags, Mode::from_raw_mode(0o600))?);
        file.write_all(bytes)?;
        fchmod(&file, Mode::from_raw_mode(mode))?;
        give_to_owner_of(&self.found, &file);
        file.sync_all()
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        // Where it has its name by now, there is nothing to remove.
        let _ = unlinkat(&self.place.dir, &self.name, AtFlags::empty());
    }
}

fn parent_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{chown, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().mode() & 0o777
    }

    fn open_to(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn names_in(dir: &Path) -> Vec<OsString> {
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name()).collect()
    }

    #[test]
    fn a_file_is_replaced_whole_and_created_only_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file.json");
        create(&path, b"first", Readers::Owner).unwrap();
        let again = create(&path, b"second", Readers::Owner).unwrap_err();
        assert_eq!(again.kind(), ErrorKind::AlreadyExists);
        assert_eq!((fs::read(&path).unwrap(), mode(&path)), (b"first".to_vec(), 0o600));
        replace(&path, b"third", Readers::Owner).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"third");
        assert_eq!(names_in(dir.path()), ["file.json"], "no draft is left");
    }

    #[test]
    fn what_others_have_put_where_a_file_is_made_gets_nothing_of_it() {
        let dir = tempfile::tempdir().unwrap();
        let (path, foreign) = (dir.path().join("key.json"), dir.path().join("foreign"));
        fs::write(&foreign, "theirs").unwrap();
        // The name under which it was made before, as a link and as a file that everyone can read.
        symlink(&foreign, dir.path().join("key.new")).unwrap();
        replace(&path, b"secret", Readers::Owner).unwrap();
        fs::remove_file(dir.path().join("key.new")).unwrap();
        fs::write(dir.path().join("key.new"), "").unwrap();
        open_to(&dir.path().join("key.new"), 0o644);
        replace(&path, b"secret", Readers::Owner).unwrap();
        assert_eq!((fs::read(&foreign).unwrap(), mode(&path)), (b"theirs".to_vec(), 0o600));
        // Its own name as a link: the link is replaced, and not what it leads to.
        fs::remove_file(&path).unwrap();
        symlink(&foreign, &path).unwrap();
        assert!(create(&path, b"secret", Readers::Owner).is_err());
        replace(&path, b"secret", Readers::Owner).unwrap();
        assert_eq!((fs::read(&foreign).unwrap(), mode(&path)), (b"theirs".to_vec(), 0o600));
    }

    #[test]
    fn a_file_that_its_owner_has_closed_stays_closed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.toml");
        replace(&path, b"first", Readers::Everyone).unwrap();
        assert_eq!(mode(&path), 0o644);
        open_to(&path, 0o600);
        replace(&path, b"second", Readers::Everyone).unwrap();
        assert_eq!(mode(&path), 0o600);
        open_to(&path, 0o644);
        replace(&path, b"a secret", Readers::Owner).unwrap();
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn no_secret_goes_where_others_may_write() {
        let dir = tempfile::tempdir().unwrap();
        let shared = dir.path().join("shared");
        fs::create_dir(&shared).unwrap();
        open_to(&shared, 0o777);
        for refused in [
            create(&shared.join("key"), b"secret", Readers::Owner),
            replace(&shared.join("key"), b"secret", Readers::Owner),
            create_dir(&shared),
        ] {
            let refused = refused.unwrap_err();
            assert!(refused.to_string().contains("chmod o-w"), "{refused}");
        }
        assert!(names_in(&shared).is_empty());
        open_to(&shared, 0o755);
        create_dir(&shared).unwrap();
        create_dir(&shared.join("a/b")).unwrap();
        assert_eq!((mode(&shared.join("a")), mode(&shared.join("a/b"))), (0o700, 0o700));
    }

    #[test]
    fn what_root_makes_belongs_to_the_owner_of_the_place() {
        if !geteuid().is_root() {
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("home");
        fs::create_dir(&home).unwrap();
        chown(&home, Some(54_321), Some(54_322)).unwrap();
        create_dir(&home.join("data/deep")).unwrap();
        create(&home.join("key"), b"secret", Readers::Owner).unwrap();
        replace(&home.join("data/deep/file"), b"text", Readers::Everyone).unwrap();
        for made in ["data", "data/deep", "key", "data/deep/file"] {
            let made = fs::metadata(home.join(made)).unwrap();
            assert_eq!((made.uid(), made.gid()), (54_321, 54_322));
        }
    }
}
