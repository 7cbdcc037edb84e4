//! Every secret file of a home, by its kind: its mode, and what it opens. docs/operating.md has the same kinds.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::strays::{self, Stray};
use crate::config::INVITATION_FILE;
use crate::context::Context;
use crate::failure::{Failure, quoted};
use crate::prompt::PASSPHRASE_FILE;
use crate::variables;

/// A kind of secret file.
pub(super) struct Kind {
    /// Where it lies, as documents name it.
    pub(super) place: &'static str,
    /// What it opens, for whoever has it.
    pub(super) opens: &'static str,
}

const SEALED_KEY: Kind = Kind {
    place: "keyring-file/NAME.json",
    opens: "with the keyring's passphrase: all that was sealed for that key, and acting as its owner",
};
const KEPT_KEY: Kind = Kind {
    place: "keyring-os/NAME.json",
    opens: "with what the keyring of this computer keeps: all that was sealed for that key, and acting as its owner",
};
const CLEAR_KEY: Kind = Kind {
    place: "keyring-test/NAME.json",
    opens: "all that was sealed for that key, and acting as its owner",
};
const COPY: Kind =
    Kind { place: "keyring-*/ANY OTHER FILE", opens: "what the key opens of which it may be a copy" };
const PASSPHRASE: Kind = Kind { place: "keyring.passphrase", opens: "every key in keyring-file" };
const NAMED_PASSPHRASE: Kind =
    Kind { place: "the file that SEALDESK_PASSPHRASE_FILE names", opens: "every key in keyring-file" };
const PHRASE: Kind = Kind {
    place: "NAME.recovery-phrase",
    opens: "the key of that name, on every computer; older programs wrote it at the first start",
};
const PINS: Kind = Kind {
    place: "pins.json",
    opens: "nothing; it tells whom this home has written to, and which ledger it believes",
};
const CONTACTS: Kind = Kind {
    place: "contacts.json",
    opens: "nothing; it tells what this home calls people, and decides whom a typed name means",
};
const INVITATION: Kind = Kind {
    place: "invitation.code",
    opens: "a place at the desk for one new account, while the invitation is good",
};
const REMEMBERED: Kind = Kind {
    place: "remembered-*.json",
    opens: "nothing; it tells which tickets this home used, and whose keys it has seen",
};
const SUBJECTS: Kind = Kind {
    place: "subjects-*.sealed",
    opens: "nothing without the phrase: subjects that inbox has opened; rebuilt if missing",
};
const VALIDATOR: Kind = Kind { place: "validator_key.json", opens: "making blocks in this node's name" };
const COMET_VALIDATOR: Kind = Kind {
    place: "comet/config/priv_validator_key.json",
    opens: "making blocks in this node's name; a copy of validator_key.json",
};
const COMET_NODE: Kind =
    Kind { place: "comet/config/node_key.json", opens: "meeting the other nodes in this node's name" };
const WEBHOOK: Kind = Kind {
    place: "webhooks/NAME.json",
    opens: "telling the receiver of that webhook what never happened, in this node's name",
};
const PUSH: Kind = Kind {
    place: "push/",
    opens: "waking those devices with the same empty words, in this node's name; knowing which push services people have",
};
const BACKUP: Kind = Kind {
    place: "*.bak, *.old, *.orig, *.save, *.swp, *.tmp, *.tar, *.tgz, *.gz, *.zip, *.zst, *~, also in other folders; a secret file's name with more behind it",
    opens: "whatever the file opens of which it may be a copy",
};
const HOLDS: Kind = Kind {
    place: "ANY OTHER SMALL FILE with a recovery phrase or a key in it",
    opens: "what that phrase or key opens",
};

/// Every kind, as docs/operating.md lists them.
#[cfg(test)]
pub(super) const KINDS: [&Kind; 19] = [
    &SEALED_KEY,
    &KEPT_KEY,
    &CLEAR_KEY,
    &COPY,
    &PASSPHRASE,
    &NAMED_PASSPHRASE,
    &PHRASE,
    &PINS,
    &CONTACTS,
    &INVITATION,
    &REMEMBERED,
    &SUBJECTS,
    &VALIDATOR,
    &COMET_VALIDATOR,
    &COMET_NODE,
    &WEBHOOK,
    &PUSH,
    &BACKUP,
    &HOLDS,
];

/// CometBFT's keys in its folder.
const COMET_KEYS: [&str; 2] = ["priv_validator_key.json", "node_key.json"];

/// A secret file that is there.
pub(super) struct Secret {
    pub(super) path: PathBuf,
    pub(super) kind: &'static Kind,
}

