//! Files: what the pieces hide, and what an opener refuses.

use proptest::prelude::*;
use sealdesk_protocol::attachment::{Attachment, BlobHash, Layout};
use sha2::{Digest as _, Sha256};

use crate::attachment::{CannotOpenFile, FileKey, Opener, SealFileError, SealedFile, Sealer};
use crate::backend::secretbox_seal;

const PIECE: usize = 1 << 20;

fn key() -> FileKey {
    FileKey::take(&mut [7; 32])
}

fn file(size: usize) -> Vec<u8> {
    (0..size).map(|i| u8::try_from(i * 13 % 256).unwrap()).collect()
}

fn seal(file: &[u8]) -> (SealedFile, Vec<Vec<u8>>) {
    let mut sealer = Sealer::new(key(), file.len() as u64).unwrap();
    let (mut pieces, mut rest) = (Vec::new(), file);
    while let Some(takes) = sealer.takes() {
        let (part, behind) = rest.split_at(takes as usize);
        pieces.push(sealer.seal(part).unwrap().bytes);
        rest = behind;
    }
    assert!(rest.is_empty());
    (sealer.finish().unwrap(), pieces)
}

fn open(sealed: &SealedFile, pieces: &[Vec<u8>]) -> Result<Vec<u8>, CannotOpenFile> {
    let root = *sealed.attachment.root();
    let mut opener = Opener::new(&sealed.key, sealed.size, &root, sealed.attachment.clone())?;
    let mut file = Vec::new();
    for piece in pieces {
        file.extend_from_slice(&opener.open(piece)?);
    }
    opener.finish()?;
    Ok(file)
}

/// Why it is refused, for the tests alone.
fn reason<T>(result: Result<T, CannotOpenFile>) -> String {
    result.err().map(|error| format!("{:?}", error.0)).unwrap_or_default()
}

#[test]
fn pieces_in_another_order_missing_or_twice_are_refused() {
    let (sealed, pieces) = seal(&file(2 * PIECE + 5));
    assert_eq!(open(&sealed, &pieces), Ok(file(2 * PIECE + 5)));
    let [a, b, c] = <[Vec<u8>; 3]>::try_from(pieces).unwrap();
    for wrong in [
        vec![b.clone(), a.clone(), c.clone()],
        vec![a.clone(), a.clone(), c.clone()],
        vec![a.clone(), c.clone()],
        vec![a.clone(), b.clone(), c.clone(), c.clone()],
        vec![a[..100].to_vec()],
        vec![Vec::new()],
    ] {
        assert_eq!(reason(open(&sealed, &wrong)), "Piece");
    }
    assert_eq!(reason(open(&sealed, &[a, b])), "Truncated");
    assert_eq!(reason(open(&sealed, &[])), "Truncated");
}

/// A liar who may write the ledger's record as well, so that hashes and root fit whatever they make.
#[test]
fn pieces_that_stand_elsewhere_open_nowhere_though_hashes_and_root_fit() {
    let (sealed, pieces) = seal(&file(2 * PIECE + 5));
    let layout = sealed.attachment.layout();
    let record = |layout: Layout, pieces: &[Vec<u8>]| SealedFile {
        key: key(),
        size: sealed.size,
        attachment: Attachment::new(
            layout,
            pieces.iter().map(|piece| Sha256::digest(piece).into()).collect(),
        )
        .unwrap(),
    };
    let mut swapped = pieces.clone();
    swapped.swap(0, 1);
    assert_eq!(reason(open(&record(layout, &swapped), &swapped)), "Box");
    let mut doubled = pieces.clone();
    doubled[1] = doubled[0].clone();
    assert_eq!(reason(open(&record(layout, &doubled), &doubled)), "Box");
    let mut flipped = pieces.clone();
    flipped[2][40] ^= 1;
    assert_eq!(reason(open(&record(layout, &flipped), &flipped)), "Box");
    let shorter = Layout::of_file(2 * PIECE as u64 - 1).unwrap();
    assert_eq!(reason(open(&record(shorter, &pieces[..2]), &pieces[..2])), "Size");
}

