//! What is said between a command and the agent: one request and one answer a connection, each of fixed length, and nothing before
//! both sides know by the system who the other is.
//!
//! ```text
//! request   "SDA" version act   device:8 inode:8 of the keyring's folder   id:32 of the keyring key
//! answer    "SDA" version verdict   seconds left:4   memory locked:1   then, of act `Key` alone, the key:32
//! ```

use sealdesk_client::keyring::KeyringKeyId;

/// What every message begins with.
const MAGIC: [u8; 3] = *b"SDA";
/// The version of these bytes. Another one is refused, not guessed at.
const VERSION: u8 = 1;
/// Length of a request, in bytes.
pub(super) const REQUEST_BYTES: usize = 53;
/// Length of an answer without its key, in bytes.
pub(super) const ANSWER_BYTES: usize = 10;

/// Which folder a keyring is, whatever leads there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Folder {
    pub(super) device: u64,
    pub(super) inode: u64,
}

/// What the agent is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// A keyring key.
    Key,
    /// How long it holds what.
    State,
    /// To forget all and end.
    Lock,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Done,
    NoSuchKey,
    OtherKeyring,
    OtherVersion,
    NotUnderstood,
}

const ACTS: [Act; 3] = [Act::Key, Act::State, Act::Lock];
const VERDICTS: [Verdict; 5] =
    [Verdict::Done, Verdict::NoSuchKey, Verdict::OtherKeyring, Verdict::OtherVersion, Verdict::NotUnderstood];

/// The byte that stands for something of a list.
fn byte_of<T: PartialEq>(list: &[T], wanted: &T) -> u8 {
    let place = list.iter().position(|one| one == wanted).and_then(|place| u8::try_from(place).ok());
    place.unwrap_or(u8::MAX)
}

/// A request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) act: Act,
    pub(super) keyring: Folder,
    /// All zeros where no key is asked for.
    pub(super) id: KeyringKeyId,
}

impl Request {
    pub(super) fn encode(&self) -> [u8; REQUEST_BYTES] {
        let mut bytes = [0; REQUEST_BYTES];
        bytes[..3].copy_from_slice(&MAGIC);
        (bytes[3], bytes[4]) = (VERSION, byte_of(&ACTS, &self.act));
        bytes[5..13].copy_from_slice(&self.keyring.device.to_be_bytes());
        bytes[13..21].copy_from_slice(&self.keyring.inode.to_be_bytes());
        bytes[21..].copy_from_slice(&self.id.0);
        bytes
    }

    /// Reads a request; a verdict where it is none.
    pub(super) fn decode(bytes: &[u8; REQUEST_BYTES]) -> Result<Self, Verdict> {
        let version = of_ours(bytes).ok_or(Verdict::NotUnderstood)?;
        if version != VERSION {
            return Err(Verdict::OtherVersion);
        }
        let act = ACTS.get(usize::from(bytes[4])).ok_or(Verdict::NotUnderstood)?;
        let mut id = [0; 32];
        id.copy_from_slice(&bytes[21..]);
        let keyring = Folder { device: number(&bytes[5..13]), inode: number(&bytes[13..21]) };
        Ok(Self { act: *act, keyring, id: KeyringKeyId(id) })
    }
}

/// An answer, without the key that may follow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) verdict: Verdict,
    pub(super) seconds_left: u32,
    /// Whether the system keeps the keys out of its swap.
    pub(super) memory_is_locked: bool,
}

impl Answer {
    pub(super) fn encode(&self) -> [u8; ANSWER_BYTES] {
        let mut bytes = [0; ANSWER_BYTES];
        bytes[..3].copy_from_slice(&MAGIC);
        (bytes[3], bytes[4]) = (VERSION, byte_of(&VERDICTS, &self.verdict));
        bytes[5..9].copy_from_slice(&self.seconds_left.to_be_bytes());
        bytes[9] = self.memory_is_locked.into();
        bytes
    }

    /// Reads an answer; `None` where it is none, of whatever version.
    pub(super) fn decode(bytes: &[u8; ANSWER_BYTES]) -> Option<Self> {
        let verdict = match of_ours(bytes)? {
            VERSION => *VERDICTS.get(usize::from(bytes[4]))?,
            _ => Verdict::OtherVersion,
        };
        Some(Self {
            verdict,
            seconds_left: u32::try_from(number(&bytes[5..9])).ok()?,
            memory_is_locked: bytes[9] == 1,
        })
    }
}

/// The version of a message of ours.
fn of_ours(bytes: &[u8]) -> Option<u8> {
    bytes.strip_prefix(&MAGIC)?.first().copied()
}

/// A number, its highest byte first, of at most eight bytes.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYRING: Folder = Folder { device: 0x0102_0304_0506_0708, inode: u64::MAX };

    #[test]
    fn what_is_said_is_what_is_heard() {
        for act in ACTS {
            let request = Request { act, keyring: KEYRING, id: KeyringKeyId([9; 32]) };
            assert_eq!(Request::decode(&request.encode()), Ok(request));
        }
        for verdict in VERDICTS {
            let answer = Answer { verdict, seconds_left: 86_400, memory_is_locked: true };
            assert_eq!(Answer::decode(&answer.encode()), Some(answer));
        }
    }

    #[test]
    fn another_version_and_what_is_no_message_is_told_apart() {
        let request = Request { act: Act::Key, keyring: KEYRING, id: KeyringKeyId([9; 32]) };
        let changed = |place: usize, byte: u8| {
            let mut bytes = request.encode();
            bytes[place] = byte;
            Request::decode(&bytes)
        };
        assert_eq!(changed(3, 2), Err(Verdict::OtherVersion));
        for (place, byte) in [(0, b'X'), (2, 0), (4, 3), (4, 255)] {
            assert_eq!(changed(place, byte), Err(Verdict::NotUnderstood), "{place} {byte}");
        }
        let answer = Answer { verdict: Verdict::Done, seconds_left: 1, memory_is_locked: false };
        let mut bytes = answer.encode();
        bytes[4] = 77;
        assert_eq!(Answer::decode(&bytes), None);
        (bytes[3], bytes[4]) = (2, 77);
        assert_eq!(Answer::decode(&bytes).unwrap().verdict, Verdict::OtherVersion);
        assert_eq!(Answer::decode(&[0; ANSWER_BYTES]), None);
    }
}