/// Every secret file of this home, and the passphrase file that a variable names, in the order of their paths.
pub(super) fn of(context: &Context) -> Vec<Secret> {
    let home = context.home();
    let mut found = Vec::new();
    for path in files(home) {
        let name = name(&path);
        let kind = match name.as_str() {
            "keyring.passphrase" => &PASSPHRASE,
            "pins.json" => &PINS,
            "contacts.json" => &CONTACTS,
            INVITATION_FILE => &INVITATION,
            name if name.starts_with("remembered-") && name.ends_with(".json") => &REMEMBERED,
            name if name.starts_with("subjects-") && name.ends_with(".sealed") => &SUBJECTS,
            "validator_key.json" => &VALIDATOR,
            name if name.ends_with(".recovery-phrase") => &PHRASE,
            _ => match stray(&path, home) {
                Some(kind) => kind,
                None => continue,
            },
        };
        found.push(Secret { path, kind });
    }
    let strays = strays::below_unknown_folders(home).into_iter().chain(files(&home.join("comet/config")));
    for path in strays.filter(|path| !COMET_KEYS.contains(&name(path).as_str())) {
        found.extend(stray(&path, home).map(|kind| Secret { path, kind }));
    }
    let folders = [("keyring-file", &SEALED_KEY), ("keyring-os", &KEPT_KEY), ("keyring-test", &CLEAR_KEY)];
    for (folder, own) in folders {
        for path in files(&home.join(folder)) {
            let is_key = path.extension().is_some_and(|end| end == "json");
            // `alice.old.json` is no key's file.
            let is_key = is_key && !name(&path).trim_end_matches(".json").contains('.');
            found.push(Secret { path, kind: if is_key { own } else { &COPY } });
        }
    }
    for (file, kind) in COMET_KEYS.into_iter().zip([&COMET_VALIDATOR, &COMET_NODE]) {
        let path = home.join("comet/config").join(file);
        found.extend(path.exists().then_some(Secret { path, kind }));
    }
    let webhooks = files(&home.join("webhooks")).into_iter();
    let webhooks = webhooks.filter(|path| path.extension().is_some_and(|end| end == "json"));
    found.extend(webhooks.map(|path| Secret { path, kind: &WEBHOOK }));
    // One line for all of it: it may have a file for each of thousands of people.
    let push = home.join("push");
    found.extend(push.is_dir().then_some(Secret { path: push, kind: &PUSH }));
    if let Some(named) = variables::get(PASSPHRASE_FILE).map(PathBuf::from).filter(|path| path.exists()) {
        found.push(Secret { path: named, kind: &NAMED_PASSPHRASE });
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

impl Secret {
    /// Its mode and what it opens; an error where others can read it.
    pub(super) fn looked_at(&self, context: &Context) -> Result<String, Failure> {
        let shown = context.shown(&self.path);
        let mode = fs::metadata(&self.path).map(|found| found.permissions().mode() & 0o7777);
        let mode = mode.map_err(|error| crate::failure::at_home(&self.path, &error))?;
        // The keyring itself says which of its keys are open to others.
        let is_key = [SEALED_KEY.place, KEPT_KEY.place, CLEAR_KEY.place].contains(&self.kind.place);
        if mode & 0o077 != 0 && !is_key {
            let path = quoted(&self.path);
            return Err(Failure::hinted(
                format!("others can read {shown} ({mode:04o}), which opens {}", self.kind.opens),
                format!("run `chmod go-rwx {path}`"),
            ));
        }
        Ok(format!("{shown} ({mode:04o}) opens {}", self.kind.opens))
    }
}

/// What a file is to which the program gives another name.
fn stray(path: &Path, home: &Path) -> Option<&'static Kind> {
    Some(match strays::judged(path, home)? {
        Stray::Copy => &BACKUP,
        Stray::Holds => &HOLDS,
    })
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The files of a folder that can be listed.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The first two cells of each row of the table below a heading.
    fn table(document: &str, heading: &str) -> BTreeSet<(String, String)> {
        let section = document.split(&format!("\n## {heading}\n")).nth(1).unwrap();
        let section = section.split("\n## ").next().unwrap();
        let rows = section.lines().filter(|line| line.starts_with("| ") && !line.contains("|---"));
        let cells = |row: &str| -> Vec<String> {
            row.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect()
        };
        let rows = rows.map(cells).skip(1);
        rows.map(|cells| (cells[0].clone(), cells[1].clone())).collect()
    }

    #[test]
    fn the_table_of_secret_files_is_that_of_the_doctor() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/operating.md");
        let document = fs::read_to_string(path).unwrap();
        let own = KINDS.map(|kind| (kind.place.to_owned(), kind.opens.to_owned()));
        assert_eq!(table(&document, "Secret files of a home"), BTreeSet::from(own));
    }
}
