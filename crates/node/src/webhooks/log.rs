//! What became of each attempt to deliver: a file of JSON lines for each endpoint, of bounded length.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Result, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Longest file, in bytes: then it becomes the older one, in the place of the one before.
const LOG_BYTES_MAX: u64 = 1 << 20;

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    /// The endpoint has it.
    Delivered,
    /// It is tried again.
    Failed,
    /// It did not arrive, and nothing is tried any more.
    Disabled,
    /// What happened in between is not on this node any more, and was passed over.
    PassedOver,
    /// The ledger ends before what the endpoint has: it was restored from an earlier backup. The endpoint goes on from that end.
    SetBack,
}

/// A line of the log. None of it came from the endpoint but the status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When it ended, in Unix milliseconds.
    pub at: i64,
    /// The name of the message.
    pub webhook_id: String,
    /// What it tells.
    pub r#type: String,
    /// The how manieth attempt it was, from 1.
    pub attempt: u32,
    /// What became of it.
    pub became: Became,
    /// What the endpoint answered, where it did.
    pub status: Option<u16>,
    /// What went wrong, and what follows.
    pub detail: String,
    /// How long it took.
    pub millis: u64,
}

/// The log of an endpoint.
#[derive(Clone, Debug)]
pub(super) struct Log(PathBuf);

impl Log {
    pub(super) fn at(path: PathBuf) -> Self {
        Self(path)
    }

    fn older(&self) -> PathBuf {
        let mut name = self.0.clone().into_os_string();
        name.push(".1");
        name.into()
    }

    /// Adds a line.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn add(&self, attempt: &Attempt) -> Result<()> {
        let mut line = serde_json::to_vec(attempt)?;
        line.push(b'\n');
        if fs::metadata(&self.0).is_ok_and(|found| found.len() >= LOG_BYTES_MAX) {
            fs::rename(&self.0, self.older())?;
        }
        let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(&self.0)?;
        file.write_all(&line)
    }

    /// The newest lines, oldest first. A line that is not whole is left out.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn newest(&self, lines: usize) -> Result<Vec<Attempt>> {
        let mut all = read(&self.older())?;
        all.extend(read(&self.0)?);
        Ok(all.split_off(all.len().saturating_sub(lines)))
    }

    /// Removes what there is.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn remove(&self) -> Result<()> {
        for path in [self.0.clone(), self.older()] {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

fn read(path: &Path) -> Result<Vec<Attempt>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let lines = BufReader::new(file.take(2 * LOG_BYTES_MAX)).lines();
    let mut read = Vec::new();
    for line in lines {
        read.extend(serde_json::from_str(&line?).ok());
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_keeps_the_newest_lines_and_stays_short() {
        let dir = tempfile::tempdir().unwrap();
        let log = Log::at(dir.path().join("x.log"));
        assert!(log.newest(5).unwrap().is_empty());
        let attempt = |n: u32| Attempt {
            at: 1,
            webhook_id: "x".repeat(500),
            r#type: String::new(),
            attempt: n,
            became: Became::Failed,
            status: None,
            detail: "y".repeat(500),
            millis: 0,
        };
        for n in 1..=2_500 {
            log.add(&attempt(n)).unwrap();
        }
        let newest: Vec<u32> = log.newest(3).unwrap().into_iter().map(|line| line.attempt).collect();
        assert_eq!(newest, [2_498, 2_499, 2_500]);
        let bytes: u64 =
            fs::read_dir(dir.path()).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum();
        assert!(bytes <= 2 * LOG_BYTES_MAX + 4_096, "{bytes}");
        OpenOptions::new()
            .append(true)
            .open(dir.path().join("x.log"))
            .unwrap()
            .write_all(b"{\"at\":")
            .unwrap();
        assert_eq!(log.newest(1).unwrap()[0].attempt, 2_500, "a line that a crash cut off hides no other");
        log.remove().unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
