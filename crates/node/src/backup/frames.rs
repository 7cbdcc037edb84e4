//! The bytes of a backup: `MAGIC`, then frames, `part u8 ‖ length u32 ‖ bytes`, the last of which holds the SHA-256 of all before it.

use std::io::{ErrorKind, Read, Write};

use sha2::{Digest as _, Sha256};

use super::{BackupError, damaged};

/// What every backup begins with.
pub const MAGIC: &[u8] = b"sealdesk backup 1\n";
/// Longest frame, in bytes. The longest are files of a home.
pub const FRAME_BYTES_MAX: usize = 32 * 1024 * 1024;

/// What a frame holds, in the order of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Part {
    /// [`super::About`], as JSON.
    About = 1,
    /// A receipt of the ledger's beginning, whose header proves the state.
    Proof = 2,
    /// A piece of the genesis file.
    Genesis = 3,
    /// Rows of the state.
    Rows = 4,
    /// The signed header of a block whose body was dropped. It may stand among whole blocks.
    Header = 5,
    /// A whole block.
    Block = 6,
    /// A piece of an attached file.
    Piece = 7,
    /// [`super::Counts`], as JSON: the ledger's part is whole.
    Counts = 8,
    /// A file of the home: `length of the name u16 ‖ name ‖ bytes`.
    File = 9,
    /// Secret files of the home, sealed under a passphrase.
    Sealed = 10,
    /// SHA-256 of everything before this frame.
    End = 11,
    /// Why the node stopped giving a backup, in words; it stands in no file.
    Failed = 12,
}

impl Part {
    const ALL: [Self; 12] = [
        Self::About,
        Self::Proof,
        Self::Genesis,
        Self::Rows,
        Self::Header,
        Self::Block,
        Self::Piece,
        Self::Counts,
        Self::File,
        Self::Sealed,
        Self::End,
        Self::Failed,
    ];

    fn of(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|part| *part as u8 == number)
    }

    /// Whether the node gives it; the other parts are written by the program that asks.
    pub fn is_of_ledger(self) -> bool {
        self <= Self::Counts
    }
}

/// A part of a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What it holds.
    pub part: Part,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Writes frames, and knows the digest of all of them.
#[derive(Debug)]
pub struct FrameWriter<W> {
    out: W,
    digest: Sha256,
}

impl<W: Write> FrameWriter<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// What the system says.
    pub fn file(mut out: W) -> std::io::Result<Self> {
        out.write_all(MAGIC)?;
        Ok(Self { out, digest: Sha256::new_with_prefix(MAGIC) })
    }

    /// Begins in the middle: what a node gives has no [`MAGIC`] before it.
    pub fn stream(out: W) -> Self {
        Self { out, digest: Sha256::new() }
    }

    /// Writes a frame.
    ///
    /// # Errors
    /// What the system says; also where the frame is longer than [`FRAME_BYTES_MAX`].
    pub fn put(&mut self, part: Part, bytes: &[u8]) -> std::io::Result<()> {
        let length = u32::try_from(bytes.len()).ok().filter(|_| bytes.len() <= FRAME_BYTES_MAX);
        let length = length.ok_or_else(|| std::io::Error::from(ErrorKind::FileTooLarge))?;
        let mut head = [part as u8, 0, 0, 0, 0];
        head[1..].copy_from_slice(&length.to_be_bytes());
        for piece in [&head[..], bytes] {
            self.digest.update(piece);
            self.out.write_all(piece)?;
        }
        Ok(())
    }

    /// SHA-256 of everything so far.
    pub fn digest(&self) -> [u8; 32] {
        self.digest.clone().finalize().into()
    }

    /// Writes the last frame, and gives the rest back.
    ///
    /// # Errors
    /// What the system says.
    pub fn end(mut self) -> std::io::Result<W> {
        let digest = self.digest();
        self.put(Part::End, &digest)?;
        self.out.flush()?;
        Ok(self.out)
    }
}

/// Reads frames, and checks at the last one that nothing was changed.
#[derive(Debug)]
pub struct FrameReader<R> {
    input: R,
    digest: Sha256,
    bytes: u64,
}

