//! Errors as JavaScript throws them: an `Error` with the words, and for a refusal its `codespace` and `code`.

use sealdesk_client::admission::AdmissionError;
use sealdesk_client::compose::ComposeError;
use sealdesk_client::wallet::WalletError;
use sealdesk_client::{Error, outcome::Outcome};
use sealdesk_protocol::tx::TxHash;
use wasm_bindgen::{JsCast as _, JsValue};

/// The codespace of refusals of the desk.
const CODESPACE_SUPPORT: &str = "support";
/// Its code for a document that somebody else has changed.
const DOCUMENT_CHANGED: u32 = 45;

/// An error in words.
pub(crate) fn failed(error: &dyn std::fmt::Display) -> JsValue {
    js_sys::Error::new(&error.to_string()).unchecked_into()
}

/// What went wrong between a person and the ledger.
pub(crate) fn of_client(error: &Error) -> JsValue {
    let thrown = failed(error);
    if let Some(Outcome { codespace, code, txhash, .. }) = error.refusal() {
        set(&thrown, "codespace", &codespace.into());
        set(&thrown, "code", &(*code).into());
        set(&thrown, "txhash", &txhash.to_string().into());
    }
    if let Error::Admission(why) = error {
        let asked =
            if matches!(why, AdmissionError::InvitationNeeded(_) | AdmissionError::InvitationRefused(_)) {
                "invitation"
            } else {
                "work"
            };
        // A page can ask for a code where one is missing or wrong.
        set(&thrown, "admission", &asked.into());
    }
    if let Error::Unanswered { txhash, .. } = error {
        may_have_arrived(&thrown, *txhash);
    }
    if matches!(error, Error::Node(node) if node.is_away()) {
        // Nothing was contradicted, and nothing was changed: what was kept can be shown until the node answers again.
        set(&thrown, "away", &true.into());
    }
    if let Error::Compose(ComposeError::Wallet(why)) = error {
        set(&thrown, "wallet", &wallet_code(why).into());
        if let WalletError::StillUnderway(txhash) = why {
            may_have_arrived(&thrown, *txhash);
        }
    }
    if let Error::Compose(ComposeError::DocumentChanged { .. } | ComposeError::EntryChanged(_)) = error {
        // As the ledger itself would have called it.
        set(&thrown, "codespace", &CODESPACE_SUPPORT.into());
        set(&thrown, "code", &DOCUMENT_CHANGED.into());
    }
    thrown
}

/// Why a wallet did not sign, by a name for programs.
fn wallet_code(why: &WalletError) -> &'static str {
    match why {
        WalletError::StillUnderway(_) => "still_underway",
        WalletError::Refused => "refused",
        WalletError::AnotherAccount(_) => "another_account",
        WalletError::SomethingElse => "something_else",
        WalletError::TooLate => "too_late",
        WalletError::Absent | WalletError::KeyElsewhere => "absent",
        WalletError::Failed(_) | WalletError::Signing(_) => "failed",
    }
}

/// Whoever catches it must look this up before they write the same again.
fn may_have_arrived(thrown: &JsValue, txhash: TxHash) {
    set(thrown, "txhash", &txhash.to_string().into());
    set(thrown, "unanswered", &true.into());
}

fn set(object: &JsValue, name: &str, value: &JsValue) {
    // Only a frozen object takes no property, and this one was made a moment ago.
    let _ = js_sys::Reflect::set(object, &name.into(), value);
}
