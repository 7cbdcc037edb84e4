//! `attachments`: a key and a file give this header, these pieces and this root, and open again.

use serde::Deserialize;
use serde_json::Value;

use super::format::{Hex, read, same};
use crate::attachment::{FileKey, Opener, SealedFile, SealedPiece, Sealer};

#[derive(Deserialize)]
struct AttachmentVector {
    key: Hex,
    /// The file's size; byte `i` is `(i × 31 + ⌊i ÷ 251⌋) mod 256`, so that large files need no room here.
    size: u64,
    padded: u64,
    header: Hex,
    /// The first 32 bytes of the first sealed piece.
    begins: Hex,
    blobs: Vec<Hex>,
    root: Hex,
}

/// Longest file of such a case: what is made here is held in memory.
const SIZE_MAX: u64 = 64 << 20;

/// The file of a case.
fn file_of(size: u64) -> Result<Vec<u8>, String> {
    if size > SIZE_MAX {
        return Err("a file of a case has at most 64 MiB".to_owned());
    }
    let byte = |i: u64| u8::try_from((i * 31 + i / 251) % 256).unwrap_or_default();
    Ok((0..size).map(byte).collect())
}

pub(super) fn judge(case: &Value) -> Result<(), String> {
    let vector: AttachmentVector = read(case)?;
    let file = file_of(vector.size)?;
    let key = |vector: &AttachmentVector| vector.key.array("key").map(|mut key| FileKey::take(&mut key));
    let (sealed, pieces) = seal(key(&vector)?, &file, &vector)?;
    let mut opener = Opener::new(&key(&vector)?, vector.size, &vector.root.array("root")?, sealed.attachment)
        .map_err(|error| error.to_string())?;
    let mut opened = Vec::new();
    for piece in &pieces {
        opened.extend_from_slice(&opener.open(&piece.bytes).map_err(|error| error.to_string())?);
    }
    opener.finish().map_err(|error| error.to_string())?;
    if opened == file { Ok(()) } else { Err("it opens to another file".to_owned()) }
}

/// Seals the file, and compares what comes out.
fn seal(
    key: FileKey,
    file: &[u8],
    vector: &AttachmentVector,
) -> Result<(SealedFile, Vec<SealedPiece>), String> {
    let mut sealer = Sealer::new(key, vector.size).map_err(|error| error.to_string())?;
    same("padded", &sealer.layout().padded_bytes().to_string(), &vector.padded.to_string())?;
    same("header", sealer.layout().header().as_slice(), vector.header.0.as_slice())?;
    let (mut pieces, mut rest) = (Vec::new(), file);
    while let Some(takes) = sealer.takes() {
        let takes = usize::try_from(takes).map_err(|error| error.to_string())?;
        let (part, behind) = rest.split_at_checked(takes).ok_or("the file is shorter than its pieces")?;
        pieces.push(sealer.seal(part).map_err(|error| error.to_string())?);
        rest = behind;
    }
    let sealed = sealer.finish().map_err(|error| error.to_string())?;
    let begins = pieces.first().and_then(|piece| piece.bytes.get(..32)).unwrap_or_default();
    same("begins", begins, vector.begins.0.as_slice())?;
    let blobs: Vec<String> = pieces.iter().map(|piece| hex::encode(piece.name)).collect();
    let expected: Vec<String> = vector.blobs.iter().map(|blob| hex::encode(&blob.0)).collect();
    same("blobs", &blobs, &expected)?;
    same("root", sealed.attachment.root().as_slice(), vector.root.0.as_slice())?;
    Ok((sealed, pieces))
}
