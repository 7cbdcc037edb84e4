//! Judging a receipt without a node: what it proves of its ticket, and what it does not.

use sealdesk_client::receipt::{TicketReceipt, TicketReceiptError};
use sealdesk_protocol::json;
use sealdesk_protocol::receipt::{RECEIPT_BYTES_MAX, ReceiptError, Trust};
use serde::Serialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::Desk;
use crate::error::failed;
use crate::value::to_js;

/// What a receipt proves.
#[derive(Serialize)]
struct Proof {
    height: u64,
    time: Option<String>,
    chain_id: String,
    /// Whether it says how its ledger began; then that is the ledger of this desk.
    names_ledger: bool,
    handovers: usize,
    signers: usize,
    ticket: json::Ticket,
    payload_digest: String,
    messages: Vec<ProvenMessage>,
}

/// A response or a note, without its text.
#[derive(Serialize)]
struct ProvenMessage {
    author: String,
    internal: bool,
    created_at: Option<String>,
    digest: String,
}

#[wasm_bindgen]
impl Desk {
    /// Verifies a receipt against the validators that this browser knows, or those with which the ledger began. Needs no network.
    ///
    /// # Errors
    /// Where any byte was changed, or it is of another ledger.
    #[wasm_bindgen(js_name = verifyReceipt, unchecked_return_type = "import(\"../views.js\").ReceiptProof")]
    pub fn verify_receipt(&self, receipt: &[u8]) -> Result<JsValue, JsValue> {
        if receipt.is_empty() || receipt.len() > RECEIPT_BYTES_MAX {
            return Err(failed(&"this file is not a receipt"));
        }
        let verified = self.verified(receipt).map_err(|error| failed(&error))?;
        let identity = self.0.chain().ancestry.identity();
        if verified.identity.is_some_and(|found| found != identity) {
            return Err(failed(&"this receipt is of another desk"));
        }
        to_js(&Proof::of(verified))
    }

    fn verified(&self, receipt: &[u8]) -> Result<TicketReceipt, TicketReceiptError> {
        let chain = self.0.chain();
        let pinned =
            |validators_hash| Trust::Pinned { validators_hash, chain_id: Some(chain.chain_id.clone()) };
        match TicketReceipt::verify(receipt, &pinned(self.0.pin().validators_hash)) {
            // One that was made before the validators handed over does not know those of today.
            Err(TicketReceiptError::Receipt(ReceiptError::OtherValidators { .. })) => {
                TicketReceipt::verify(receipt, &pinned(chain.ancestry.beginning().validators_hash))
            }
            judged => judged,
        }
    }
}

impl Proof {
    fn of(receipt: TicketReceipt) -> Self {
        let verified = &receipt.verified;
        let messages = receipt.responses.iter().map(|head| {
            let response = head.response.clone().unwrap_or_default();
            ProvenMessage {
                author: response.responder_address,
                internal: response.internal,
                created_at: json::time(response.created_at),
                digest: hex::encode(&head.payload_digest),
            }
        });
        Self {
            height: verified.height(),
            time: json::time(verified.time()),
            chain_id: verified.chain_id().to_string(),
            names_ledger: receipt.identity.is_some(),
            handovers: verified.handovers(),
            signers: verified.signers().len(),
            messages: messages.collect(),
            payload_digest: hex::encode(&receipt.payload_digest),
            ticket: json::Ticket::from(receipt.ticket),
        }
    }
}
