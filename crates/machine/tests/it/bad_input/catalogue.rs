//! The files of `vectors/bad-input`: compared with what the builders make, or written anew with `BLESS=1`.

use std::path::PathBuf;

use serde::Serialize;

fn blesses() -> bool {
    std::env::var_os("BLESS").is_some()
}

pub fn compare(file: &str, value: &impl Serialize) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../vectors/bad-input").join(file);
    let text = serde_json::to_string_pretty(value).unwrap() + "\n";
    if blesses() {
        std::fs::write(&path, &text).unwrap();
        return;
    }
    assert!(std::fs::read_to_string(&path).unwrap_or_default() == text, "{file} differs from its builder");
}

/// A run that writes files anew does not pass.
pub fn must_be_judged() {
    assert!(!blesses(), "written anew: read the difference, then run without BLESS");
}
