//! What a transaction does, in words, before somebody signs it.
//!
//! What a message does stands in its headline; below it is every field that it has, whole, whether or not this program knows the message.

mod fields;

use std::collections::BTreeMap;

use sealdesk_protocol::text;
use sealdesk_protocol::wire::cosmos::tx::v1beta1::{Tx, TxBody};
use serde_json::{Map, Value};

use crate::context::Context;
use crate::tx_text::fields::{Names, quoted};

/// Whose each key is that something can be sealed for, by its fingerprint.
pub(crate) type KeysOfPeople = BTreeMap<String, String>;

/// Until when a transaction may come into a block.
pub(crate) fn until(context: &Context, body: &TxBody) -> Option<String> {
    body.timeout_timestamp.as_ref().map(|timeout| context.zone().alone(timeout.seconds))
}

/// A transaction whose JSON this is, a line each.
pub(crate) fn lines(context: &Context, tx: &Tx, json: &Value, keys: &KeysOfPeople) -> Vec<String> {
    let mut lines = Vec::new();
    let person = |text: &str| {
        let known = context.people().iter().any(|(_, address)| address == text);
        known.then(|| context.named(text))
    };
    let names = Names { keys, person: &person };
    for (index, message) in messages(json).iter().enumerate() {
        lines.push(format!("{}. {}", index + 1, headline(context, message)));
        names.fields(message, &mut lines);
    }
    let body = tx.body.clone().unwrap_or_default();
    if !body.memo.is_empty() {
        lines.push(format!("note, PUBLIC: {}", quoted(&body.memo)));
    }
    if let Some(until) = until(context, &body) {
        lines.push(format!("until: {until}"));
    }
    if body.timeout_height > 0 {
        lines.push(format!("until height: {}", body.timeout_height));
    }
    lines
}

/// What all its messages do, in one line.
pub(crate) fn summary(context: &Context, json: &Value) -> String {
    let all: Vec<String> = messages(json).iter().map(|message| headline(context, message)).collect();
    all.join("; ")
}

fn messages(json: &Value) -> Vec<Map<String, Value>> {
    let list = json["body"]["messages"].as_array().cloned().unwrap_or_default();
    list.into_iter().filter_map(|one| one.as_object().cloned()).collect()
}

fn headline(context: &Context, message: &Map<String, Value>) -> String {
    let field = |name: &str| text::line(message.get(name).and_then(Value::as_str).unwrap_or_default());
    let who = |name: &str| context.named(&field(name));
    let ticket = field("ticket_id");
    let name = field("@type").rsplit('.').next().unwrap_or_default().to_owned();
    match name.as_str() {
        "MsgCreateTicket" => "write a ticket".to_owned(),
        "MsgImportTicket" => {
            format!(
                "import a ticket of {}, {}, from {}",
                who("customer"),
                field("source_id"),
                field("source")
            )
        }
        "MsgAssignTicket" => format!("assign {ticket} to {}", who("assign_to")),
        "MsgRespondToTicket" if message.get("internal") == Some(&Value::Bool(true)) => {
            format!("leave a note in {ticket}")
        }
        "MsgRespondToTicket" => format!("reply in {ticket}"),
        "MsgUpdateTicketStatus" => format!("set {ticket} to {}", field("status")),
        "MsgUpdateTicketPriority" => format!("give {ticket} the priority {}", field("priority")),
        "MsgResolveTicket" => format!("resolve {ticket}"),
        "MsgCloseTicket" => format!("close {ticket}"),
        "MsgReopenTicket" => format!("reopen {ticket}"),
        "MsgTransferTicket" => format!("transfer {ticket} to {}", who("new_customer")),
        "MsgRateTicket" => format!("rate {ticket}"),
        "MsgLinkTickets" => format!("link {ticket} and {}", field("other")),
        "MsgSnoozeTicket" => format!("put {ticket} aside"),
        "MsgGrantAccess" => format!("give access to {ticket}"),
        "MsgUpdateParams" => "change the desk's limits".to_owned(),
        "MsgPutDocument" => format!("write the document {}/{}", field("shelf"), field("name")),
        "MsgRegisterRecipientKey" => "publish a key of the signer's".to_owned(),
        "MsgRevokeRecipientKey" => format!("revoke the key {}", field("key_fingerprint")),
        "MsgAssignRole" => format!("give {} the role {}", who("address"), field("role")),
        "MsgRevokeRole" => format!("take the role {} from {}", field("role"), who("address")),
        "MsgSetAccountState" => format!("set the account {} to {}", who("address"), field("state")),
        "MsgProposeValidator" => "vote on who makes the ledger's blocks".to_owned(),
        "MsgContinueLedger" => "vote for this ledger as the one that continues another".to_owned(),
        other => format!("{other}, which this program cannot describe"),
    }
}
