//! Which files of a home a backup holds, beside the ledger's own. The validator's key is none of them: a restored desk has a key of its own.

use std::io::ErrorKind;
use std::path::Path;

use sealdesk_client::durable;
use sealdesk_client::sealed_files::SecretFile;
use sealdesk_node::backup::HomeFile;
use zeroize::Zeroizing;

use crate::failure::{Failure, at_home};

/// Longest file of a home that a backup takes, in bytes.
const FILE_BYTES_MAX: u64 = 24 * 1024 * 1024;

/// How a backup keeps a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// As it is.
    Open,
    /// Sealed under a passphrase, and only where that is asked for.
    Sealed,
}

/// How a backup keeps the file of this name, a path below the home; `None` for what it leaves out, and for every name that a home
/// does not have.
pub(crate) fn kept(name: &str) -> Option<Kept> {
    let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '@' | '+');
    if file.starts_with('.') || !file.chars().all(plain) {
        return None;
    }
    match (folder, file) {
        ("", "config.toml" | "client.toml" | "pins.json" | "contacts.json") => Some(Kept::Open),
        ("", file) if file.starts_with("remembered-") && file.ends_with(".json") => Some(Kept::Open),
        ("", "keyring.passphrase") => Some(Kept::Sealed),
        ("keyring-file" | "keyring-test" | "webhooks", file) if file.ends_with(".json") => Some(Kept::Sealed),
        ("invitations", file) if file.ends_with(".json") || file.ends_with(".accounts") => Some(Kept::Sealed),
        _ => None,
    }
}

/// Folders of a home that hold such files.
const FOLDERS: [&str; 5] = ["", "keyring-file", "keyring-test", "webhooks", "invitations"];

/// The folder of keys whose passphrase the computer's keyring has: elsewhere nothing opens them, so no backup takes them.
const OS_KEYS: &str = "keyring-os";

/// How many keys of a home only this computer's keyring opens.
pub(crate) fn os_keys(home: &Path) -> Result<usize, Failure> {
    let path = home.join(OS_KEYS);
    let entries = match std::fs::read_dir(&path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(at_home(&path, &error)),
    };
    let mut keys = 0;
    for entry in entries {
        let name = entry.map_err(|error| at_home(&path, &error))?.file_name();
        let name = name.to_string_lossy();
        keys += usize::from(name.ends_with(".json") && !name.starts_with('.'));
    }
    Ok(keys)
}

/// Names of the files of a home that are kept so, in order.
pub(crate) fn names(home: &Path, how: Kept) -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    for folder in FOLDERS {
        let path = home.join(folder);
        let entries = match std::fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(at_home(&path, &error)),
        };
        for entry in entries {
            let Ok(file) = entry.map_err(|error| at_home(&path, &error))?.file_name().into_string() else {
                continue;
            };
            let name = if folder.is_empty() { file } else { format!("{folder}/{file}") };
            names.extend((kept(&name) == Some(how)).then_some(name));
        }
    }
    names.sort();
    Ok(names)
}

/// The files of a home that are kept as they are.
pub(crate) fn open_files(home: &Path) -> Result<Vec<HomeFile>, Failure> {
    let mut files = Vec::new();
    for name in names(home, Kept::Open)? {
        files.extend(read(home, &name, false)?.map(|bytes| HomeFile { name, bytes: bytes.to_vec() }));
    }
    Ok(files)
}

/// The secret files of a home.
pub(crate) fn secret_files(home: &Path) -> Result<Vec<SecretFile>, Failure> {
    let mut files = Vec::new();
    for name in names(home, Kept::Sealed)? {
        files.extend(read(home, &name, true)?.map(|bytes| SecretFile { name, bytes }));
    }
    Ok(files)
}

/// What a file holds; `None` where it went meanwhile.
fn read(home: &Path, name: &str, is_secret: bool) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
    let path = home.join(name);
    let bytes = match is_secret {
        true => durable::read_bounded(&path, FILE_BYTES_MAX),
        // Somebody may have written it, and left it open to others.
        false => std::fs::read(&path),
    };
    match bytes {
        Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(at_home(&path, &error)),
    }
}

/// Writes a file of a backup into a home that is being put together. A name that no home has is refused.
pub(crate) fn restore(home: &Path, name: &str, bytes: &[u8], how: Kept) -> Result<(), Failure> {
    if kept(name) != Some(how) {
        let text = format!("the backup holds a file that no home has: {name}");
        return Err(Failure::hinted(text, "take another backup; nothing of this one was used"));
    }
    let path = home.join(name);
    if let Some(folder) = path.parent() {
        durable::private_dir(folder).map_err(|error| at_home(folder, &error))?;
    }
    durable::create_private(&path, bytes).map_err(|error| at_home(&path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sealed_and_the_validators_key_is_left_out() {
        for name in ["config.toml", "client.toml", "pins.json", "remembered-0a.json"] {
            assert_eq!(kept(name), Some(Kept::Open), "{name}");
        }
        for name in
            ["keyring-file/admin.json", "keyring-test/a.json", "keyring.passphrase", "webhooks/w.json"]
        {
            assert_eq!(kept(name), Some(Kept::Sealed), "{name}");
        }
        for name in
            ["validator_key.json", "validator_signed", "genesis.json", "data/state.redb", "webhooks/w.state"]
        {
            assert_eq!(kept(name), None, "{name}");
        }
    }

    #[test]
    fn keys_that_only_the_computers_keyring_opens_are_counted_and_in_no_backup() {
        let home = tempfile::tempdir().unwrap();
        assert_eq!(os_keys(home.path()).unwrap(), 0);
        std::fs::create_dir(home.path().join(OS_KEYS)).unwrap();
        for name in ["alice.json", "bob.json", ".draft.json", "lock"] {
            std::fs::write(home.path().join(OS_KEYS).join(name), "{}").unwrap();
        }
        assert_eq!(os_keys(home.path()).unwrap(), 2);
        assert_eq!(kept("keyring-os/alice.json"), None);
        assert!(names(home.path(), Kept::Sealed).unwrap().is_empty());
    }

    #[test]
    fn no_name_leads_out_of_a_home() {
        let names = [
            "../pins.json",
            "/etc/passwd",
            "keyring-file/../../x.json",
            "keyring-file/.x.json",
            "x/y/z.json",
        ];
        for name in names.into_iter().chain(["", "keyring-file/", "remembered-/x.json", "remembered-\n.json"])
        {
            assert_eq!(kept(name), None, "{name}");
        }
    }
}
