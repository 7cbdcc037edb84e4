//! One look at a page: every file in every form in which browsers ask for it, and the headers that decide what becomes of it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::fault::{Fault, Form};
use super::manifest::{Manifest, hash_of};
use super::plan::{self, Part};
use super::unpack::unpacked;
use crate::node::{Asked, FetchError, Fetched, Fetcher, NodeError};
use crate::time::within;

/// Largest file of a page, sent or unpacked, in bytes.
const FILE_BYTES_MAX: usize = 16 << 20;
/// Largest manifest that is read, in bytes.
const MANIFEST_BYTES_MAX: usize = 65_536;
/// Headers by which an answer has a browser load, run, open, tell or forget something else.
const FORBIDDEN: [&str; 17] = [
    "alt-svc",
    "clear-site-data",
    "content-disposition",
    "content-security-policy-report-only",
    "link",
    "location",
    "nel",
    "origin-trial",
    "refresh",
    "report-to",
    "reporting-endpoints",
    "service-worker-allowed",
    "set-cookie",
    "sourcemap",
    "speculation-rules",
    "use-as-dictionary",
    "x-sourcemap",
];

/// The headers, by their names in lower case, that the file of a path has to come with.
pub type Obeyed = dyn Fn(&str) -> Vec<(&'static str, &'static str)>;

/// What a page is compared with.
pub struct Look<'a> {
    /// What has to be served.
    pub expected: &'a Manifest,
    /// The headers of each file, but for the policy, which the manifest has.
    pub obeyed: &'a Obeyed,
    /// The right file, where this program has it.
    pub own: &'a dyn Fn(&str) -> Option<&'static [u8]>,
    /// How much may be looked at.
    pub bounds: Bounds,
}

/// How much one look takes at most, over all files. A file alone has at most 16 MiB, and a minute.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Bytes of headers and files, as they were sent and unpacked once more.
    pub bytes: usize,
    /// From the first question to the last answer.
    pub time: Duration,
}

impl Default for Bounds {
    /// 512 MiB, of which the page takes a tenth, and ten minutes.
    fn default() -> Self {
        Self { bytes: 512 << 20, time: Duration::from_secs(600) }
    }
}

/// Looks at a page, and gives what is wrong with it, and how many answers were looked at.
///
/// # Errors
/// [`NodeError`] where nobody answers: then nothing is known.
pub async fn look(fetcher: &Fetcher, look: &Look<'_>) -> Result<(Vec<Fault>, usize), NodeError> {
    let mut found = Found { faults: BTreeMap::new(), answers: 0, bytes_left: look.bounds.bytes };
    match within(look.bounds.time, look.at_all(fetcher, &mut found)).await {
        Some(done) => done?,
        None => found.add(Fault::Unfinished {
            why: format!("it takes longer than {} seconds", look.bounds.time.as_secs()),
        }),
    }
    if found.bytes_left == 0 {
        found.add(Fault::Unfinished {
            why: format!("its answers have more than {} KiB in all", look.bounds.bytes >> 10),
        });
    }
    Ok((found.faults.into_values().collect(), found.answers))
}

/// What a look has found so far.
struct Found {
    /// By what is said of them: the same fault of another form of a file is told once.
    faults: BTreeMap<String, Fault>,
    answers: usize,
    /// How many bytes may still come.
    bytes_left: usize,
}

impl Found {
    fn add(&mut self, fault: Fault) {
        self.faults.insert(fault.to_string(), fault);
    }

    fn spend(&mut self, bytes: usize) {
        self.bytes_left = self.bytes_left.saturating_sub(bytes);
    }

    /// Asks for one thing. `None` where its answer is longer than it may be, or not the file.
    async fn ask(
        &mut self,
        fetcher: &Fetcher,
        asked: Asked<'_>,
        bytes_max: usize,
    ) -> Result<Option<Fetched>, NodeError> {
        let path = asked.path.to_owned();
        let fetched = match fetcher.fetch(asked, bytes_max.min(self.bytes_left)).await {
            Ok(fetched) => fetched,
            Err(FetchError::TooLong { bytes }) => {
                self.spend(bytes);
                if bytes == bytes_max {
                    self.add(Fault::Endless { path, bytes });
                }
                return Ok(None);
            }
            Err(FetchError::Node(error)) => return Err(error),
        };
        self.answers += 1;
        self.spend(fetched.size());
        if fetched.status != 200 {
            self.add(Fault::Missing { path, status: fetched.status });
            return Ok(None);
        }
        Ok(Some(fetched))
    }
}

