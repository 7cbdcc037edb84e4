//! How one set of validators makes the next: a header that the old ones signed names the new ones.
//!
//! Each step takes more than two thirds of the power of those before, and nothing is skipped. So a reader who trusts the first
//! believes no others than a reader of every header would, however much changes at once.

use super::decode::decode_signed;
use super::verify::check_signatures;
use super::{Handover, ReceiptError, Trust, header_bytes, validators_bytes};
use crate::block::{Hash, SignedHeader};
use crate::wire::sealdesk::ledger::v1 as wire;

impl Handover {
    /// The form in which a receipt holds it. What no signature covers is left out.
    pub fn to_wire(&self) -> wire::Handover {
        wire::Handover {
            signed_header: header_bytes(&self.signed_header, &self.validators),
            validator_set: validators_bytes(&self.validators),
        }
    }

    /// Reads what [`Handover::to_wire`] made. It proves nothing by itself.
    ///
    /// # Errors
    /// [`ReceiptError`] for any other form.
    pub fn from_wire(wire: &wire::Handover) -> Result<Self, ReceiptError> {
        let (signed_header, validators) = decode_signed(&wire.signed_header, &wire.validator_set)?;
        Ok(Self { signed_header, validators })
    }

    /// Whether more than two thirds of those it comes from signed it. What they are, and whom they name, is for the caller to compare.
    ///
    /// # Errors
    /// [`ReceiptError::Validators`] and [`ReceiptError::Signatures`].
    pub fn verify(&self) -> Result<(), ReceiptError> {
        check_signatures(&self.signed_header, &self.validators)
    }

    fn from(&self) -> Hash {
        self.signed_header.header.validators_hash
    }

    fn to(&self) -> Hash {
        self.signed_header.header.next_validators_hash
    }
}

/// How many of the handovers lie between those who are trusted and those who signed; `None` where the trusted are not among them.
pub(super) fn since_trusted(trust: &Trust, handovers: &[Handover], signed: Hash) -> Option<usize> {
    let Trust::Pinned { validators_hash, .. } = trust else { return Some(handovers.len()) };
    let trusted = Hash::Sha256(*validators_hash);
    if signed == trusted {
        return Some(0);
    }
    let place = handovers.iter().rposition(|handover| handover.from() == trusted)?;
    Some(handovers.len().saturating_sub(place))
}

/// Whether each handover was signed by those it comes from, and leads to the next, and the last to those who signed the header.
pub(super) fn check(handovers: &[Handover], last: &SignedHeader) -> Result<(), ReceiptError> {
    let headers = handovers.iter().map(|handover| &handover.signed_header).chain([last]);
    for (index, (handover, next)) in handovers.iter().zip(headers.skip(1)).enumerate() {
        let wrong = |why: &str| Err(ReceiptError::Handover { index, why: why.to_owned() });
        let (header, next) = (&handover.signed_header.header, &next.header);
        if header.chain_id != next.chain_id {
            return wrong("it is of another ledger");
        }
        if header.height >= next.height {
            return wrong("it does not come before what follows");
        }
        if handover.from() == handover.to() {
            return wrong("it names the same validators again");
        }
        if handover.to() != next.validators_hash {
            return wrong("it names others than signed what follows");
        }
        handover.verify().map_err(|error| ReceiptError::Handover { index, why: error.to_string() })?;
    }
    Ok(())
}
