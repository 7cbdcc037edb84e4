//! Sealing a message for one device (RFC 8291, in the coding `aes128gcm` of RFC 8188): nobody but the browser that subscribed opens it.

use aes_gcm::aead::Aead as _;
use aes_gcm::{Aes128Gcm, KeyInit as _, Nonce};
use hkdf::Hkdf;
use p256::{PublicKey, SecretKey, ecdh};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Bytes of a device's public key: uncompressed.
pub(super) const POINT_BYTES: usize = 65;
/// Bytes of the secret that a device shares with whoever it lets send.
pub(super) const AUTH_BYTES: usize = 16;
/// Bytes of the salt of each message.
pub(super) const SALT_BYTES: usize = 16;
/// Bytes of a text with its padding: of every message the same.
pub(super) const TEXT_BYTES: usize = 1_024;
/// Bytes of a sealed message: the head, the text, and the tag of the seal.
#[cfg(test)]
pub(super) const MESSAGE_BYTES: usize = SALT_BYTES + 4 + 1 + POINT_BYTES + TEXT_BYTES + 16;
/// What a record may have at most, which every message says of itself.
const RECORD_BYTES: u32 = 4_096;
/// What ends the text of a last record, before the padding.
const END: u8 = 2;

/// For whom a message is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Recipient {
    pub(super) point: [u8; POINT_BYTES],
    pub(super) auth: [u8; AUTH_BYTES],
}

/// A text with its end and its padding; `None` where it is too long.
pub(super) fn padded(text: &[u8]) -> Option<Vec<u8>> {
    let mut padded = text.to_vec();
    padded.push(END);
    (padded.len() <= TEXT_BYTES).then(|| {
        padded.resize(TEXT_BYTES, 0);
        padded
    })
}

/// Seals one record under a key and a salt that are used for nothing else. `None` for a device whose key is not one.
pub(super) fn seal(
    record: &[u8],
    device: &Recipient,
    own: &SecretKey,
    salt: [u8; SALT_BYTES],
) -> Option<Vec<u8>> {
    let theirs = PublicKey::from_sec1_bytes(&device.point).ok()?;
    let point = own.public_key().to_sec1_bytes();
    let shared = ecdh::diffie_hellman(own.to_nonzero_scalar(), theirs.as_affine());
    let info = [b"WebPush: info\0".as_slice(), &device.point, &point].concat();
    let agreed: [u8; 32] = *expanded(&device.auth, shared.raw_secret_bytes(), &info)?;
    let agreed = Zeroizing::new(agreed);
    let key: Zeroizing<[u8; 16]> = expanded(&salt, &*agreed, b"Content-Encoding: aes128gcm\0")?;
    let nonce: Zeroizing<[u8; 12]> = expanded(&salt, &*agreed, b"Content-Encoding: nonce\0")?;
    let sealed = Aes128Gcm::new((&*key).into()).encrypt(&Nonce::from(*nonce), record).ok()?;
    let length = u8::try_from(point.len()).ok()?;
    Some([&salt[..], &RECORD_BYTES.to_be_bytes(), &[length], &point, &sealed].concat())
}

fn expanded<const N: usize>(salt: &[u8], secret: &[u8], info: &[u8]) -> Option<Zeroizing<[u8; N]>> {
    let mut bytes = Zeroizing::new([0; N]);
    Hkdf::<Sha256>::new(Some(salt), secret).expand(info, bytes.as_mut_slice()).ok()?;
    Some(bytes)
}

#[cfg(test)]
pub(super) fn open(message: &[u8], secret: &SecretKey, auth: [u8; AUTH_BYTES]) -> Option<Vec<u8>> {
    let (salt, rest) = message.split_at_checked(SALT_BYTES)?;
    let (head, rest) = rest.split_at_checked(5)?;
    let (point, sealed) = rest.split_at_checked(usize::from(*head.last()?))?;
    let theirs = PublicKey::from_sec1_bytes(point).ok()?;
    let shared = ecdh::diffie_hellman(secret.to_nonzero_scalar(), theirs.as_affine());
    let info = [b"WebPush: info\0".as_slice(), &secret.public_key().to_sec1_bytes(), point].concat();
    let agreed: Zeroizing<[u8; 32]> = expanded(&auth, shared.raw_secret_bytes(), &info)?;
    let key: Zeroizing<[u8; 16]> = expanded(salt, &*agreed, b"Content-Encoding: aes128gcm\0")?;
    let nonce: Zeroizing<[u8; 12]> = expanded(salt, &*agreed, b"Content-Encoding: nonce\0")?;
    Aes128Gcm::new((&*key).into()).decrypt(&Nonce::from(*nonce), sealed).ok()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        URL_SAFE_NO_PAD.decode(text).unwrap().try_into().unwrap()
    }

    /// RFC 8291, appendix A.
    #[test]
    fn the_known_answer_of_the_standard_comes_out() {
        let device = Recipient {
            point: bytes(
                "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            ),
            auth: bytes("BTBZMqHH6r4Tts7J_aSIgg"),
        };
        let own = SecretKey::from_slice(&bytes::<32>("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")).unwrap();
        let text = [b"When I grow up, I want to be a watermelon".as_slice(), &[END]].concat();
        let sealed = seal(&text, &device, &own, bytes("DGv6ra1nlYgDCS1FRnbzlw")).unwrap();
        let expected = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz\
                        AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        assert_eq!(URL_SAFE_NO_PAD.encode(&sealed), expected);
        let secret =
            SecretKey::from_slice(&bytes::<32>("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")).unwrap();
        assert_eq!(open(&sealed, &secret, device.auth).unwrap(), text);
    }

    #[test]
    fn every_text_has_one_size_and_what_is_too_long_is_not_cut() {
        for text in [&b""[..], b"short", &[b'x'; TEXT_BYTES - 1]] {
            let padded = padded(text).unwrap();
            assert_eq!(padded.len(), TEXT_BYTES);
            assert_eq!((&padded[..text.len()], padded[text.len()]), (text, END));
        }
        assert_eq!(padded(&[b'x'; TEXT_BYTES]), None);
    }

    #[test]
    fn a_point_that_is_not_on_the_curve_is_not_sealed_for() {
        let own = SecretKey::from_slice(&[1; 32]).unwrap();
        for point in [[0; POINT_BYTES], [4; POINT_BYTES], [255; POINT_BYTES]] {
            assert_eq!(seal(b"x", &Recipient { point, auth: [0; AUTH_BYTES] }, &own, [0; SALT_BYTES]), None);
        }
    }
}
