//! Why there is no backup, or why one is refused.

use std::path::Path;

use sealdesk_client::sealed_files::SealedFilesError;
use sealdesk_node::backup::BackupError;

use super::{Failure, at};

/// What became of a backup in a file.
pub(crate) fn of_backup(file: &Path, error: BackupError) -> Failure {
    let said = format!("{}: {error}", file.display());
    match error {
        BackupError::NotABackup => Failure::usage(said, "name a file that `sealdesk backup` wrote"),
        BackupError::Damaged(_) | BackupError::EndsEarly => {
            Failure::hinted(said, "take another backup; nothing of this one was used")
        }
        BackupError::Io(error) => at(file, &error),
        BackupError::Storage(error) => Failure::hinted(
            error.to_string(),
            "the state is checked on that disk: make room on it, then try again",
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
