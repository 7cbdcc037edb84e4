//! The folder of a home, and paths as a person writes them.

use std::path::{Path, PathBuf};

use sealdesk_client::durable;

use crate::failure::{Failure, at_home, quoted};
use crate::variables;

/// Makes the folder of a home where there is none yet.
pub(crate) fn make_home(home: &Path) -> Result<(), Failure> {
    if home.is_dir() {
        return Ok(());
    }
    durable::private_dir(home).map_err(|error| at_home(home, &error))
}

/// What a command line needs to find a home; nothing for the one that it finds without: that of the variable, else the usual one.
pub(crate) fn home_option(home: &Path) -> String {
    let named = variables::get("SEALDESK_HOME").map(PathBuf::from);
    let found = named.or_else(|| std::env::home_dir().map(|folder| folder.join(".sealdesk")));
    if found.as_deref() == Some(home) { String::new() } else { format!(" --home {}", typed_path(home)) }
}

/// A path as its owner types it into a shell: what lies in their home folder begins with `~`.
pub(crate) fn typed_path(path: &Path) -> String {
    let home = std::env::home_dir().unwrap_or_default();
    match path.strip_prefix(&home) {
        Ok(rest) if !home.as_os_str().is_empty() => format!("~/{}", quoted(rest)),
        _ => quoted(path),
    }
}

/// A path as its owner writes it: what lies in their home folder begins with `~`.
pub(crate) fn shown_path(path: &Path) -> String {
    let home = std::env::home_dir().unwrap_or_default();
    match path.strip_prefix(&home) {
        Ok(rest) if !home.as_os_str().is_empty() => format!("~/{}", rest.display()),
        _ => path.display().to_string(),
    }
}
