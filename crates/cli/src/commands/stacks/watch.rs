//! `sealdesk watch`, of a contract: an indexer is asked again and again.

use sealdesk_protocol::ids::TicketId;

use super::{desk, shown};
use crate::context::Context;
use crate::failure::Failure;

/// What is shown, and until when.
pub(crate) struct Wanted<'a> {
    pub(crate) ticket: Option<TicketId>,
    pub(crate) cursor: &'a str,
    pub(crate) count: Option<u64>,
}

pub(crate) async fn run(context: &Context, wanted: Wanted<'_>) -> Result<(), Failure> {
    let desk = desk(context)?;
    let after = Some(wanted.cursor).filter(|cursor| !cursor.is_empty());
    let mut watch = desk.watch(after).await?;
    if !context.output().is_json() {
        context.output().note("Waiting for events; Ctrl-C ends this.");
    }
    let mut left = wanted.count;
    while left != Some(0) {
        let happened = tokio::select! {
            happened = watch.next() => happened?,
            _ = tokio::signal::ctrl_c() => return Ok(()),
        };
        if wanted.ticket.is_some_and(|ticket| happened.ticket() != Some(ticket)) {
            continue;
        }
        context.output().stream(&shown::event_json(&happened), || {
            let ticket = happened.ticket().map(|ticket| format!("{ticket}  ")).unwrap_or_default();
            format!("burn block {}  {ticket}{}", happened.event.at, shown::event_words(context, &happened))
        })?;
        left = left.map(|left| left.saturating_sub(1));
    }
    Ok(())
}
