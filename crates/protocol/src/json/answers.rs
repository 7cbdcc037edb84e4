//! Views that are no message of the wire as it stands: a ledger's status, an account, a transaction, an event with its place.

use std::collections::BTreeMap;

use prost::{Message as _, Name as _};
use serde::Serialize;
use serde_json::{Value, json};

use super::schema::{Shape, field, object, reference};
use super::{RecipientKey, RoleAssignment, account_state, cursor, event, time};
use crate::codes::SdkError;
use crate::events::Event;
use crate::wire::cosmos::base::abci::v1beta1::{TxMsgData, TxResponse};
use crate::wire::sealdesk::ledger::v1::{LedgerEvent, StatusResponse};
use crate::wire::virtengine::encryption::v1::QueryRecipientKeysResponse;
use crate::wire::virtengine::roles::v1::QueryAccountResponse;
use crate::wire::virtengine::support::v1::{MsgCreateTicketResponse, MsgRespondToTicketResponse};

/// Defines structs with the schema of each.
macro_rules! answers {
    ($(
        $(#[doc = $doc:literal])*
        $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty $(as $kind:literal)?,)* }
    )*) => {
        $(
            $(#[doc = $doc])*
            #[derive(Debug, Clone, Serialize)]
            pub struct $name { $($(#[$field_meta])* pub $field: $type,)* }

            impl Shape for $name {
                fn shape() -> Value {
                    reference(stringify!($name))
                }
            }
        )*

        fn own_schemas() -> Vec<(&'static str, Value)> {
            vec![$((
                stringify!($name),
                object(concat!($($doc),*), &[
                    $((stringify!($field), field::<$type>(concat!("", $($kind)?))),)*
                ]),
            ),)*]
        }
    };
}

answers! {
    /// Where a ledger stands, by the word of the node that answers.
    LedgerStatus {
        /// Where the node listens, by surface.
        addresses: BTreeMap<String, String>,
        /// Root of the state, in upper-case hexadecimal digits.
        app_hash: String,
        /// The ledger's name.
        chain_id: String,
        /// What orders its transactions: `solo` or `comet`.
        engine: String,
        /// The newest block.
        height: i64,
        /// The first block whose results and events this node has.
        history_from: i64,
        /// The newest block's time.
        time: Option<String> as "time",
        /// The hash of its validators, in upper-case hexadecimal digits.
        validators_hash: String,
        /// The node's version.
        version: String,
    }

    /// An account's role and state. Whoever was given no role is a customer.
    Account {
        /// Whose account.
        address: String,
        /// Who gave the role, and when; null where nobody did.
        assignment: Option<RoleAssignment>,
        /// The role.
        role: &'static str as "role",
        /// Whether the account may act.
        state: &'static str as "account_state",
    }

    /// A page of those who registered a key; an empty cursor ends the list.
    KeyOwners {
        /// The key, once for each address that registered it.
        keys: Vec<RecipientKey>,
        /// Where the next page begins.
        next_cursor: String,
    }

    /// What became of a transaction that a block holds. Code 0 = its messages did what they ask for.
    Transaction {
        /// Why not, by the number that stays.
        code: u32,
        /// What the code counts in.
        codespace: String,
        /// The block.
        height: i64,
        /// Why not, in words that may change.
        raw_log: String,
        /// The response or note that it wrote; null where it wrote none.
        response_index: Option<u32>,
        /// The ticket that it opened; null where it opened none.
        ticket_id: Option<String>,
        /// The block's time.
        timestamp: String,
        /// The transaction's hash, in upper-case hexadecimal digits.
        txhash: String,
    }

    /// A transaction that was taken and waits for its block.
    Admitted {
        /// The transaction's hash, in upper-case hexadecimal digits: by it its outcome is found.
        txhash: String,
    }
}

/// The schemas of what is defined here.
pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    let mut all = own_schemas();
    all.push(("Event", event_schema()));
    all
}

/// An event's own fields follow its type; proto/ has them.
fn event_schema() -> Value {
    json!({
        "type": "object",
        "description": "Something that happened, with the fields of its type.",
        "properties": {
            "type": { "type": "string", "enum": Event::type_names() },
            "block_height": i64::shape(),
            "timestamp": { "type": "integer", "description": "Unix seconds." },
            "txhash": { "type": ["string", "null"], "description": "null: the ledger did it by itself." },
            "cursor": { "type": "string", "description": "Continues after this event." },
            "ticket_id": { "type": "string" },
        },
        "required": ["type", "block_height", "timestamp", "txhash", "cursor"],
    })
}

impl From<StatusResponse> for LedgerStatus {
    fn from(wire: StatusResponse) -> Self {
        Self {
            addresses: wire.addresses,
            app_hash: hex::encode_upper(wire.app_hash),
            chain_id: wire.chain_id,
            engine: wire.engine,
            height: wire.height,
            history_from: wire.history_from,
            time: time(wire.timestamp),
            validators_hash: hex::encode_upper(wire.validators_hash),
            version: wire.version,
        }
    }
}

impl Account {
    /// The account of an address.
    pub fn new(address: &str, wire: QueryAccountResponse) -> Self {
        let assignment = wire.assignment.map(RoleAssignment::from);
        let role = assignment.as_ref().map_or("customer", |assignment| assignment.role);
        Self { address: address.to_owned(), assignment, role, state: account_state(wire.state) }
    }
}

impl Transaction {
    /// The same with what its messages made: `data` is its `TxMsgData`.
    #[must_use]
    pub fn with_made(mut self, data: &[u8]) -> Self {
        for made in TxMsgData::decode(data).unwrap_or_default().msg_responses {
            let (url, value) = (made.type_url.as_str(), made.value.as_slice());
            if url == MsgCreateTicketResponse::type_url() && self.ticket_id.is_none() {
                self.ticket_id = MsgCreateTicketResponse::decode(value).ok().map(|made| made.ticket_id);
            }
            if url == MsgRespondToTicketResponse::type_url() && self.response_index.is_none() {
                let made = MsgRespondToTicketResponse::decode(value).ok();
                self.response_index = made.map(|made| made.response_index);
            }
        }
        self
    }
}

impl From<TxResponse> for Transaction {
    fn from(wire: TxResponse) -> Self {
        let TxResponse { height, txhash, codespace, code, raw_log, timestamp, data, .. } = wire;
        let (response_index, ticket_id) = (None, None);
        let shown = Self { code, codespace, height, raw_log, response_index, ticket_id, timestamp, txhash };
        shown.with_made(&hex::decode(data).unwrap_or_default())
    }
}

impl From<QueryRecipientKeysResponse> for KeyOwners {
    fn from(wire: QueryRecipientKeysResponse) -> Self {
        let keys = wire.keys.into_iter().map(RecipientKey::from).collect();
        Self { keys, next_cursor: cursor(&wire.next_cursor) }
    }
}

/// An event as whoever follows the ledger gets it: with its transaction and its cursor.
///
/// # Errors
/// Code 2 of `sdk` where it holds no event of this ledger.
pub fn ledger_event(wire: &LedgerEvent) -> Result<Value, SdkError> {
    let mut fields = event(&Event::decode(&wire.r#type, &wire.value)?);
    fields["txhash"] = Some(wire.tx_hash.as_str()).filter(|hash| !hash.is_empty()).into();
    fields["cursor"] = cursor(&wire.cursor).into();
    Ok(fields)
}
