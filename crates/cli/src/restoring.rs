//! The place where a restored desk is put together: a folder in its home, whose files take their places only when all of them are whole.
//!
//! `.restoring/home` is in the making, and goes when a restore begins anew; `.restoring/ready` is whole and on the device, and is only moved
//! from then on, the genesis last. So wherever a restore is killed, the same command continues, and until it has ended the home holds no
//! ledger (`Home` makes no other one there meanwhile).

use std::fs::{self, File};
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

use sealdesk_client::durable;
use sealdesk_node::home::{Home, RESTORING_DIR};

/// A home whose restore is at work.
#[derive(Debug)]
pub(crate) struct Place {
    home: PathBuf,
    /// `.restoring` in it.
    dir: PathBuf,
    /// Keeps a second restore away.
    _lock: File,
}

/// What was found in a home.
#[derive(Debug)]
pub(crate) enum Found {
    /// It is empty.
    Empty(Place),
    /// A restore has all files ready, and was interrupted before they had their places.
    Ready(Place),
}

impl Place {
    /// Takes a home that is empty, or made now, for a restore.
    ///
    /// # Errors
    /// What the system says; [`ErrorKind::DirectoryNotEmpty`] for a home that holds something,
    /// [`ErrorKind::ResourceBusy`] while another restore is at work there.
    pub(crate) fn take(home: &Path) -> Result<Found> {
        if !home.is_dir() {
            durable::private_dir(home)?;
        }
        let dir = home.join(RESTORING_DIR);
        let is_begun = dir.is_dir();
        if !is_begun {
            refuse_files(home)?;
        }
        durable::private_dir(&dir)?;
        let lock = File::open(&dir)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                return Err(Error::new(ErrorKind::ResourceBusy, "another restore is at work there"));
            }
            Err(fs::TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {}
            Err(fs::TryLockError::Error(error)) => return Err(error),
        }
        let place = Self { home: home.to_owned(), dir, _lock: lock };
        if place.ready().is_dir() {
            return Ok(Found::Ready(place));
        }
        refuse_files(home)?;
        place.clear()?;
        durable::private_dir(&place.making())?;
        Ok(Found::Empty(place))
    }

    /// The home that is being put together.
    pub(crate) fn made(&self) -> Home {
        Home::new(self.making())
    }

    /// Where the state of the backup may be checked.
    pub(crate) fn scratch(&self) -> &Path {
        &self.dir
    }

    fn making(&self) -> PathBuf {
        self.dir.join("home")
    }

    fn ready(&self) -> PathBuf {
        self.dir.join("ready")
    }

    /// Everything is whole and on the device.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn is_ready(&self) -> Result<()> {
        sync(&self.making())?;
        fs::rename(self.making(), self.ready())?;
        sync(&self.dir)
    }

    /// Gives every file its place, the genesis last.
    ///
    /// # Errors
    /// What the system says; the same command continues then.
    pub(crate) fn move_in(self) -> Result<()> {
        let genesis = Home::new(self.ready()).genesis_file();
        let mut paths: Vec<PathBuf> =
            fs::read_dir(self.ready())?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
        paths.sort_by_key(|path| (*path == genesis, path.clone()));
        for path in paths {
            let name = path.file_name().ok_or(ErrorKind::InvalidInput)?;
            if path == genesis {
                sync(&self.home)?;
            }
            fs::rename(&path, self.home.join(name))?;
        }
        sync(&self.home)?;
        self.give_up()
    }

    /// Leaves the home as empty as it was. What removing leaves is removed by the next restore.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn give_up(self) -> Result<()> {
        self.clear()?;
        fs::remove_dir(&self.dir)?;
        sync(&self.home)
    }

    fn clear(&self) -> Result<()> {
        for entry in fs::read_dir(&self.dir)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                fs::remove_dir_all(entry.path())?;
            } else {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

/// A home that holds anything is not restored into; a disk of its own has `lost+found`.
fn refuse_files(home: &Path) -> Result<()> {
    for entry in fs::read_dir(home)? {
        let name = entry?.file_name();
        if name != RESTORING_DIR && name != "lost+found" {
            let text = format!("it holds {} already", name.to_string_lossy());
            return Err(Error::new(ErrorKind::DirectoryNotEmpty, text));
        }
    }
    Ok(())
}

fn sync(folder: &Path) -> Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn empty(home: &Path) -> Place {
        match Place::take(home).unwrap() {
            Found::Empty(place) => place,
            Found::Ready(_) => panic!("nothing was ready"),
        }
    }

    #[test]
    fn a_home_gets_its_files_at_once_and_can_be_interrupted_at_any_step() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("new");
        let place = empty(&home);
        assert_eq!(Place::take(&home).unwrap_err().kind(), ErrorKind::ResourceBusy);
        fs::write(place.made().path().join("left"), "").unwrap();
        // Killed while it was in the making: it begins anew.
        drop(place);
        let place = empty(&home);
        assert_eq!(fs::read_dir(place.made().path()).unwrap().count(), 0);
        for name in ["genesis.json", "config.toml"] {
            fs::write(place.made().path().join(name), name).unwrap();
        }
        place.is_ready().unwrap();
        drop(place);
        // Killed while the files were moved.
        fs::rename(home.join(".restoring/ready/config.toml"), home.join("config.toml")).unwrap();
        assert!(Home::new(&home).prepare().is_err(), "nothing else is made there meanwhile");
        let Found::Ready(place) = Place::take(&home).unwrap() else { panic!("it was ready") };
        place.move_in().unwrap();
        let mut names: Vec<_> =
            fs::read_dir(&home).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["config.toml", "genesis.json"]);
    }

    #[test]
    fn a_home_that_holds_anything_stays_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("pins.json"), "{}").unwrap();
        assert_eq!(Place::take(dir.path()).unwrap_err().kind(), ErrorKind::DirectoryNotEmpty);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
