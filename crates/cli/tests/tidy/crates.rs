//! What Cargo knows: arrows between crates, what they inherit, and that each package holds what its build reads.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use crate::tree::{crates, files, is_test, packages, read, root, sources};

/// Which crates each of ours may use: the arrows of ARCHITECTURE.md.
fn arrows() -> BTreeMap<&'static str, &'static [&'static str]> {
    BTreeMap::from([
        ("protocol", &[][..]),
        ("store", &[]),
        ("stacks", &[]),
        ("envelope", &["protocol"]),
        ("machine", &["protocol", "store"]),
        ("testkit", &["protocol", "store", "machine"]),
        ("node", &["machine", "store", "protocol"]),
        ("client", &["envelope", "protocol", "stacks"]),
        ("wasm", &["client", "protocol"]),
        ("localnet", &["client", "protocol", "node"]),
        ("cli", &["client", "localnet", "protocol", "node", "envelope"]),
    ])
}

#[test]
fn no_arrow_points_the_wrong_way() {
    let arrows = arrows();
    for (name, package) in crates() {
        let Some(allowed) = arrows.get(name.as_str()) else { panic!("no arrows are drawn for crate {name}") };
        for dependency in package["dependencies"].as_array().unwrap() {
            let target = dependency["name"].as_str().unwrap();
            let Some(target) = target.strip_prefix("sealdesk-") else { continue };
            if target == "testkit" {
                assert_eq!(dependency["kind"], "dev", "{name} must not contain the test kit");
                continue;
            }
            assert!(allowed.contains(&target), "{name} must not depend on {target}, not even in tests");
        }
    }
}

#[test]
fn no_module_is_taken_from_another_crate() {
    // A crate's folder is the first part of a path, or the first two below `crates`.
    let home = |path: &Path| -> PathBuf {
        let parts = if path.starts_with("crates") { 2 } else { 1 };
        path.components().take(parts).collect()
    };
    for path in sources().filter(|path| !path.contains("/tests/tidy/")) {
        for named in read(&path).split("#[path = \"").skip(1).filter_map(|rest| rest.split('"').next()) {
            let mut target = Path::new(&path).parent().unwrap().to_path_buf();
            for part in Path::new(named).components() {
                match part {
                    Component::ParentDir => assert!(target.pop(), "{path} names {named}"),
                    part => target.push(part),
                }
            }
            let (here, there) = (home(Path::new(&path)), home(&target));
            assert_eq!(here, there, "{path} takes {named} from another crate; testkit is the room for it");
        }
    }
}

#[test]
fn pure_crates_have_no_runtime_among_their_dependencies() {
    for (name, package) in crates() {
        if !["protocol", "envelope", "machine", "stacks"].contains(&name.as_str()) {
            continue;
        }
        for dependency in package["dependencies"].as_array().unwrap() {
            let kind = dependency["kind"].as_str().unwrap_or("normal");
            let target = dependency["name"].as_str().unwrap();
            let impure =
                ["tokio", "tonic", "hyper", "rand", "getrandom", "chrono", "async-std"].contains(&target);
            assert!(kind != "normal" || !impure, "{name} depends on {target}");
        }
    }
}

#[test]
fn every_crate_inherits_the_lints_and_says_what_it_is() {
    for path in files().iter().filter(|path| path.starts_with("crates/") && path.ends_with("/Cargo.toml")) {
        assert!(
            read(path).contains("[lints]\nworkspace = true"),
            "{path} does not inherit the workspace's lints"
        );
    }
    for (name, package) in crates() {
        for field in ["description", "license", "readme"] {
            assert!(package[field].as_str().is_some_and(|text| !text.is_empty()), "{name} has no {field}");
        }
        let keywords = package["keywords"].as_array().unwrap();
        assert!((1..=5).contains(&keywords.len()), "{name} has {} keywords", keywords.len());
    }
    assert!(
        read("LICENSE").contains("Apache License") && read("LICENSE").contains("END OF TERMS AND CONDITIONS")
    );
}

/// The files outside of Rust's modules that a crate's build reads: what is included, and what its build script compiles.
fn read_by_the_build(folder: &Path, script: bool) -> Vec<PathBuf> {
    let inside = folder.strip_prefix(root()).unwrap().to_str().unwrap().to_owned() + "/src/";
    let mut all: Vec<PathBuf> = sources()
        .filter(|path| path.starts_with(&inside) && !is_test(path))
        .flat_map(|path| {
            let text = read(&path);
            let calls = text
                .split(['\n', ';'])
                .filter(|line| ["include_str!(", "include_bytes!("].iter().any(|call| line.contains(call)));
            let named = calls.filter_map(|line| {
                Some((line.contains("CARGO_MANIFEST_DIR"), line.split('"').rev().nth(1)?.to_owned()))
            });
            let beside = root().join(&path).parent().unwrap().to_owned();
            let named = named.filter(|(_, name)| !name.ends_with(".bin"));
            named
                .map(
                    |(from_crate, name)| if from_crate { folder.join(&name[1..]) } else { beside.join(name) },
                )
                .collect::<Vec<_>>()
        })
        .collect();
    if script
        && read(&(folder.strip_prefix(root()).unwrap().to_str().unwrap().to_owned() + "/build.rs"))
            .contains(".join(\"proto\")")
    {
        let protos =
            files().into_iter().filter(|path| path.starts_with("proto/") && path.ends_with(".proto"));
        all.extend(protos.map(|path| folder.join(path)));
    }
    all
}

#[test]
fn each_package_and_the_image_hold_what_the_build_reads() {
    let image = read("deploy/docker/Dockerfile.dockerignore");
    let copied: Vec<PathBuf> =
        image.lines().filter_map(|line| line.strip_prefix('!')).map(|path| root().join(path)).collect();
    let mut found = 0;
    for package in packages() {
        let folder =
            Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap().canonicalize().unwrap();
        assert!(
            copied.iter().any(|copied| folder.starts_with(copied)),
            "the image's build does not get {}",
            folder.display()
        );
        if !folder.starts_with(root().join("crates")) {
            continue;
        }
        let listed = Command::new(env!("CARGO"))
            .args([
                "package",
                "--list",
                "--allow-dirty",
                "--offline",
                "--package",
                package["name"].as_str().unwrap(),
            ])
            .current_dir(root())
            .output()
            .unwrap();
        assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
        let listed = String::from_utf8(listed.stdout).unwrap();
        for path in read_by_the_build(&folder, folder.join("build.rs").exists()) {
            found += 1;
            let real = path.canonicalize().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert!(
                copied.iter().any(|copied| real.starts_with(copied)),
                "the image's build does not get {}",
                real.display()
            );
            let inside = path
                .strip_prefix(&folder)
                .unwrap_or_else(|_| panic!("{} lies outside of its package", path.display()));
            assert!(
                !inside.to_str().unwrap().contains(".."),
                "{} lies outside of its package",
                path.display()
            );
            assert!(
                listed.lines().any(|line| Path::new(line) == inside),
                "{} is not in its package",
                path.display()
            );
        }
    }
    assert!(found >= 16, "only {found} files were looked at");
}
