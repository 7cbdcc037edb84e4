//! Subjects that were opened before. A subject belongs to one sealed text, which is named by its digest: so nothing that changes makes it wrong.

use std::collections::BTreeMap;

use sealdesk_protocol::ids::TicketId;
use zeroize::{Zeroize as _, Zeroizing};

/// Most subjects that are kept; those of the oldest tickets go.
pub const SUBJECTS_MAX: usize = 10_000;
/// Longest subject that is kept, in bytes: a longer one is opened each time.
const SUBJECT_BYTES_MAX: usize = 1_024;

/// Opened subjects by ticket. Not printable: they are what others wrote in confidence.
///
/// ```compile_fail
/// fn print(subjects: &sealdesk_client::overview::Subjects) { format!("{subjects:?}"); }
/// ```
#[derive(Default)]
pub struct Subjects {
    known: BTreeMap<TicketId, Known>,
    is_changed: bool,
}

struct Known {
    /// The digest of the envelope, as the ledger proves it.
    digest: [u8; 32],
    subject: String,
}

impl Drop for Known {
    fn drop(&mut self) {
        self.subject.zeroize();
    }
}

impl Subjects {
    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// How many are known.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether there are others than were read.
    pub fn is_changed(&self) -> bool {
        self.is_changed
    }

    pub(super) fn get(&self, ticket: TicketId, digest: &[u8]) -> Option<&str> {
        let known = self.known.get(&ticket).filter(|known| known.digest[..] == *digest)?;
        Some(&known.subject)
    }

    pub(super) fn put(&mut self, ticket: TicketId, digest: &[u8], subject: &str) {
        let Ok(digest) = <[u8; 32]>::try_from(digest) else { return };
        if subject.len() > SUBJECT_BYTES_MAX {
            return;
        }
        self.known.insert(ticket, Known { digest, subject: subject.to_owned() });
        while self.known.len() > SUBJECTS_MAX {
            self.known.pop_first();
        }
        self.is_changed = true;
    }

    /// All of them as bytes: for each its ticket's number (8 bytes), the digest (32), the length (2) and the subject.
    #[cfg_attr(target_arch = "wasm32", expect(dead_code, reason = "a page keeps none yet"))]
    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let length = self.known.values().map(|known| 42 + known.subject.len()).sum();
        // As long as it gets, so that no part is left behind where it grew.
        let mut bytes = Zeroizing::new(Vec::with_capacity(length));
        for (ticket, Known { digest, subject }) in &self.known {
            bytes.extend_from_slice(&ticket.number().to_be_bytes());
            bytes.extend_from_slice(digest);
            bytes.extend_from_slice(&u16::try_from(subject.len()).unwrap_or(0).to_be_bytes());
            bytes.extend_from_slice(subject.as_bytes());
        }
        bytes
    }

    /// Reads them; `None` for bytes that [`Subjects::to_bytes`] did not make.
    #[cfg_attr(target_arch = "wasm32", expect(dead_code, reason = "a page keeps none yet"))]
    pub(super) fn from_bytes(mut bytes: &[u8]) -> Option<Self> {
        let mut known = BTreeMap::new();
        while !bytes.is_empty() {
            let (number, rest) = bytes.split_first_chunk::<8>()?;
            let (digest, rest) = rest.split_first_chunk::<32>()?;
            let (length, rest) = rest.split_first_chunk::<2>()?;
            let (subject, rest) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
            let subject = std::str::from_utf8(subject).ok()?.to_owned();
            let ticket = TicketId::new(u64::from_be_bytes(*number))?;
            known.insert(ticket, Known { digest: *digest, subject });
            bytes = rest;
        }
        (known.len() <= SUBJECTS_MAX).then_some(Self { known, is_changed: false })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u64) -> TicketId {
        TicketId::new(number).unwrap()
    }

    #[test]
    fn a_subject_is_known_of_the_text_that_it_was_opened_of_and_of_no_other() {
        let mut subjects = Subjects::default();
        subjects.put(id(1), &[1; 32], "Cold");
        subjects.put(id(2), &[2; 32], "");
        subjects.put(id(3), &[3; 32], &"x".repeat(SUBJECT_BYTES_MAX + 1));
        subjects.put(id(4), &[4; 31], "no digest");
        let again = Subjects::from_bytes(&subjects.to_bytes()).unwrap();
        assert!(subjects.is_changed() && !again.is_changed() && again.len() == 2);
        assert_eq!(again.get(id(1), &[1; 32]), Some("Cold"));
        assert_eq!(again.get(id(2), &[2; 32]), Some(""));
        assert_eq!(again.get(id(1), &[2; 32]), None);
        for cut in 1..subjects.to_bytes().len() {
            // What is cut is nothing, or fewer subjects.
            let read = Subjects::from_bytes(&subjects.to_bytes()[..cut]);
            assert!(read.is_none_or(|read| read.len() < 2), "{cut}");
        }
    }

    #[test]
    fn of_too_many_subjects_those_of_the_oldest_tickets_go() {
        let mut subjects = Subjects::default();
        for number in 1..=u64::try_from(SUBJECTS_MAX).unwrap() + 3 {
            subjects.put(id(number), &[0; 32], "s");
        }
        assert_eq!(subjects.len(), SUBJECTS_MAX);
        assert_eq!(subjects.get(id(3), &[0; 32]), None);
        assert_eq!(subjects.get(id(4), &[0; 32]), Some("s"));
    }
}
