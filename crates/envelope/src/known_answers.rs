//! Runs files of known answers and of attacks, so that any implementation can be checked against this one.
//!
//! Five kinds of file, told apart by what they hold: `vectors` (sealing must give these bytes, and every reader open
//! them), `attacks` (each must be refused without releasing a byte), `identities` (a phrase must give these keys),
//! `attachments` (a key and a file must give these pieces) and `disclosures` (a file must give this digest at its place).
//! All byte fields are lower-case hex; `null` or a missing field means absent. Because the secrets of such files are
//! public, their sealing without chance does no harm.

mod attachments;
pub(crate) mod attacks;
mod disclosures;
mod envelopes;
pub(crate) mod format;
mod identities;

use std::fmt;

use serde_json::Value;
use thiserror::Error;

/// The file cannot be judged at all.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CheckError {
    /// Not JSON.
    #[error("the file is not JSON (line {line}, column {column})")]
    NotJson {
        /// The line of the first mistake, from 1.
        line: usize,
        /// The column of the first mistake.
        column: usize,
    },
    /// JSON, but none of the five kinds.
    #[error(
        "the file has none of the lists `vectors`, `attacks`, `identities`, `attachments` and `disclosures`"
    )]
    UnknownFormat,
}

/// What came out, one line a case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// How many cases are as they must be.
    pub passed: usize,
    /// How many are not, those that cannot be read among them.
    pub failed: usize,
    /// One line a case: `ok` or `FAILED`, its name, and what was wrong or how it was refused.
    pub lines: Vec<String>,
}

impl Report {
    fn record(&mut self, case: &Value, result: Result<String, String>) {
        let name = case.get("name").or_else(|| case.get("address")).and_then(Value::as_str);
        let name = name.unwrap_or("(without a name)");
        let line = match result {
            Ok(note) => {
                self.passed += 1;
                format!("ok      {name}{note}")
            }
            Err(fault) => {
                self.failed += 1;
                format!("FAILED  {name}: {fault}")
            }
        };
        self.lines.push(line);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            writeln!(f, "{line}")?;
        }
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// Judges one file. An empty list passes nothing and fails nothing; a case that cannot be read fails.
pub fn check(json: &str) -> Result<Report, CheckError> {
    let file: Value = serde_json::from_str(json)
        .map_err(|error| CheckError::NotJson { line: error.line(), column: error.column() })?;
    let list = |key: &str| file.get(key).and_then(Value::as_array);
    let mut report = Report::default();
    if let Some(vectors) = list("vectors") {
        for vector in vectors {
            report.record(vector, envelopes::judge(vector, vectors).map(|()| String::new()));
        }
    } else if let Some(attacks) = list("attacks") {
        for attack in attacks {
            report.record(attack, attacks::judge(attack).map(|reason| format!(" (refused: {reason})")));
        }
    } else if let Some(identities) = list("identities") {
        for identity in identities {
            report.record(identity, identities::judge(identity).map(|()| String::new()));
        }
    } else if let Some(files) = list("attachments") {
        for file in files {
            report.record(file, attachments::judge(file).map(|()| String::new()));
        }
    } else if let Some(disclosures) = list("disclosures") {
        for disclosure in disclosures {
            report.record(disclosure, disclosures::judge(disclosure).map(|()| String::new()));
        }
    } else {
        return Err(CheckError::UnknownFormat);
    }
    Ok(report)
}
