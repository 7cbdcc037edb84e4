//! One look at a page: every file in every form in which browsers ask for it, and the headers that decide what becomes of it.

use std::io::Read;

use super::MANIFEST_PATH;
use super::fault::{Fault, Form};
use super::manifest::{Manifest, hash_of};
use crate::node::{Asked, FetchError, Fetched, Fetcher, NodeError};

/// Largest file of a page, sent or unpacked, in bytes.
const FILE_BYTES_MAX: usize = 16 << 20;
/// Largest manifest that is read, in bytes.
const MANIFEST_BYTES_MAX: usize = 65_536;
/// A place of the desk, where the index is shown.
const PLACE: &str = "/tickets/1";
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
}

/// Looks at a page, and gives what is wrong with it, and how many answers were looked at.
///
/// # Errors
/// [`NodeError`] where nobody answers: then nothing is known.
pub async fn look(fetcher: &Fetcher, look: &Look<'_>) -> Result<(Vec<Fault>, usize), NodeError> {
    let mut found = Found { faults: Vec::new(), answers: 0 };
    look.at_manifest(fetcher, &mut found).await?;
    for (path, _) in look.expected.files() {
        if path == look.expected.index() {
            for place in ["/", PLACE] {
                look.at_file(fetcher, Part { place, file: path }, &mut found).await?;
            }
        } else {
            look.at_file(fetcher, Part { place: path, file: path }, &mut found).await?;
        }
    }
    Ok((found.faults, found.answers))
}

/// A file of the page, and where it is asked for.
#[derive(Clone, Copy)]
struct Part<'a> {
    place: &'a str,
    file: &'a str,
}

/// What a look has found so far.
struct Found {
    faults: Vec<Fault>,
    answers: usize,
}

impl Found {
    /// The same fault of another form of a file is told once.
    fn add(&mut self, fault: Fault) {
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }
}

