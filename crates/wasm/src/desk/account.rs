//! What a page asks about the person themself: the keys in their name, and the invitation that lets a new account in.

use sealdesk_protocol::invitation::InvitationCode;
use sealdesk_protocol::keys::Fingerprint;
use serde::Serialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::{Desk, done};
use crate::error::{failed, of_client};
use crate::identity::Identity;
use crate::value::to_js;

/// A key in the person's own name.
#[derive(Serialize)]
struct OwnKey {
    fingerprint: String,
    /// Unix seconds.
    registered_at: i64,
    is_of_phrase: bool,
}

#[wasm_bindgen]
impl Desk {
    /// The active keys in this person's own name, proven. One that their phrase did not make reads what is sealed for them.
    ///
    /// # Errors
    /// Where the node cannot be reached or proves nothing.
    #[wasm_bindgen(js_name = ownKeys, unchecked_return_type = "import(\"../views.js\").OwnKey[]")]
    pub async fn own_keys(&self, me: &Identity) -> Result<JsValue, JsValue> {
        let listed = self.0.own_keys(me.actor()).await.map_err(|error| of_client(&error))?;
        let keys = listed.into_iter().map(|key| OwnKey {
            fingerprint: key.fingerprint.to_string(),
            registered_at: key.registered_at,
            is_of_phrase: key.is_of_phrase,
        });
        to_js(&keys.collect::<Vec<_>>())
    }

    /// Takes a key in one's own name out of use: nothing more is sealed to it.
    ///
    /// # Errors
    /// As [`Desk::create_ticket`].
    #[wasm_bindgen(js_name = revokeOwnKey, unchecked_return_type = "import(\"../views.js\").Done")]
    pub async fn revoke_own_key(&self, me: &Identity, fingerprint: String) -> Result<JsValue, JsValue> {
        let fingerprint = Fingerprint::parse(&fingerprint).map_err(|error| failed(&error))?;
        done(self.0.revoke_key(me.actor(), &fingerprint).await)
    }

    /// Shows this invitation code where the node asks a new account for one.
    ///
    /// # Errors
    /// Where it is not a code.
    #[wasm_bindgen(js_name = useInvitation)]
    pub fn use_invitation(&self, code: String) -> Result<(), JsValue> {
        self.1.keep(InvitationCode::parse(&code).map_err(|error| failed(&error))?);
        Ok(())
    }
}
