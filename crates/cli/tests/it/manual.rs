//! The manual pages, as groff reads them.

use std::fs;
use std::process::Command;

use crate::desk::{isolated, program};

#[test]
fn the_pages_are_written_the_same_twice_and_groff_warns_of_nothing_in_them() {
    let home = tempfile::tempdir().unwrap();
    let write = |folder: &str| {
        let written = isolated(Command::new(program()), home.path()).args(["man", folder]).output().unwrap();
        assert!(written.status.success(), "{written:?}");
        let mut files: Vec<_> =
            fs::read_dir(home.path().join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    };
    let (first, second) = (write("one/man1"), write("two"));
    assert!(first.len() > 70, "{first:?}");
    let texts = |files: &[std::path::PathBuf]| -> Vec<Vec<u8>> {
        files.iter().map(|file| fs::read(file).unwrap()).collect()
    };
    assert_eq!(texts(&first), texts(&second));
    let rendered = Command::new("groff").args(["-man", "-Tutf8", "-ww"]).args(&first).output();
    let rendered = rendered.unwrap_or_else(|error| panic!("`make tools` installs groff: {error}"));
    let warned = String::from_utf8_lossy(&rendered.stderr).into_owned();
    assert!(rendered.status.success() && warned.is_empty(), "{warned}");
    let text = String::from_utf8_lossy(&rendered.stdout).into_owned();
    for file in &first {
        let name = file.file_stem().unwrap().to_str().unwrap();
        assert!(text.contains(&format!("{name}(1)")), "{name}");
    }
}
