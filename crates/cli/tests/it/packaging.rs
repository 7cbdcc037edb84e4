//! What others get of this tree: Debian's package, as `make deb` makes it, of the program under test; and the page, which whoever doubts a
//! node builds again.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::desk::session::Session;
use crate::desk::{isolated, program};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/debian/build-package");

fn told(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let shown = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {shown}");
    String::from_utf8(output.stdout).unwrap()
}

/// A package of a program, in a folder.
fn package(program: &Path, folder: &Path) -> PathBuf {
    std::fs::create_dir_all(folder).unwrap();
    let mut build = Command::new(SCRIPT);
    build.args([program, folder]).env("SOURCE_DATE_EPOCH", "1700000000").env("COMPRESSION", "none");
    PathBuf::from(told(&mut build).trim_end())
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let listed = told(Command::new("find").arg(folder).args(["-type", "f"]));
    listed.lines().map(PathBuf::from).collect()
}

#[test]
fn the_debian_package_has_what_its_units_start_and_is_the_same_each_time() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let made = package(program(), &dir.join("one"));
    let again = package(program(), &dir.join("two"));
    assert!(std::fs::read(&made).unwrap() == std::fs::read(again).unwrap(), "two packages differ");

    let root = dir.join("root");
    told(Command::new("dpkg-deb").arg("--raw-extract").args([&made, &root]));
    let installed = root.join("usr/bin/sealdesk");
    let version = told(isolated(Command::new(&installed), dir).arg("version"));
    let field = told(Command::new("dpkg-deb").arg("--field").arg(&made).arg("Version"));
    assert!(version.contains(field.trim_end()), "{version} in a package of {field}");

    let mut units = 0;
    for path in files(&root.join("usr/lib/systemd/system")) {
        let unit = std::fs::read_to_string(&path).unwrap();
        let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
        let started = line.split(' ').next().unwrap();
        let is_here = root.join(started.trim_start_matches('/')).exists();
        assert!(is_here || started.ends_with("/cometbft"), "{path:?} starts {started}, which is not there");
        assert!(unit.contains("\nUser=sealdesk\n"), "{path:?}");
        units += 1;
    }
    assert_eq!(units, 4);
    let user = std::fs::read_to_string(root.join("usr/lib/sysusers.d/sealdesk.conf")).unwrap();
    assert!(user.contains("/var/lib/sealdesk"), "{user}");
    for shell in ["bash-completion/completions/sealdesk", "zsh/vendor-completions/_sealdesk"] {
        let script = std::fs::read_to_string(root.join("usr/share").join(shell)).unwrap();
        assert!(script.contains("sealdesk"), "{shell}");
    }
    for script in ["postinst", "prerm"] {
        told(Command::new("sh").arg("-n").arg(root.join("DEBIAN").join(script)));
    }
}

// What the package prints after it is installed, and what docs/operating.md says: a home of its own for the service.
#[test]
fn what_the_package_says_after_its_installation_makes_a_desk_that_starts() {
    let mut session = Session::idle();
    let postinst = std::fs::read_to_string(Path::new(SCRIPT).with_file_name("postinst")).unwrap();
    let says = "sealdesk --home /var/lib/sealdesk init --administrator ADDRESS";
    assert!(postinst.contains(says), "{postinst}");
    let administrator = session.key("admin");
    session.ask(&["init", "--administrator", &administrator]);
    session.start_node("127.0.0.1:0");
    assert_eq!(session.ask(&["status"])["engine"], "solo");
    session.stop_node();
}

// The short form of `make reproducible`, which makes the module and the program again, too.
#[test]
fn a_page_that_is_built_in_another_folder_is_the_page_of_the_program() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("some/other/folder");
    std::fs::create_dir_all(&folder).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let copied = "git ls-files -z desk crates/wasm/npm crates/node/src/page/policy.txt | xargs -0 cp --parents --target-directory \"$1\" \
                  && cp --recursive --no-dereference --parents crates/wasm/npm/dist desk/node_modules --target-directory \"$1\"";
    told(Command::new("sh").args(["-euc", copied, "sh"]).arg(&folder).current_dir(&root));
    told(Command::new("npm").args(["run", "--silent", "build"]).current_dir(folder.join("desk")));
    let manifest = |root: &Path| std::fs::read_to_string(root.join("desk/dist/manifest.json")).unwrap();
    assert_eq!(manifest(&folder), manifest(&root), "`make page` builds this tree's again");
}
