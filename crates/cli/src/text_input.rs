//! The one door for text from files and pipes: what editors and systems put around a text is taken away, and nothing else.

use std::io::Read;
use std::path::Path;

use sealdesk_protocol::text::unmarked;
use zeroize::Zeroizing;

use crate::context::Context;
use crate::failure::{Failure, at};

/// Longest genesis that is read, in bytes. It holds every ticket of an exported desk.
pub(crate) const GENESIS_BYTES_MAX: u64 = 8 << 30;
/// What names standard input instead of a file.
const STDIN: &str = "-";

/// Reads a text of at most so many bytes, from a file or, for `-`, from standard input.
pub(crate) fn text(context: &Context, file: &Path, bytes_max: u64) -> Result<Zeroizing<String>, Failure> {
    as_text(&name(file), document(context, file, bytes_max)?)
}

/// Reads a document of at most so many bytes, from a file or, for `-`, from standard input. A byte order mark is no part of it.
pub(crate) fn document(
    context: &Context,
    file: &Path,
    bytes_max: u64,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let mut bytes = if file.as_os_str() == STDIN {
        context.takes_stdin();
        bounded(std::io::stdin(), bytes_max)
    } else {
        std::fs::File::open(file).and_then(|open| bounded(open, bytes_max))
    }
    .map_err(|error| at(Path::new(&name(file)), &error))?;
    if u64::try_from(bytes.len()).map_or(true, |length| length > bytes_max) {
        return Err(Failure::hinted(
            format!("{} is too long: it has more than {bytes_max} bytes", name(file)),
            "check that it is the file you mean; a long message can be split into several responses",
        ));
    }
    let mark = bytes.len().saturating_sub(unmarked(&bytes).len());
    bytes.drain(..mark);
    Ok(bytes)
}

/// The text of one line that stands alone in a file or pipe, such as a passphrase: without the mark before it and the end after it.
pub(crate) fn first_line(input: impl Read, bytes_max: u64) -> std::io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    input.take(bytes_max).read_to_string(&mut text)?;
    let line = text.strip_prefix('\u{feff}').unwrap_or(&text).lines().next().unwrap_or_default();
    Ok(Zeroizing::new(line.to_owned()))
}

/// A text as people mean it: no mark stands before it, lines end with a line feed, and none stands behind the last.
pub(crate) fn as_text(name: &str, bytes: Zeroizing<Vec<u8>>) -> Result<Zeroizing<String>, Failure> {
    let text = std::str::from_utf8(unmarked(&bytes)).map_err(|_| {
        let wide = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
        let found = if wide { "it is in UTF-16" } else { "this is not text in UTF-8" };
        Failure::hinted(
            format!("{name}: {found}"),
            "save it as UTF-8; a message is text, so write another kind of file as base64",
        )
    })?;
    Ok(Zeroizing::new(plain(text)))
}

/// Windows line ends become line feeds, and those behind the text go.
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n").trim_end_matches('\n').to_owned()
}

fn bounded(input: impl Read, bytes_max: u64) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    input.take(bytes_max.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn name(file: &Path) -> String {
    if file.as_os_str() == STDIN { "standard input".to_owned() } else { file.display().to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_to_people_is_the_same_bytes() {
        for written in ["one\ntwo", "one\r\ntwo\r\n", "one\ntwo\n\n"] {
            assert_eq!(plain(written), "one\ntwo");
        }
        for written in ["pass word\n", "\u{feff}pass word\r\n", "pass word", "\u{feff}pass word"] {
            assert_eq!(*first_line(written.as_bytes(), 100).unwrap(), "pass word");
        }
        let utf16 = Zeroizing::new(vec![0xff, 0xfe, b'a', 0]);
        let refused = as_text("file", utf16).unwrap_err().to_string();
        assert!(refused.contains("UTF-16"), "{refused}");
    }
}
