//! Between an account whose key is in a wallet, and the page, which alone can ask that wallet.

use std::cell::RefCell;

use futures_channel::oneshot;
use sealdesk_client::wallet::{Answer, Asked, ToSign, Wallet, WalletError};
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::keys::{ACCOUNT_KEY_BYTES, is_account_key};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::error::failed;
use crate::value::{from_js, to_js};

thread_local! {
    /// Whoever in the page asks the wallet: functions of JavaScript stay on their thread.
    static ASKS: RefCell<Option<js_sys::Function>> = const { RefCell::new(None) };
}

/// Has `asks` ask the wallet: it gets what is to be signed, and promises an answer, or why there is none.
#[wasm_bindgen(js_name = onSign)]
pub fn on_sign(
    #[wasm_bindgen(
        unchecked_param_type = "(asked: import(\"../views.js\").ToSign) => Promise<import(\"../views.js\").WalletAnswer>"
    )]
    asks: js_sys::Function,
) {
    ASKS.with_borrow_mut(|kept| *kept = Some(asks));
}

/// What the page asks the wallet for.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum ToAsk<'a> {
    /// A text, by ADR-36.
    Text { signer: String, text: &'a str },
    /// A transaction, as amino JSON.
    Tx { signer: String, chain_id: String, document: &'a str },
}

/// What the page heard.
#[derive(Deserialize)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
enum Heard {
    /// Key and signature, in hex.
    Signed { public_key: String, signature: String },
    /// The person said no.
    Refused {},
    /// There is no wallet.
    Absent {},
    /// Another account is chosen in it.
    AnotherAccount {},
    /// Nobody answered for ten minutes.
    Late {},
    /// It cannot, in its own words.
    Failed { message: String },
}

/// The wallet beside the page.
pub(crate) struct PageWallet;

impl Wallet for PageWallet {
    fn sign<'a>(&'a self, signer: &'a Address, asked: ToSign<'a>) -> Asked<'a> {
        let question = match asked {
            ToSign::Text(text) => ToAsk::Text { signer: signer.to_string(), text },
            ToSign::Tx { chain_id, document } => {
                ToAsk::Tx { signer: signer.to_string(), chain_id: chain_id.to_string(), document }
            }
        };
        // What JavaScript promises stays on its thread; the answer goes wherever it is waited for.
        let (tell, heard) = oneshot::channel();
        match promised(&question) {
            Ok(promise) => spawn_local(async move {
                // Whoever does not wait any more needs no answer.
                let _ = tell.send(answered(JsFuture::from(promise).await));
            }),
            Err(_) => drop(tell),
        }
        Box::pin(async move {
            match heard.await {
                Ok(Heard::Signed { public_key, signature }) => answer(&public_key, &signature),
                Ok(Heard::Refused {}) => Err(WalletError::Refused),
                Ok(Heard::Late {}) => Err(WalletError::TooLate),
                Ok(Heard::AnotherAccount {}) => Err(WalletError::AnotherAccount(signer.clone())),
                Ok(Heard::Failed { message }) => Err(WalletError::Failed(message)),
                Ok(Heard::Absent {}) | Err(oneshot::Canceled) => Err(WalletError::Absent),
            }
        })
    }
}

fn promised(question: &ToAsk<'_>) -> Result<js_sys::Promise, JsValue> {
    let asks = ASKS.with_borrow(Option::clone).ok_or(JsValue::NULL)?;
    asks.call1(&JsValue::NULL, &to_js(question)?)?.dyn_into()
}

fn answered(given: Result<JsValue, JsValue>) -> Heard {
    let heard = given.and_then(|given| from_js(&given));
    heard.unwrap_or(Heard::Absent {})
}

fn answer(public_key: &str, signature: &str) -> Result<Answer, WalletError> {
    // What is not hex is no signature of anything.
    let bytes = |text: &str| hex::decode(text).map_err(|_| WalletError::SomethingElse);
    Ok(Answer { public_key: bytes(public_key)?, signature: bytes(signature)? })
}

/// The public key of a wallet's account.
pub(crate) fn account_key(key: &[u8]) -> Result<[u8; ACCOUNT_KEY_BYTES], JsValue> {
    let key = <[u8; ACCOUNT_KEY_BYTES]>::try_from(key).ok();
    key.filter(|key| is_account_key(key)).ok_or_else(|| {
        failed(&"this wallet's account has no key of secp256k1, as accounts of this ledger have")
    })
}
