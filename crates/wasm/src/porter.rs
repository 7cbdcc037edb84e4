//! Between a node that keeps somebody waiting, or asks a new account for an invitation, and the page.

use std::cell::RefCell;
use std::sync::{Mutex, PoisonError};

use sealdesk_client::node::{Attend, Waiting};
use sealdesk_protocol::invitation::InvitationCode;
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

use crate::value::to_js;

thread_local! {
    /// Whoever in the page wants to hear what is waited for: functions of JavaScript stay on their thread.
    static LISTENER: RefCell<Option<js_sys::Function>> = const { RefCell::new(None) };
}

/// Has `listener` hear what is waited for: `{ kind: "work" | "busy", seconds }`, and `null` when work is over.
#[wasm_bindgen(js_name = onWait)]
pub fn on_wait(listener: js_sys::Function) {
    LISTENER.with_borrow_mut(|kept| *kept = Some(listener));
}

/// What is waited for, as the page hears it.
#[derive(Serialize)]
struct Wait {
    kind: &'static str,
    seconds: u64,
}

/// Keeps the invitation of one desk.
#[derive(Default)]
pub(crate) struct Porter {
    code: Mutex<Option<Zeroizing<String>>>,
}

impl Porter {
    /// Keeps a code until the page is gone.
    pub(crate) fn keep(&self, code: InvitationCode) {
        *self.code.lock().unwrap_or_else(PoisonError::into_inner) = Some(code.reveal());
    }
}

impl Attend for Porter {
    fn waits(&self, waiting: &Waiting) {
        let wait = match waiting {
            Waiting::Busy { seconds, .. } => Wait { kind: "busy", seconds: *seconds },
            Waiting::Work { seconds } => Wait { kind: "work", seconds: *seconds },
        };
        if let Ok(wait) = to_js(&wait) {
            tell(&wait);
        }
    }

    fn worked(&self) {
        tell(&JsValue::NULL);
    }

    fn invitation(&self, _only: bool) -> Option<InvitationCode> {
        let code = self.code.lock().unwrap_or_else(PoisonError::into_inner);
        code.as_ref().and_then(|code| InvitationCode::parse(code).ok())
    }
}

fn tell(wait: &JsValue) {
    let listener = LISTENER.with_borrow(Option::clone);
    if let Some(listener) = listener {
        // A page that fails to show it is none of the ledger's concern.
        let _ = listener.call1(&JsValue::NULL, wait);
    }
}
