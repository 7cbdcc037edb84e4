//! The context of the container image, as a folder of its own.

use std::path::Path;
use std::process::Command;

use crate::tree::{read, root};

/// The files that git tracks or would track, links to folders among them.
fn tracked() -> Vec<String> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(listed.status.success(), "git ls-files failed");
    let text = String::from_utf8(listed.stdout).unwrap();
    text.lines().filter(|path| root().join(path).symlink_metadata().is_ok()).map(str::to_owned).collect()
}

/// Puts what a build of the image gets into a folder: of what is committed, what the list lets in.
fn context(folder: &Path) {
    let list = read("deploy/docker/Dockerfile.dockerignore");
    assert!(list.lines().any(|line| line == "*"), "everything is left out that the list does not name");
    let named: Vec<&str> = list.lines().filter_map(|line| line.strip_prefix('!')).collect();
    for path in tracked() {
        let is_named = named.iter().any(|name| path == *name || path.starts_with(&format!("{name}/")));
        if !is_named {
            continue;
        }
        let to = folder.join(&path);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        let from = root().join(&path);
        match std::fs::read_link(&from) {
            Ok(link) => std::os::unix::fs::symlink(link, &to).unwrap(),
            Err(_) => drop(std::fs::copy(&from, &to).unwrap()),
        }
    }
}

#[test]
fn the_context_of_the_image_is_a_whole_workspace() {
    let folder = tempfile::tempdir().unwrap();
    context(folder.path());
    let read = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--locked", "--format-version", "1"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    // A link whose end is left out would be found by the compiler only.
    for path in tracked() {
        let copied = folder.path().join(&path);
        if copied.is_symlink() {
            assert!(copied.exists(), "{path} leads out of the image's context");
        }
    }
}
