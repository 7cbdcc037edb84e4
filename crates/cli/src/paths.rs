//! The folder of a home, and paths as a person writes them.

use std::path::Path;

use sealdesk_client::durable;

use crate::failure::{Failure, at_home};
use crate::variables;

/// Makes the folder of a home where there is none yet.
pub(crate) fn make_home(home: &Path) -> Result<(), Failure> {
    if home.is_dir() {
        return Ok(());
    }
    durable::private_dir(home).map_err(|error| at_home(home, &error))
}

/// What a command line needs to find a home; nothing for the usual one.
pub(crate) fn home_option(home: &Path) -> String {
    let usual = std::env::home_dir().map(|folder| folder.join(".sealdesk"));
    let found = usual.as_deref() == Some(home) || variables::get("SEALDESK_HOME").is_some();
    if found { String::new() } else { format!(" --home {}", shown_path(home)) }
}

/// A path as its owner writes it: what lies in their home folder begins with `~`.
pub(crate) fn shown_path(path: &Path) -> String {
    let home = std::env::home_dir().unwrap_or_default();
    match path.strip_prefix(&home) {
        Ok(rest) if !home.as_os_str().is_empty() => format!("~/{}", rest.display()),
        _ => path.display().to_string(),
    }
}
