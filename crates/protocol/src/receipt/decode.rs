//! From bytes to parts: bounds first, then the one encoding and no other.

use prost::Message as _;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};
use tendermint_proto::Protobuf;
use tendermint_proto::v0_38::types::{SignedHeader as RawSignedHeader, ValidatorSet as RawValidatorSet};

use super::{
    Handover, RECEIPT_BYTES_MAX, RECEIPT_HANDOVERS_MAX, RECEIPT_PART_BYTES_MAX, RECEIPT_RECORDS_MAX,
    RECEIPT_VERSION, ReceiptError, hashed_part, needed_signatures,
};
use crate::block::{SignedHeader, ValidatorSet};
use crate::ids::TicketId;
use crate::wire::sealdesk::ledger::v1 as wire;

/// Number of the field `records` in the receipt.
const RECORDS_FIELD: u32 = 4;

/// Number of the field `handovers`.
const HANDOVERS_FIELD: u32 = 20;

/// A receipt whose form is right; nothing in it is proven yet.
pub(super) struct Parts {
    pub(super) signed_header: SignedHeader,
    pub(super) validators: ValidatorSet,
    pub(super) handovers: Vec<Handover>,
    pub(super) ticket: Option<TicketId>,
    pub(super) records: Vec<wire::ProvenRecord>,
}

/// Decodes within bounds, and only what encodes to the same bytes again.
pub(super) fn decode(bytes: &[u8]) -> Result<Parts, ReceiptError> {
    bounded("receipt", bytes, RECEIPT_BYTES_MAX)?;
    count_entries(bytes)?;
    let receipt = wire::Receipt::decode(bytes).map_err(|error| encoding(&error))?;
    if receipt.version != RECEIPT_VERSION {
        return Err(ReceiptError::Version(receipt.version));
    }
    if receipt.encode_to_vec() != bytes {
        return Err(encoding(&"fields are repeated, unknown or out of order"));
    }
    let ticket = match receipt.ticket_id.as_str() {
        "" => None,
        id => Some(TicketId::parse(id).map_err(|error| encoding(&error))?),
    };
    if receipt.records.is_empty() {
        return Err(encoding(&"it holds no record"));
    }
    if receipt.records.iter().any(|record| record.absent && !record.record.is_empty()) {
        return Err(encoding(&"a record is said to be absent but is given"));
    }
    let (signed_header, validators) = decode_signed(&receipt.signed_header, &receipt.validator_set)?;
    let handovers = receipt.handovers.iter().map(Handover::from_wire).collect::<Result<_, _>>()?;
    Ok(Parts { signed_header, validators, handovers, ticket, records: receipt.records })
}

/// A header and the validators it names, in the one form of both.
pub(super) fn decode_signed(
    header: &[u8],
    validators: &[u8],
) -> Result<(SignedHeader, ValidatorSet), ReceiptError> {
    let validators = decode_validators(validators)?;
    Ok((decode_header(header, &validators)?, validators))
}

fn decode_validators(bytes: &[u8]) -> Result<ValidatorSet, ReceiptError> {
    bounded("list of validators", bytes, RECEIPT_PART_BYTES_MAX)?;
    let validators: ValidatorSet =
        Protobuf::<RawValidatorSet>::decode_vec(bytes).map_err(|error| encoding(&error))?;
    // Sorted, without a proposer and without priorities: the part that the hash in the header covers.
    if Protobuf::<RawValidatorSet>::encode_vec(hashed_part(&validators)) != bytes {
        return Err(encoding(&"the list of validators is not in its one form"));
    }
    Ok(validators)
}

fn decode_header(bytes: &[u8], validators: &ValidatorSet) -> Result<SignedHeader, ReceiptError> {
    bounded("signed header", bytes, RECEIPT_PART_BYTES_MAX)?;
    let signed: SignedHeader =
        Protobuf::<RawSignedHeader>::decode_vec(bytes).map_err(|error| encoding(&error))?;
    // Votes for nothing and signatures beyond two thirds would be bytes that nothing checks.
    let needed = needed_signatures(signed, validators);
    if Protobuf::<RawSignedHeader>::encode_vec(needed.clone()) != bytes {
        return Err(encoding(&"the signed header is not in its one form"));
    }
    Ok(needed)
}

/// Counts before anything is allocated for each record or handover.
fn count_entries(mut bytes: &[u8]) -> Result<(), ReceiptError> {
    let (mut records, mut handovers) = (0, 0);
    while !bytes.is_empty() {
        let (field, wire_type) = decode_key(&mut bytes).map_err(|error| encoding(&error))?;
        if wire_type == WireType::LengthDelimited {
            let length = decode_varint(&mut bytes).map_err(|error| encoding(&error))?;
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            bytes = bytes.get(length..).ok_or_else(|| encoding(&"it ends too early"))?;
        } else {
            skip_field(wire_type, field, &mut bytes, DecodeContext::default())
                .map_err(|error| encoding(&error))?;
        }
        records += usize::from(field == RECORDS_FIELD);
        if records > RECEIPT_RECORDS_MAX {
            return Err(ReceiptError::TooManyRecords(RECEIPT_RECORDS_MAX));
        }
        handovers += usize::from(field == HANDOVERS_FIELD);
        if handovers > RECEIPT_HANDOVERS_MAX {
            return Err(ReceiptError::TooManyHandovers);
        }
    }
    Ok(())
}

fn bounded(part: &'static str, bytes: &[u8], max: usize) -> Result<(), ReceiptError> {
    let bytes = bytes.len();
    if bytes > max { Err(ReceiptError::TooLarge { part, bytes, max }) } else { Ok(()) }
}

fn encoding(error: &dyn std::fmt::Display) -> ReceiptError {
    ReceiptError::Encoding(error.to_string())
}
