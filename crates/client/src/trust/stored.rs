//! The form in which a pin is kept: JSON, which a browser can keep as well as a file.

use prost::Message as _;
use sealdesk_protocol::circle::{Circle, Ledger};
use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::ids::{Address, ChainId, Prefix};
use sealdesk_protocol::wire::sealdesk::ledger::v1::CircleChange;
use serde::{Deserialize, Serialize};

use super::Pin;

/// A pin without the name of its ledger.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredPin {
    identity: String,
    prefix: String,
    circle: String,
    changes: Vec<String>,
    validators_hash: String,
    height: u64,
    time: i64,
    agreed: bool,
    readers: Vec<String>,
}

/// A pin with the name of its ledger.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedPin {
    chain_id: String,
    pin: StoredPin,
}

impl Pin {
    /// The pin as it is kept where there are no files.
    pub fn to_json(&self) -> String {
        let named = NamedPin { chain_id: self.chain_id().to_string(), pin: StoredPin::of(self) };
        // Texts, numbers and lists: nothing of it can fail to be written.
        serde_json::to_string(&named).unwrap_or_default()
    }

    /// Reads what [`Pin::to_json`] wrote.
    ///
    /// # Errors
    /// What is wrong with the text, in words.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let named: NamedPin = serde_json::from_str(text).map_err(|error| error.to_string())?;
        named.pin.read(&named.chain_id)
    }
}

impl StoredPin {
    pub(super) fn of(pin: &Pin) -> Self {
        Self {
            identity: pin.ledger.identity.to_string(),
            prefix: pin.ledger.prefix.as_str().to_owned(),
            circle: hex::encode(pin.circle.encode()),
            // Of a ledger that nobody agreed to, its own people chose how many there are.
            changes: pin
                .changes
                .iter()
                .filter(|_| pin.agreed)
                .map(|change| hex::encode(change.encode_to_vec()))
                .collect(),
            validators_hash: hex::encode_upper(pin.validators_hash),
            height: pin.height,
            time: pin.time,
            agreed: pin.agreed,
            readers: pin.readers.iter().map(Address::to_string).collect(),
        }
    }

    pub(super) fn read(self, chain_id: &str) -> Result<Pin, String> {
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let chain_id = ChainId::parse(chain_id).map_err(|error| text(&error))?;
        let prefix = Prefix::parse(&self.prefix).map_err(|error| text(&error))?;
        let identity = Identity::parse(&self.identity).ok_or("an identity has 64 hex digits")?;
        let circle = hex::decode(&self.circle).map_err(|error| text(&error))?;
        let circle = Circle::decode(&prefix, &circle).map_err(|error| text(&error))?;
        let change = |encoded: &String| {
            let bytes = hex::decode(encoded).map_err(|error| text(&error))?;
            CircleChange::decode(bytes.as_slice()).map_err(|error| text(&error))
        };
        let mut changes = self.changes.iter().map(change).collect::<Result<Vec<_>, String>>()?;
        changes.retain(|_| self.agreed);
        let mut validators_hash = [0; 32];
        hex::decode_to_slice(&self.validators_hash, &mut validators_hash).map_err(|error| text(&error))?;
        let readers = self.readers.iter().map(|reader| Address::parse(&prefix, reader));
        let readers = readers.collect::<Result<_, _>>().map_err(|error| text(&error))?;
        let ledger = Ledger { chain_id, prefix, identity };
        let (height, time, agreed) = (self.height, self.time, self.agreed);
        Ok(Pin { ledger, circle, changes, validators_hash, height, time, agreed, readers })
    }
}