impl Look<'_> {
    async fn at_all(&self, fetcher: &Fetcher, found: &mut Found) -> Result<(), NodeError> {
        let Some(parts) = plan::plan(self.expected) else {
            found.add(Fault::Unfinished { why: "this computer gives no randomness".to_owned() });
            return Ok(());
        };
        for part in &parts {
            if found.bytes_left == 0 {
                return Ok(());
            }
            self.at_file(fetcher, part, found).await?;
        }
        self.at_manifest(fetcher, found).await
    }

    /// What the node itself says that it serves.
    async fn at_manifest(&self, fetcher: &Fetcher, found: &mut Found) -> Result<(), NodeError> {
        let (path, browser) = plan::manifest();
        let asked = Asked { path, browser, encoding: Form::Plain.accepted(), is_visit: false };
        let Some(fetched) = found.ask(fetcher, asked, MANIFEST_BYTES_MAX).await? else { return Ok(()) };
        let text = String::from_utf8_lossy(&fetched.body);
        if text.trim() == self.expected.text() {
            return Ok(());
        }
        match Manifest::parse(&text) {
            Ok(served) => self.compare(&served, found),
            Err(error) => found.add(Fault::UnreadableManifest { why: error.to_string() }),
        }
        Ok(())
    }

    fn compare(&self, served: &Manifest, found: &mut Found) {
        let versions = || (served.version().to_owned(), self.expected.version().to_owned());
        if served.is_older_than(self.expected) {
            let (served, recorded) = versions();
            found.add(Fault::Stale { served, recorded });
        } else if self.expected.is_older_than(served) {
            let (served, recorded) = versions();
            found.add(Fault::Ahead { served, recorded });
        }
        if served.policy() != self.expected.policy() {
            found.add(Fault::OtherPolicy);
        }
        for (path, hash) in served.files() {
            let path = path.to_owned();
            match self.expected.file(&path) {
                None => found.add(Fault::Extra { path }),
                Some(expected) if expected != hash => found.add(Fault::OtherHash { path }),
                Some(_) => {}
            }
        }
        for (path, _) in self.expected.files() {
            if served.file(path).is_none() {
                found.add(Fault::OtherHash { path: path.to_owned() });
            }
        }
    }

    /// A file, asked for at a place.
    async fn at_file(&self, fetcher: &Fetcher, part: &Part<'_>, found: &mut Found) -> Result<(), NodeError> {
        let asked = Asked {
            path: &part.place,
            browser: part.browser,
            encoding: part.form.accepted(),
            is_visit: part.file == self.expected.index(),
        };
        if let Some(fetched) = found.ask(fetcher, asked, FILE_BYTES_MAX).await? {
            self.at_headers(&fetched, part, found);
            self.at_bytes(&fetched, part, found);
        }
        Ok(())
    }

    fn at_headers(&self, fetched: &Fetched, Part { place, file, .. }: &Part<'_>, found: &mut Found) {
        for (name, usual) in (self.obeyed)(file) {
            let expected = if name == "content-security-policy" { self.expected.policy() } else { usual };
            let values = fetched.all(name);
            if values.len() != 1 || !is_same(&values[0], expected) {
                let (path, name) = (place.clone(), name.to_owned());
                found.add(Fault::Header { path, name, expected: expected.to_owned(), found: values });
            }
        }
        for name in FORBIDDEN {
            let values = fetched.all(name);
            if !values.is_empty() {
                let (path, name) = (place.clone(), name.to_owned());
                found.add(Fault::Header { path, name, expected: String::new(), found: values });
            }
        }
    }

    fn at_bytes(&self, fetched: &Fetched, Part { place, file, .. }: &Part<'_>, found: &mut Found) {
        let path = place.clone();
        let encoding = fetched.all("content-encoding").join(", ");
        let bytes_max = FILE_BYTES_MAX.min(found.bytes_left);
        let Some((form, bytes)) = unpacked(&encoding, &fetched.body, bytes_max) else {
            return found.add(Fault::Garbled { path, encoding: shown_encoding(&encoding) });
        };
        found.spend(bytes.len());
        if bytes.len() > bytes_max {
            if bytes_max == FILE_BYTES_MAX {
                found.add(Fault::Endless { path, bytes: FILE_BYTES_MAX });
            }
            return;
        }
        let expected = self.expected.file(file);
        if expected == Some(&hash_of(&bytes)) {
            return;
        }
        let right = (self.own)(file).filter(|own| expected == Some(&hash_of(own)));
        let first = right.map(|right| {
            let differ = right.iter().zip(&bytes).position(|(right, served)| right != served);
            differ.unwrap_or_else(|| right.len().min(bytes.len()))
        });
        found.add(Fault::Changed { path, form, first });
    }
}

/// Whether a header says the same. Proxies write the types of files with other spaces and letters, which changes nothing.
fn is_same(found: &str, expected: &str) -> bool {
    let bare = |text: &str| text.to_ascii_lowercase().replace(' ', "");
    found == expected || (expected.contains("charset=") && bare(found) == bare(expected))
}

fn shown_encoding(encoding: &str) -> String {
    sealdesk_protocol::text::line(&encoding.chars().take(32).collect::<String>())
}

#[cfg(test)]
mod tests;
