//! Why there is no backup, or why one is refused.

use std::path::Path;

use sealdesk_client::sealed_files::SealedFilesError;
use sealdesk_node::backup::BackupError;

use super::{Failure, at};

/// What became of a backup in a file, whose state is made in the folder `place`.
pub(crate) fn of_backup(file: &Path, place: &Path, error: BackupError) -> Failure {
    let said = format!("{}: {error}", file.display());
    match error {
        BackupError::NotABackup => Failure::usage(said, "name a file that `sealdesk backup` wrote"),
        BackupError::Damaged(_) | BackupError::EndsEarly => {
            Failure::hinted(said, "take another backup; nothing of this one was used")
        }
        BackupError::Io(error) => at(file, &error),
        BackupError::Storage(error) => Failure::hinted(
            format!("{}: {error}", place.display()),
            "the state of a backup is made in that folder while it is read, and takes about as much room as in the desk: make room there, \
             then do the same again",
        ),
        BackupError::Node(_) => {
            Failure::hinted(error.to_string(), "try again; `sealdesk doctor` looks for what is wrong")
        }
    }
}

impl From<SealedFilesError> for Failure {
    fn from(error: SealedFilesError) -> Self {
        let hint = match error {
            SealedFilesError::WrongPassphrase => {
                "try again; --without-keys restores the desk alone, and recovery phrases bring back the keys"
            }
            SealedFilesError::PassphraseTooShort => "choose a longer one",
            SealedFilesError::Form => "a newer program may know it",
            SealedFilesError::TooLong => "leave --with-keys out, and keep recovery phrases instead",
            SealedFilesError::Random => return Self::new(error.to_string()),
        };
        Self::hinted(error.to_string(), hint)
    }
}
