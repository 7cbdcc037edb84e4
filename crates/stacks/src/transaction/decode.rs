//! From bytes to a transaction.

use k256::ecdsa::{RecoveryId, Signature};

use super::{
    AUTH_STANDARD, AnchorMode, HASH_P2PKH, KEY_COMPRESSED, Network, Payload, PostCondition,
    PostConditionMode, RECOVERABLE_BYTES, Terms, Transaction, too_long,
};
use crate::address::Address;
use crate::limits::TX_BYTES_MAX;
use crate::reader::{DecodeError, Reader};

impl Transaction {
    /// Reads a transaction that is all of `bytes`. Its signature has the one form that is accepted: a known recovery id,
    /// `r` and `s` in range, `s` low.
    ///
    /// # Errors
    /// [`DecodeError`]; [`DecodeError::Unsupported`] for what Stacks knows and this program does not.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() > TX_BYTES_MAX {
            return Err(too_long(bytes.len()));
        }
        let mut reader = Reader::new(bytes);
        let network = network(&mut reader)?;
        let auth = Auth::read(&mut reader)?;
        let terms = Terms {
            network,
            origin: Address { version: network.single_version(), hash: auth.origin },
            nonce: auth.nonce,
            fee: auth.fee,
            anchor_mode: anchor_mode(&mut reader)?,
            post_condition_mode: post_condition_mode(&mut reader)?,
            post_conditions: post_conditions(&mut reader)?,
            payload: Payload::read(&mut reader)?,
        };
        reader.finish()?;
        Ok(Self { bytes: bytes.to_vec(), terms, signature: auth.signature })
    }
}

fn network(reader: &mut Reader<'_>) -> Result<Network, DecodeError> {
    let version = reader.byte()?;
    let network = Network::from_chain_id(reader.u32()?)
        .ok_or(DecodeError::Unsupported("a chain other than mainnet and testnet"))?;
    if network.version_byte() != version {
        return Err(DecodeError::Tag { what: "version of a transaction of its chain", byte: version });
    }
    Ok(network)
}

/// Who signed, and the numbers that are in his signature.
struct Auth {
    origin: [u8; 20],
    nonce: u64,
    fee: u64,
    signature: [u8; RECOVERABLE_BYTES],
}

impl Auth {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match reader.byte()? {
            AUTH_STANDARD => {}
            0x05 => return Err(DecodeError::Unsupported("a sponsored transaction")),
            byte => return Err(DecodeError::Tag { what: "authorization", byte }),
        }
        match reader.byte()? {
            HASH_P2PKH => {}
            0x01 | 0x03 | 0x05 | 0x07 => {
                return Err(DecodeError::Unsupported("a transaction of several signers"));
            }
            0x02 => return Err(DecodeError::Unsupported("a P2WPKH transaction")),
            byte => return Err(DecodeError::Tag { what: "way to sign", byte }),
        }
        let (origin, nonce, fee) = (reader.array()?, reader.u64()?, reader.u64()?);
        match reader.byte()? {
            KEY_COMPRESSED => {}
            0x01 => return Err(DecodeError::Unsupported("an uncompressed public key")),
            byte => return Err(DecodeError::Tag { what: "encoding of a public key", byte }),
        }
        let signature = reader.array()?;
        parse_signature(&signature)?;
        Ok(Self { origin, nonce, fee, signature })
    }
}

/// Takes a recoverable signature apart, if it is one of low `s`.
pub(super) fn parse_signature(
    bytes: &[u8; RECOVERABLE_BYTES],
) -> Result<(RecoveryId, Signature), DecodeError> {
    let recovery = RecoveryId::from_byte(bytes[0]).ok_or(DecodeError::Signature)?;
    let signature = Signature::from_slice(&bytes[1..]).map_err(|_| DecodeError::Signature)?;
    if signature.normalize_s() != signature {
        return Err(DecodeError::HighS);
    }
    Ok((recovery, signature))
}

fn anchor_mode(reader: &mut Reader<'_>) -> Result<AnchorMode, DecodeError> {
    Ok(match reader.byte()? {
        1 => AnchorMode::OnChain,
        2 => AnchorMode::OffChain,
        3 => AnchorMode::Any,
        byte => return Err(DecodeError::Tag { what: "anchor mode", byte }),
    })
}

fn post_condition_mode(reader: &mut Reader<'_>) -> Result<PostConditionMode, DecodeError> {
    Ok(match reader.byte()? {
        1 => PostConditionMode::Allow,
        2 => PostConditionMode::Deny,
        byte => return Err(DecodeError::Tag { what: "post-condition mode", byte }),
    })
}

fn post_conditions(reader: &mut Reader<'_>) -> Result<Vec<PostCondition>, DecodeError> {
    let mut conditions = Vec::new();
    for _ in 0..reader.length()? {
        conditions.push(PostCondition::read(reader)?);
    }
    Ok(conditions)
}
