//! `sealdesk query …`, of a contract. The node's word, as everything that is asked there.

use sealdesk_client::stacks::directory::{Assurance, Key};
use sealdesk_client::stacks::wire::contract::{Comment, Question, Ticket};
use sealdesk_client::stacks::wire::principal::Principal;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::ticket::{Priority, Status};
use serde_json::{Value, json};

use super::{desk, person_of, shown};
use crate::context::Context;
use crate::failure::Failure;
use crate::table;

/// Which tickets are asked for.
#[derive(Debug, Default)]
pub(crate) struct Wanted<'a> {
    pub(crate) customer: Option<&'a str>,
    pub(crate) agent: Option<&'a str>,
    pub(crate) status: Option<Status>,
    pub(crate) priority: Option<Priority>,
    /// Those that nobody has and that are not over.
    pub(crate) open: bool,
}

pub(crate) async fn ticket(context: &Context, id: TicketId) -> Result<(), Failure> {
    let ticket = desk(context)?.ticket(id).await?;
    let at = |height: Option<u64>| height.map(|height| format!("burn block {height}")).unwrap_or_default();
    context.output().answer(&shown::ticket_json(id, &ticket), || {
        table::fields(&[
            ("ticket", id.to_string()),
            ("status", shown::status(ticket.status).name().to_owned()),
            ("priority", shown::priority(ticket.priority).to_owned()),
            ("category", table::safe(&ticket.category)),
            ("customer", context.named(&ticket.owner.to_string())),
            (
                "assigned to",
                ticket.assignee.as_ref().map(|a| context.named(&a.to_string())).unwrap_or_default(),
            ),
            ("answers", ticket.comment_count.to_string()),
            ("created", at(Some(ticket.created_at))),
            ("changed", at(Some(ticket.updated_at))),
            ("resolved", at(ticket.resolved_at)),
            ("closed", at(ticket.closed_at)),
            ("sealed text", format!("SHA-256 {}", hex::encode(ticket.payload_hash))),
        ])
    })
}

pub(crate) async fn tickets(context: &Context, wanted: Wanted<'_>) -> Result<(), Failure> {
    let desk = desk(context)?;
    let agent = wanted.agent.map(|agent| person_of(context, agent)).transpose()?;
    let (mut found, unseen) = match wanted.customer {
        Some(customer) => (desk.tickets_of(&person_of(context, customer)?).await?, 0),
        None => desk.newest_tickets().await?,
    };
    found.retain(|(_, ticket)| fits(ticket, &wanted, agent.as_ref()));
    let value: Vec<Value> = found.iter().map(|(id, ticket)| shown::ticket_json(*id, ticket)).collect();
    let value = json!({ "tickets": value, "older_not_looked_at": unseen });
    context.output().answer(&value, || shown::tickets_table(context, &found))
}

fn fits(ticket: &Ticket, wanted: &Wanted<'_>, agent: Option<&Principal>) -> bool {
    let status = shown::status(ticket.status);
    let priority = wanted.priority.map(Priority::name);
    agent.is_none_or(|agent| ticket.assignee.as_ref() == Some(agent))
        && wanted.status.is_none_or(|wanted| wanted == status)
        && priority.is_none_or(|wanted| wanted == shown::priority(ticket.priority))
        && (!wanted.open || (ticket.assignee.is_none() && status == Status::Open))
}

pub(crate) async fn responses(context: &Context, id: TicketId) -> Result<(), Failure> {
    let desk = desk(context)?;
    let ticket = desk.ticket(id).await?;
    let mut comments: Vec<Comment> = Vec::new();
    for index in 0..ticket.comment_count {
        let ask = Question::Comment { ticket: id.number(), index };
        let answer = desk.node().read(desk.contract(), &ask).await?;
        comments.extend(answer.comment().map_err(sealdesk_client::stacks::Error::from)?);
    }
    let object = |(index, comment): (usize, &Comment)| {
        json!({
            "response_index": index,
            "responder_address": comment.author.to_string(),
            "is_agent": comment.is_staff,
            "internal": comment.internal,
            "payload_hash": hex::encode(comment.payload_hash),
            "created_at_burn_block": comment.created_at,
        })
    };
    let value = json!({ "responses": comments.iter().enumerate().map(object).collect::<Vec<_>>() });
    context.output().answer(&value, || {
        if comments.is_empty() {
            return "no responses".to_owned();
        }
        let row = |(index, comment): (usize, &Comment)| {
            let kind = match (comment.internal, comment.is_staff) {
                (true, _) => "note",
                (false, true) => "answer",
                (false, false) => "customer",
            };
            let by = context.name_of(&comment.author.to_string());
            vec![index.to_string(), kind.to_owned(), by, format!("block {}", comment.created_at)]
        };
        table::rows(&["INDEX", "KIND", "BY", "WRITTEN"], comments.iter().enumerate().map(row).collect())
    })
}

pub(crate) async fn account(context: &Context, person: &str) -> Result<(), Failure> {
    let (desk, who) = (desk(context)?, person_of(context, person)?);
    desk.expect_network(&who)?;
    let role = desk.role(&who).await?.name();
    let account = desk.node().account(&who).await?;
    let value = json!({
        "address": who.to_string(),
        "role": role,
        "balance": account.balance.to_string(),
        "nonce": account.nonce,
    });
    context.output().answer(&value, || {
        table::fields(&[
            ("address", context.named(&who.to_string())),
            ("role", role.to_owned()),
            ("balance", super::sending::stx(account.balance)),
            ("transactions", account.nonce.to_string()),
        ])
    })
}

pub(crate) async fn keys(context: &Context, person: &str, active_only: bool) -> Result<(), Failure> {
    let (desk, who) = (desk(context)?, person_of(context, person)?);
    let history = desk.history().await?;
    let mut found = desk.person(&who, &history).await?;
    found.keys.retain(|key| !active_only || key.revoked_at.is_none());
    let assurance = |key: &Key| match key.assurance {
        Assurance::Signed => "signed by the account",
        Assurance::NodesWord => "the node's word",
    };
    let object = |key: &Key| {
        json!({
            "key_version": key.version,
            "key_fingerprint": key.fingerprint().to_string(),
            "registered_at_burn_block": key.registered_at,
            "revoked_at_burn_block": key.revoked_at,
            "assurance": assurance(key),
        })
    };
    let value =
        json!({ "keys": found.keys.iter().map(object).collect::<Vec<_>>(), "refused": found.refused });
    context.output().answer(&value, || {
        if found.keys.is_empty() {
            return "no keys: nobody can seal to this account yet".to_owned();
        }
        let row = |key: &Key| {
            let state = if key.revoked_at.is_none() { "active" } else { "revoked" };
            let fingerprint = key.fingerprint().to_string();
            vec![key.version.to_string(), fingerprint, state.to_owned(), assurance(key).to_owned()]
        };
        table::rows(&["VERSION", "FINGERPRINT", "STATE", "PROVEN BY"], found.keys.iter().map(row).collect())
    })
}
