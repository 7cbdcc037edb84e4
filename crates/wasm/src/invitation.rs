//! The line of an invitation, as a browser comes to it: a link whose fragment names the ledger, and may hold a code.

use sealdesk_client::invite_link::InviteLink;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::error::failed;

/// An invitation that was read.
#[wasm_bindgen]
pub struct Invitation(InviteLink);

#[wasm_bindgen]
impl Invitation {
    /// Reads the line, strictly.
    ///
    /// # Errors
    /// What is wrong with it, without a part of its code.
    pub fn parse(line: &str) -> Result<Self, JsValue> {
        InviteLink::parse(line).map(Self).map_err(|error| failed(&error))
    }

    /// The ledger that it names, in hex.
    #[wasm_bindgen(getter)]
    pub fn identity(&self) -> String {
        self.0.identity.to_string()
    }

    /// What whoever invites calls themselves.
    #[wasm_bindgen(getter)]
    pub fn inviter(&self) -> Option<String> {
        self.0.inviter.as_ref().map(|(name, _)| name.as_str().to_owned())
    }

    /// The code that lets a new account in, where the desk asks for one.
    #[wasm_bindgen(getter)]
    pub fn code(&self) -> Option<String> {
        self.0.code.as_ref().map(|code| code.reveal().to_string())
    }
}