impl Look<'_> {
    /// What the node itself says that it serves.
    async fn at_manifest(&self, fetcher: &Fetcher, found: &mut Found) -> Result<(), NodeError> {
        let asked = Asked { path: MANIFEST_PATH, encoding: Form::Plain.accepted(), is_visit: false };
        let fetched = match fetcher.fetch(asked, MANIFEST_BYTES_MAX).await {
            Ok(fetched) => fetched,
            Err(FetchError::TooLong { bytes }) => {
                found.add(Fault::Endless { path: MANIFEST_PATH.to_owned(), bytes });
                return Ok(());
            }
            Err(FetchError::Node(error)) => return Err(error),
        };
        found.answers += 1;
        if fetched.status != 200 {
            found.add(Fault::Missing { path: MANIFEST_PATH.to_owned(), status: fetched.status });
            return Ok(());
        }
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

    /// A file, asked for at a place, in every form.
    async fn at_file(
        &self,
        fetcher: &Fetcher,
        Part { place, file }: Part<'_>,
        found: &mut Found,
    ) -> Result<(), NodeError> {
        for form in Form::ALL {
            let is_visit = file == self.expected.index();
            let asked = Asked { path: place, encoding: form.accepted(), is_visit };
            let fetched = match fetcher.fetch(asked, FILE_BYTES_MAX).await {
                Ok(fetched) => fetched,
                Err(FetchError::TooLong { bytes }) => {
                    found.add(Fault::Endless { path: place.to_owned(), bytes });
                    continue;
                }
                Err(FetchError::Node(error)) => return Err(error),
            };
            found.answers += 1;
            if fetched.status != 200 {
                found.add(Fault::Missing { path: place.to_owned(), status: fetched.status });
                continue;
            }
            self.at_headers(&fetched, Part { place, file }, found);
            self.at_bytes(&fetched, Part { place, file }, found);
        }
        Ok(())
    }

    fn at_headers(&self, fetched: &Fetched, Part { place, file }: Part<'_>, found: &mut Found) {
        for (name, usual) in (self.obeyed)(file) {
            let expected = if name == "content-security-policy" { self.expected.policy() } else { usual };
            let values = fetched.all(name);
            if values.len() != 1 || !is_same(&values[0], expected) {
                let (path, name) = (place.to_owned(), name.to_owned());
                found.add(Fault::Header { path, name, expected: expected.to_owned(), found: values });
            }
        }
        for name in FORBIDDEN {
            let values = fetched.all(name);
            if !values.is_empty() {
                let (path, name) = (place.to_owned(), name.to_owned());
                found.add(Fault::Header { path, name, expected: String::new(), found: values });
            }
        }
    }

    fn at_bytes(&self, fetched: &Fetched, Part { place, file }: Part<'_>, found: &mut Found) {
        let path = place.to_owned();
        let encodings = fetched.all("content-encoding");
        let encoding = encodings.join(", ");
        let (form, bytes) = match unpacked(&encoding, &fetched.body) {
            Some(unpacked) => unpacked,
            None => return found.add(Fault::Garbled { path, encoding: shown_encoding(&encoding) }),
        };
        if bytes.len() > FILE_BYTES_MAX {
            return found.add(Fault::Endless { path, bytes: FILE_BYTES_MAX });
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

/// What was sent, as the file that it is, of which at most a byte more than [`FILE_BYTES_MAX`]; `None` where it is not what it says.
fn unpacked(encoding: &str, sent: &[u8]) -> Option<(Form, Vec<u8>)> {
    let most = u64::try_from(FILE_BYTES_MAX).ok()?.saturating_add(1);
    let mut bytes = Vec::new();
    let form = match encoding {
        "" | "identity" => {
            bytes.extend_from_slice(sent);
            Form::Plain
        }
        "gzip" => {
            let mut packed = flate2::bufread::GzDecoder::new(sent);
            packed.by_ref().take(most).read_to_end(&mut bytes).ok()?;
            // Browsers stop at the end of the first part, so a file of several is not the one that they show.
            if bytes.len() <= FILE_BYTES_MAX && !packed.into_inner().is_empty() {
                return None;
            }
            Form::Gzip
        }
        "br" => {
            let packed = brotli_decompressor::Decompressor::new(sent, 4_096);
            packed.take(most).read_to_end(&mut bytes).ok()?;
            Form::Brotli
        }
        _ => return None,
    };
    Some((form, bytes))
}

fn shown_encoding(encoding: &str) -> String {
    sealdesk_protocol::text::line(&encoding.chars().take(32).collect::<String>())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn what_a_byte_unpacks_to_is_bounded() {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        for _ in 0..64 {
            packer.write_all(&vec![0; 1 << 20]).unwrap();
        }
        let bomb = packer.finish().unwrap();
        assert!(bomb.len() < 1 << 20);
        assert_eq!(unpacked("gzip", &bomb).unwrap().1.len(), FILE_BYTES_MAX + 1);
        for (encoding, sent) in [("gzip", &b"no"[..]), ("br", b"no"), ("zstd", b""), ("gzip, br", b"")] {
            assert!(unpacked(encoding, sent).is_none(), "{encoding}");
        }
    }

    #[test]
    fn a_file_in_several_parts_is_not_what_a_browser_shows() {
        let packed = |bytes: &[u8]| {
            let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            packer.write_all(bytes).unwrap();
            packer.finish().unwrap()
        };
        assert_eq!(unpacked("gzip", &packed(b"ab")).unwrap().1, b"ab");
        assert!(unpacked("gzip", &[packed(b"a"), packed(b"b")].concat()).is_none());
    }

    #[test]
    fn the_type_of_a_file_may_be_written_otherwise_and_nothing_else() {
        assert!(is_same("Text/HTML;charset=UTF-8", "text/html; charset=utf-8"));
        assert!(!is_same("text/html; charset=utf-16", "text/html; charset=utf-8"));
        assert!(!is_same("NoSniff", "nosniff"));
    }
}