#[test]
fn another_root_another_size_and_another_key_are_refused() {
    let (sealed, pieces) = seal(&file(5_000));
    let begin = |size, root: &[u8; 32]| Opener::new(&sealed.key, size, root, sealed.attachment.clone());
    assert_eq!(reason(begin(5_000, &[0; 32])), "Root");
    let root = *sealed.attachment.root();
    assert_eq!(reason(begin(4_000, &root)), "Size");
    assert_eq!(reason(begin(u64::MAX, &root)), "Size");
    let mut shorter = begin(4_999, &root).unwrap();
    assert_eq!(reason(shorter.open(&pieces[0])), "Padding", "a byte of the file stands where padding should");
    let mut longer = begin(5_001, &root).unwrap();
    assert_eq!(reason(longer.open(&pieces[0])), "Padding", "the mark stands one byte too early");
    let other = FileKey::take(&mut [8; 32]);
    let mut opener = Opener::new(&other, 5_000, &root, sealed.attachment.clone()).unwrap();
    assert_eq!(reason(opener.open(&pieces[0])), "Box");
}

#[test]
fn padding_that_hides_something_is_refused() {
    let (sealed, _) = seal(&file(100));
    let layout = sealed.attachment.layout();
    let judge = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut padded = file(100);
        padded.push(0x80);
        padded.resize(4_096, 0);
        change(&mut padded);
        let piece = secretbox_seal(&key().pieces(layout), &layout.nonce(0), &padded);
        let blobs: Vec<BlobHash> = vec![Sha256::digest(&piece).into()];
        let attachment = Attachment::new(layout, blobs).unwrap();
        reason(open(&SealedFile { key: key(), size: 100, attachment }, &[piece]))
    };
    assert_eq!(judge(&|_| {}), "");
    assert_eq!(judge(&|padded| padded[100] = 0), "Padding");
    assert_eq!(judge(&|padded| padded[101] = 0x80), "Padding");
    assert_eq!(judge(&|padded| padded[4_095] = 1), "Padding");
    assert_eq!(judge(&|padded| padded.push(0)), "Padding");
    assert_eq!(judge(&|padded| padded.truncate(4_095)), "Padding");
    assert_eq!(judge(&Vec::clear), "Padding");
}

#[test]
fn a_file_that_changes_while_it_is_read_is_not_sealed() {
    let mut sealer = Sealer::new(key(), 10).unwrap();
    assert_eq!(sealer.seal(&[0; 9]).err(), Some(SealFileError::Changed));
    assert_eq!(sealer.seal(&[0; 11]).err(), Some(SealFileError::Changed));
    assert!(sealer.seal(&[0; 10]).is_ok());
    assert_eq!(sealer.seal(&[]).err(), Some(SealFileError::Unfinished));
    assert!(sealer.finish().is_ok());
    assert_eq!(Sealer::new(key(), 10).unwrap().finish().err(), Some(SealFileError::Unfinished));
    assert_eq!(Sealer::new(key(), 1 << 30).err(), Some(SealFileError::TooLarge));
}

#[test]
fn a_refusal_tells_neither_reason_nor_key() {
    let (sealed, pieces) = seal(&file(10));
    let root = Opener::new(&sealed.key, 10, &[0; 32], sealed.attachment.clone()).err().unwrap();
    let other = FileKey::take(&mut [8; 32]);
    let mut opener = Opener::new(&other, 10, sealed.attachment.root(), sealed.attachment.clone()).unwrap();
    let unopened = opener.open(&pieces[0]).err().unwrap();
    assert!(root == unopened, "comparing two refusals would tell their reasons apart");
    assert_eq!(format!("{root:?} {root}"), "CannotOpenFile the file cannot be opened");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn every_file_opens_as_it_was_and_any_changed_bit_is_refused(
        size in prop_oneof![0usize..10_000, PIECE - 40..PIECE + 40],
        place in any::<prop::sample::Index>(),
        bit in 0u8..8,
    ) {
        let (sealed, mut pieces) = seal(&file(size));
        prop_assert_eq!(open(&sealed, &pieces), Ok(file(size)));
        let piece = place.index(pieces.len());
        let at = place.index(pieces[piece].len());
        pieces[piece][at] ^= 1 << bit;
        prop_assert_eq!(reason(open(&sealed, &pieces)), "Piece");
    }
}
