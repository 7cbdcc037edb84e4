//! What is wrong with a page that a node serves, in plain words.

use std::fmt;

use sealdesk_protocol::text;

/// Most characters of a header's value that are shown.
const SHOWN_CHARS_MAX: usize = 120;

/// How a file is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As it is.
    Plain,
    /// As gzip.
    Gzip,
    /// As brotli.
    Brotli,
    /// As Zstandard.
    Zstd,
}

impl Form {
    /// All there are.
    pub(super) const ALL: [Self; 4] = [Self::Plain, Self::Gzip, Self::Brotli, Self::Zstd];

    /// What browsers take who may be sent it: over plain HTTP the second list, over TLS the third or, if they are newer, the last.
    pub(super) fn accepted(self) -> &'static str {
        match self {
            Self::Plain => "identity",
            Self::Gzip => "gzip, deflate",
            Self::Brotli => "gzip, deflate, br",
            Self::Zstd => "gzip, deflate, br, zstd",
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "",
            Self::Gzip => " (as gzip)",
            Self::Brotli => " (as brotli)",
            Self::Zstd => " (as zstd)",
        })
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The ledger's record is not proven.
    Unproven {
        /// Why.
        why: String,
    },
    /// The ledger proves that there is no such record.
    Absent,
    /// The record is not a page's manifest.
    UnreadableRecord {
        /// Why.
        why: String,
    },
    /// The node's manifest is of an older page than the record.
    Stale {
        /// The version that the node serves.
        served: String,
        /// The version that the ledger names.
        recorded: String,
    },
    /// The node's manifest is of a newer page than the record.
    Ahead {
        /// The version that the node serves.
        served: String,
        /// The version that the ledger names.
        recorded: String,
    },
    /// The node's manifest cannot be read.
    UnreadableManifest {
        /// Why.
        why: String,
    },
    /// The node's manifest names another policy.
    OtherPolicy,
    /// The node's manifest names another hash for a file.
    OtherHash {
        /// The file.
        path: String,
    },
    /// The node's manifest names a file that the page does not have.
    Extra {
        /// The file.
        path: String,
    },
    /// The node does not serve a file of the page.
    Missing {
        /// What was asked for.
        path: String,
        /// The status of the answer.
        status: u16,
    },
    /// What is served is another file.
    Changed {
        /// What was asked for.
        path: String,
        /// How it was sent.
        form: Form,
        /// The first byte that differs, where this program has the right file.
        first: Option<usize>,
    },
    /// What is served is longer than a file of a page may be.
    Endless {
        /// What was asked for.
        path: String,
        /// How many bytes were taken.
        bytes: usize,
    },
    /// What is served is not in the form that it says.
    Garbled {
        /// What was asked for.
        path: String,
        /// As what it was sent.
        encoding: String,
    },
    /// A header is another one, there more than once, or not there.
    Header {
        /// What was asked for.
        path: String,
        /// The header's name.
        name: String,
        /// What it has to be; empty where it must not be there.
        expected: String,
        /// What was served.
        found: Vec<String>,
    },
    /// The page that the ledger names is not the one that this program carries.
    OtherBuild {
        /// The version that the ledger names.
        recorded: String,
        /// The version that this program carries.
        carried: String,
        /// The first files that differ.
        paths: Vec<String>,
    },
    /// This program carries no page.
    NoBuild,
    /// The look ended before all was seen.
    Unfinished {
        /// Why.
        why: String,
    },
}

impl Fault {
    /// Its name for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Unproven { .. } => "unproven",
            Self::Absent => "absent",
            Self::UnreadableRecord { .. } => "unreadable_record",
            Self::Stale { .. } => "stale",
            Self::Ahead { .. } => "ahead",
            Self::UnreadableManifest { .. } => "unreadable_manifest",
            Self::OtherPolicy => "other_policy",
            Self::OtherHash { .. } => "other_hash",
            Self::Extra { .. } => "extra",
            Self::Missing { .. } => "missing",
            Self::Changed { .. } => "changed",
            Self::Endless { .. } => "endless",
            Self::Garbled { .. } => "garbled",
            Self::Header { .. } => "header",
            Self::OtherBuild { .. } => "other_build",
            Self::NoBuild => "no_build",
            Self::Unfinished { .. } => "unfinished",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unproven { why } => write!(f, "the ledger's record of the page is not proven: {why}"),
            Self::Absent => {
                f.write_str("the ledger has no record of the page: no administrator has published one")
            }
            Self::UnreadableRecord { why } => {
                write!(f, "the ledger's record of the page cannot be used: {why}")
            }
            Self::Stale { served, recorded } => {
                write!(
                    f,
                    "the node serves version {served}, which is older than {recorded}, the one that the ledger names"
                )
            }
            Self::Ahead { served, recorded } => {
                write!(
                    f,
                    "the node serves version {served}, and the ledger names {recorded}: nobody published the newer one"
                )
            }
            Self::UnreadableManifest { why } => write!(f, "/manifest.json: {why}"),
            Self::OtherPolicy => f.write_str("/manifest.json names another policy than the ledger"),
            Self::OtherHash { path } => {
                write!(f, "/manifest.json names another hash of {path} than the ledger")
            }
            Self::Extra { path } => {
                write!(f, "{path} is extra: /manifest.json names it, and the ledger does not")
            }
            Self::Missing { path, status } => write!(f, "{path} is missing: the node answers {status}"),
            Self::Changed { path, form, first: Some(first) } => {
                write!(f, "{path}{form} is changed, from byte {} on", first.saturating_add(1))
            }
            Self::Changed { path, form, first: None } => write!(f, "{path}{form} is changed"),
            Self::Endless { path, bytes } => {
                write!(f, "{path} is longer than {} MiB, which no file of a page is", bytes >> 20)
            }
            Self::Garbled { path, encoding } => write!(f, "{path} is sent as '{encoding}', and is not that"),
            Self::Header { path, name, expected, found } => header(f, path, name, expected, found),
            Self::OtherBuild { recorded, carried, paths } => {
                let paths = paths.join(", ");
                write!(
                    f,
                    "the ledger names version {recorded}, and this program carries {carried}, which differs in {paths}"
                )
            }
            Self::NoBuild => {
                f.write_str("this program was built without the page, and cannot compare it with its own")
            }
            Self::Unfinished { why } => write!(f, "not all of the page was seen: {why}"),
        }
    }
}

fn header(
    f: &mut fmt::Formatter<'_>,
    path: &str,
    name: &str,
    expected: &str,
    found: &[String],
) -> fmt::Result {
    match found {
        [] => write!(f, "{path} comes without {name}, which has to be '{expected}'"),
        [one] if expected.is_empty() => {
            write!(f, "{path} comes with {name}: '{}', which no page needs", shown(one))
        }
        [one] => write!(f, "{path} comes with {name}: '{}', and it has to be '{expected}'", shown(one)),
        many => write!(f, "{path} comes with {name} {} times", many.len()),
    }
}

/// A header's value as a terminal may show it.
fn shown(value: &str) -> String {
    let line = text::line(value);
    match line.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
