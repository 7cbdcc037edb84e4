//! The administrators as their own votes lead to them, and everybody's keys.

use sealdesk_client::view::OpenVote;
use sealdesk_protocol::json;
use sealdesk_protocol::keys::Fingerprint;
use sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord;
use serde::Serialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::{Desk, done};
use crate::error::{failed, of_client};
use crate::identity::Identity;
use crate::value::to_js;

#[derive(Serialize)]
struct Circle {
    position: u64,
    fingerprint: String,
    members: Vec<CircleMember>,
    votes: Vec<OpenVote>,
}

#[derive(Serialize)]
struct CircleMember {
    address: String,
    /// The change by which they joined; 0 = they were there at the beginning.
    since: u64,
}

#[derive(Serialize)]
struct Key {
    fingerprint: String,
    version: u32,
    label: String,
    registered_at: Option<String>,
    revoked_at: Option<String>,
    /// Whether the phrase that is unlocked here made it.
    own: bool,
}

#[wasm_bindgen]
impl Desk {
    /// The administrators, and the changes for which there are votes.
    ///
    /// # Errors
    /// Where the node cannot be reached or contradicts what is known.
    #[wasm_bindgen(unchecked_return_type = "import(\"../views.js\").Circle")]
    pub async fn circle(&self) -> Result<JsValue, JsValue> {
        let circle = self.0.circle().await.map_err(|error| of_client(&error))?;
        let votes = self.0.every_open_vote().await.map_err(|error| of_client(&error))?;
        let fingerprint = circle.fingerprint(&self.0.pin().ledger.identity);
        let hex: String = fingerprint.iter().map(|byte| format!("{byte:02x}")).collect();
        let member = |member: &sealdesk_protocol::circle::Member| CircleMember {
            address: member.address.to_string(),
            since: member.since,
        };
        to_js(&Circle {
            position: circle.position(),
            fingerprint: hex,
            members: circle.members().iter().map(member).collect(),
            votes,
        })
    }

    /// Every key of an account, proven; which of them the phrase made that is unlocked here.
    ///
    /// # Errors
    /// As [`Desk::circle`]; and where it is not an address.
    #[wasm_bindgen(unchecked_return_type = "import(\"../views.js\").AccountKey[]")]
    pub async fn keys(&self, me: &Identity, address: String) -> Result<JsValue, JsValue> {
        let listed = self.0.keys(&self.address(&address)?).await.map_err(|error| of_client(&error))?;
        let own = me.actor().registered(&listed).map_err(|error| failed(&error))?;
        let own: Vec<String> =
            own.iter().map(|(pair, _)| pair.encryption.fingerprint().to_string()).collect();
        let key = |record: &RecipientKeyRecord| Key {
            fingerprint: record.key_fingerprint.clone(),
            version: record.key_version,
            label: record.label.clone(),
            registered_at: json::time(record.registered_at),
            revoked_at: json::time(record.revoked_at),
            own: own.contains(&record.key_fingerprint),
        };
        to_js(&listed.iter().map(key).collect::<Vec<_>>())
    }

    /// Publishes this person's key, so that something can be sealed for them who has written nothing yet.
    ///
    /// # Errors
    /// As [`Desk::create_ticket`].
    #[wasm_bindgen(js_name = registerKey, unchecked_return_type = "import(\"../views.js\").Done")]
    pub async fn register_key(&self, me: &Identity) -> Result<JsValue, JsValue> {
        done(self.0.register_key(me.actor(), "").await)
    }

    /// Takes a key out of use: one's own, or that of somebody who is or was staff.
    ///
    /// # Errors
    /// As [`Desk::create_ticket`].
    #[wasm_bindgen(js_name = revokeKey, unchecked_return_type = "import(\"../views.js\").Done")]
    pub async fn revoke_key(&self, me: &Identity, owner: String, key: String) -> Result<JsValue, JsValue> {
        let owner = self.address(&owner)?;
        let key = Fingerprint::parse(&key).map_err(|error| failed(&error))?;
        if owner == self.0.address_of(me.actor()) {
            return done(self.0.revoke_key(me.actor(), &key).await);
        }
        done(self.0.revoke_key_of(me.actor(), &owner, &key).await)
    }
}
