//! What was sent packed, as the file that a browser makes of it.

use std::io::Read;

use ruzstd::decoding::StreamingDecoder;

use super::fault::Form;

/// Largest window that browsers take of Zstandard, in bytes (RFC 9659).
const WINDOW_BYTES_MAX: u64 = 8 << 20;

/// What was sent, as the file that it is, of which at most a byte more than `bytes_max`; `None` where it is not what it says.
pub(super) fn unpacked(encoding: &str, sent: &[u8], bytes_max: usize) -> Option<(Form, Vec<u8>)> {
    let most = u64::try_from(bytes_max).ok()?.saturating_add(1);
    let mut bytes = Vec::new();
    let (form, rest) = match encoding {
        "" | "identity" => {
            sent.take(most).read_to_end(&mut bytes).ok()?;
            (Form::Plain, None)
        }
        "gzip" => {
            let mut packed = flate2::bufread::GzDecoder::new(sent);
            packed.by_ref().take(most).read_to_end(&mut bytes).ok()?;
            (Form::Gzip, Some(packed.into_inner()))
        }
        "br" => {
            let packed = brotli_decompressor::Decompressor::new(sent, 4_096);
            packed.take(most).read_to_end(&mut bytes).ok()?;
            (Form::Brotli, None)
        }
        "zstd" => {
            let mut packed = StreamingDecoder::new_with_max_window_size(sent, WINDOW_BYTES_MAX).ok()?;
            packed.by_ref().take(most).read_to_end(&mut bytes).ok()?;
            (Form::Zstd, Some(packed.into_inner()))
        }
        _ => return None,
    };
    // Browsers differ in what they do with what follows the first part, so a file of several is not one that everybody is shown.
    let is_whole = bytes.len() > bytes_max || rest.is_none_or(<[u8]>::is_empty);
    is_whole.then_some((form, bytes))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    const MOST: usize = 16 << 20;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
    }

    #[test]
    fn what_a_byte_unpacks_to_is_bounded() {
        let zeros = vec![0; 24 << 20];
        for (encoding, bomb) in [("gzip", gzip(&zeros)), ("zstd", zstd(&zeros))] {
            assert!(bomb.len() < 1 << 20);
            assert_eq!(unpacked(encoding, &bomb, MOST).unwrap().1.len(), MOST + 1, "{encoding}");
        }
        for (encoding, sent) in [
            ("gzip", &b"no"[..]),
            ("br", b"no"),
            ("zstd", b""),
            ("zstd", b"no"),
            ("gzip, br", b""),
            ("deflate", b""),
        ] {
            assert!(unpacked(encoding, sent, MOST).is_none(), "{encoding}");
        }
    }

    #[test]
    fn a_window_that_no_browser_keeps_is_not_kept_here() {
        // The magic number, a window descriptor of 128 MiB, and one raw block of one byte that is the last.
        let frame = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 17 << 3, 0x09, 0x00, 0x00, b'x'];
        assert!(unpacked("zstd", &frame, MOST).is_none());
        let smaller = [&frame[..5], &[13 << 3], &frame[6..]].concat();
        assert_eq!(unpacked("zstd", &smaller, MOST).unwrap(), (Form::Zstd, b"x".to_vec()));
    }

    #[test]
    fn a_file_in_several_parts_is_not_what_a_browser_shows() {
        for (encoding, packed) in [("gzip", gzip as fn(&[u8]) -> Vec<u8>), ("zstd", zstd)] {
            assert_eq!(unpacked(encoding, &packed(b"ab"), MOST).unwrap().1, b"ab");
            assert!(unpacked(encoding, &[packed(b"a"), packed(b"b")].concat(), MOST).is_none(), "{encoding}");
        }
    }
}
