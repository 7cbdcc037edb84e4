//! The file that a backup goes to.

use std::fs::File;
use std::io::{Error, ErrorKind, Read as _, Result};
use std::path::Path;

use sealdesk_node::backup::MAGIC;

/// Whether a backup may take this name: nothing but an earlier backup is written over.
///
/// # Errors
/// What the system says; also where a file stands there that is not a backup.
pub(crate) fn may_be_replaced(path: &Path) -> Result<()> {
    let file = match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
        Ok(found) if found.is_file() => File::open(path)?,
        Ok(_) => return Err(Error::new(ErrorKind::AlreadyExists, "it is there already, and is not a file")),
    };
    let mut begins = Vec::new();
    file.take(u64::try_from(MAGIC.len()).unwrap_or_default()).read_to_end(&mut begins)?;
    if begins == MAGIC {
        return Ok(());
    }
    Err(Error::new(ErrorKind::AlreadyExists, "it is there already, and is not a backup"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_an_earlier_backup_is_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("desk.backup");
        may_be_replaced(&file).unwrap();
        std::fs::write(&file, [MAGIC, &b"and more"[..]].concat()).unwrap();
        may_be_replaced(&file).unwrap();
        std::fs::write(&file, "a letter").unwrap();
        assert_eq!(may_be_replaced(&file).unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(may_be_replaced(dir.path()).unwrap_err().kind(), ErrorKind::AlreadyExists);
    }
}