impl<R: Read> FrameReader<R> {
    /// Begins with a file.
    ///
    /// # Errors
    /// [`BackupError::NotABackup`] where it is something else.
    pub fn file(mut input: R) -> Result<Self, BackupError> {
        let mut magic = [0; MAGIC.len()];
        match input.read_exact(&mut magic) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Err(BackupError::NotABackup),
            read => read?,
        }
        if magic != MAGIC {
            return Err(BackupError::NotABackup);
        }
        let bytes = u64::try_from(MAGIC.len()).unwrap_or_default();
        Ok(Self { input, digest: Sha256::new_with_prefix(MAGIC), bytes })
    }

    /// Begins with what a node gives.
    pub fn stream(input: R) -> Self {
        Self { input, digest: Sha256::new(), bytes: 0 }
    }

    /// The next frame. The digest in [`Part::End`] is compared, and nothing may stand behind it.
    ///
    /// # Errors
    /// [`BackupError`].
    pub fn next_frame(&mut self) -> Result<Frame, BackupError> {
        let before = self.digest();
        let mut head = [0; 5];
        self.fill(&mut head)?;
        let [part, length @ ..] = head;
        let part = Part::of(part).ok_or_else(|| damaged("it has a part of no kind"))?;
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        if length > FRAME_BYTES_MAX {
            return Err(damaged("a part of it is longer than any"));
        }
        let mut bytes = vec![0; length];
        self.fill(&mut bytes)?;
        if part == Part::End {
            if bytes != before {
                return Err(damaged("its digest is not that of its bytes"));
            }
            if self.input.read(&mut [0])? > 0 {
                return Err(damaged("there is data after its end"));
            }
        }
        Ok(Frame { part, bytes })
    }

    /// SHA-256 of everything so far.
    pub fn digest(&self) -> [u8; 32] {
        self.digest.clone().finalize().into()
    }

    /// How many bytes were read.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), BackupError> {
        match self.input.read_exact(bytes) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Err(BackupError::EndsEarly),
            read => read?,
        }
        self.digest.update(&*bytes);
        self.bytes = self.bytes.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written() -> Vec<u8> {
        let mut writer = FrameWriter::file(Vec::new()).unwrap();
        writer.put(Part::About, b"{}").unwrap();
        writer.put(Part::File, &[7; 300]).unwrap();
        writer.end().unwrap()
    }

    fn read(bytes: &[u8]) -> Result<Vec<Frame>, BackupError> {
        let (mut reader, mut frames) = (FrameReader::file(bytes)?, Vec::new());
        loop {
            let frame = reader.next_frame()?;
            if frame.part == Part::End {
                return Ok(frames);
            }
            frames.push(frame);
        }
    }

    #[test]
    fn frames_come_out_as_they_went_in() {
        let frames = read(&written()).unwrap();
        let expected = [(Part::About, b"{}".to_vec()), (Part::File, vec![7; 300])];
        assert_eq!(frames, expected.map(|(part, bytes)| Frame { part, bytes }));
    }

    #[test]
    fn a_changed_byte_anywhere_is_refused() {
        let whole = written();
        for at in 0..whole.len() {
            for bit in [1, 0x80] {
                let mut changed = whole.clone();
                changed[at] ^= bit;
                assert!(read(&changed).is_err(), "byte {at}");
            }
        }
    }

    #[test]
    fn what_is_cut_off_or_added_is_refused() {
        let whole = written();
        for length in 0..whole.len() {
            assert!(read(&whole[..length]).is_err(), "{length} bytes");
        }
        assert!(matches!(read(&[&whole[..], b"x"].concat()), Err(BackupError::Damaged(_))));
        assert!(matches!(read(b""), Err(BackupError::NotABackup)));
    }

    #[test]
    fn a_length_beyond_any_part_is_refused_before_room_is_made_for_it() {
        let bytes = [MAGIC, &[Part::File as u8], &u32::MAX.to_be_bytes()].concat();
        assert!(matches!(read(&bytes), Err(BackupError::Damaged(_))));
    }
}
