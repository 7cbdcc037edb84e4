//! What a list shows of tickets beside their records: subjects, who spoke last, since when they wait, and when they are due.
//!
//! Records are proven; a subject is what opens of the ticket's own message, whose signature is checked. What a message says of where it stands
//! is for [`Desk::read`](crate::desk::Desk) to judge: a list opens no answers.

mod cache;
#[cfg(not(target_arch = "wasm32"))]
mod file;
mod opening;

use std::collections::{BTreeMap, BTreeSet};

use sealdesk_protocol::document::{DocumentName, SERVICE_DOCUMENTS};
use sealdesk_protocol::envelope::Kind;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::in_order::InOrder as _;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::{QueuePlace, Turn, response_kind};
use sealdesk_protocol::wire::virtengine::support::v1::{SupportTicket, TicketResponse};

pub use cache::{SUBJECTS_MAX, Subjects};
#[cfg(not(target_arch = "wasm32"))]
pub use file::{SubjectsError, SubjectsFile, forget_subjects};
pub use opening::Opener;

use crate::desk::{Desk, head};
use crate::error::Result;
use crate::node::Transport;
use crate::sla::{self, Documents, History, Kind as Promised, State, Versions, versions_needed};
use crate::verify::Proven;
use crate::view::{About, Due, Spoke, Subject, Time};

/// Newest responses of each ticket that a list looks at.
const TAIL: u32 = 8;

/// A ticket's newest responses, in order.
struct Tail {
    responses: Vec<TicketResponse>,
    /// Whether these are all of them.
    is_whole: bool,
}

/// The state keys of the lists of versions that service levels are counted by.
pub(crate) fn published_lists() -> Vec<Vec<u8>> {
    let names = SERVICE_DOCUMENTS.iter().filter_map(|name| DocumentName::parse(name).ok());
    names.map(|name| tree::published(&name)).collect()
}

impl<T: Transport> Desk<T> {
    /// What a list shows of these tickets, whose records are among the facts, as are the lists of published versions.
    pub(crate) async fn about(
        &self,
        facts: &mut Proven,
        ids: &BTreeSet<TicketId>,
    ) -> Result<BTreeMap<TicketId, About>> {
        let mut keys = Vec::new();
        for id in ids {
            let count = head(facts, *id)?.response_count;
            keys.extend((count.saturating_sub(TAIL)..count).map(|index| tree::response(*id, index)));
        }
        keys.retain(|key| !facts.covers(key));
        if !keys.is_empty() {
            facts.extend(self.records(keys).await?);
        }
        let mut histories = BTreeMap::new();
        let mut abouts = BTreeMap::new();
        for id in ids {
            let ticket = head(facts, *id)?;
            let tail = tail(facts, *id, ticket.response_count)?;
            abouts.insert(*id, about(&ticket, &tail, facts.time()));
            if let Ok(history) = History::of(*id, &ticket, &tail.responses) {
                histories.insert(*id, (history, tail.tells_first()));
            }
        }
        let documents = self.service_documents(facts, histories.values().map(|(history, _)| history)).await?;
        for (id, (history, tells_first)) in &histories {
            let due = due(history, &documents, facts.time(), *tells_first);
            if let Some(about) = abouts.get_mut(id) {
                about.due = due;
            }
        }
        Ok(abouts)
    }

    /// The documents that these histories are counted by, with the versions that are needed.
    pub(crate) async fn service_documents<'h>(
        &self,
        facts: &mut Proven,
        histories: impl Iterator<Item = &'h History>,
    ) -> Result<Documents> {
        let mut documents = documents(facts)?;
        let needed = histories.flat_map(|history| versions_needed(history, &documents)).into_set();
        let key = |(name, version): (&str, u64)| {
            DocumentName::parse(name)
                .ok()
                .map(|name| (name.clone(), version, tree::published_body(&name, version)))
        };
        let needed: Vec<_> = needed.into_iter().filter_map(key).collect();
        let missing: Vec<Vec<u8>> =
            needed.iter().map(|(.., key)| key.clone()).filter(|key| !facts.covers(key)).collect();
        if !missing.is_empty() {
            facts.extend(self.records(missing).await?);
        }
        for (name, version, _) in needed {
            let Some(body) = facts.published_body(&name, version)? else { continue };
            let [office_hours, _] = SERVICE_DOCUMENTS;
            let of =
                if name.as_str() == office_hours { &mut documents.office_hours } else { &mut documents.sla };
            of.bodies.insert(version, body);
        }
        Ok(documents)
    }
}

/// The lists of versions, without what they say.
fn documents(facts: &Proven) -> Result<Documents> {
    let versions = |name: &str| -> Result<Versions> {
        let Ok(name) = DocumentName::parse(name) else { return Ok(Versions::default()) };
        Ok(Versions::of(facts.published(&name)?))
    };
    let [office_hours, sla] = SERVICE_DOCUMENTS;
    Ok(Documents { sla: versions(sla)?, office_hours: versions(office_hours)? })
}

fn tail(facts: &Proven, id: TicketId, count: u32) -> Result<Tail> {
    let first = count.saturating_sub(TAIL);
    let mut responses = Vec::new();
    for index in first..count {
        responses.extend(facts.response(id, index)?.response);
    }
    Ok(Tail { responses, is_whole: first == 0 })
}

impl Tail {
    /// What was said from one side to the other: neither notes nor comments on ratings.
    fn said(&self) -> impl DoubleEndedIterator<Item = &TicketResponse> {
        self.responses.iter().filter(|response| {
            let context = response.payload_context.clone().unwrap_or_default();
            response_kind(response.internal, &context) == Kind::Response
        })
    }

    /// Whether it says if the staff has ever answered, and what waits for an answer.
    fn tells_first(&self) -> bool {
        self.is_whole || self.said().any(|response| response.is_agent)
    }
}

fn about(ticket: &SupportTicket, tail: &Tail, now: i64) -> About {
    let last = match tail.said().next_back() {
        Some(last) => Some(Spoke {
            by: last.responder_address.clone(),
            is_staff: last.is_agent,
            at: Time::Unix(last.created_at),
        }),
        None => tail.is_whole.then(|| Spoke {
            by: ticket.customer_address.clone(),
            is_staff: false,
            at: Time::Unix(ticket.created_at),
        }),
    };
    let place = QueuePlace::of(ticket);
    let waits_since = place.map(|place| match place.turn {
        Turn::Desk => place.since.max(asked_since(ticket, tail)),
        Turn::Customer | Turn::Aside => place.since,
    });
    About {
        subject: Subject::Locked,
        last,
        turn: place.map(|place| place.turn),
        waits_since: waits_since.map(Time::Unix),
        is_back: place.is_some_and(|place| place.turn == Turn::Aside && place.since <= now),
        due: None,
        closed: None,
    }
}

/// Since when the customer has waited for an answer: their first message after the staff's last one.
fn asked_since(ticket: &SupportTicket, tail: &Tail) -> i64 {
    let unanswered = tail.said().rev().take_while(|response| !response.is_agent);
    let first = unanswered.last().map(|response| response.created_at);
    let nobody_answered = tail.is_whole && tail.said().all(|response| !response.is_agent);
    if nobody_answered { ticket.created_at } else { first.unwrap_or(ticket.created_at) }
}

/// What is due of a ticket first, and is not done. Where the newest responses do not tell whether the staff has ever answered, only when it is
/// to be resolved.
pub(crate) fn due(history: &History, documents: &Documents, now: i64, tells_first: bool) -> Option<Due> {
    let report = sla::count(history, documents, now);
    let open = report.targets.iter().filter(|target| {
        let counts = tells_first || target.kind == Promised::Resolution;
        counts && target.ended_at.is_none() && matches!(target.state, State::Due | State::Breached)
    });
    let due = open.filter_map(|target| {
        let at = target.due_at?;
        Some(Due { what: target.kind, at, is_late: target.state == State::Breached, counted_at: now })
    });
    due.min_by_key(|due| due.at)
}

#[cfg(test)]
mod tests {
    use sealdesk_protocol::ticket::{Priority, Status};
    use sealdesk_protocol::wire::virtengine::support::v1::{EnvelopeContext, TicketStep};

    use super::*;

    fn said(at: i64, is_agent: bool, internal: bool) -> TicketResponse {
        let kind = if internal { 3 } else { 2 };
        let context = EnvelopeContext { kind, ..EnvelopeContext::default() };
        let by = if is_agent { "staff" } else { "customer" };
        TicketResponse {
            responder_address: by.to_owned(),
            is_agent,
            internal,
            created_at: at,
            payload_context: Some(context),
            ..TicketResponse::default()
        }
    }

    fn ticket() -> SupportTicket {
        let (status, priority) = (Status::InProgress.to_wire(), Priority::Normal.to_wire());
        SupportTicket {
            customer_address: "customer".to_owned(),
            status,
            priority,
            created_at: 10,
            steps: vec![TicketStep { at: 10, status, priority }],
            ..SupportTicket::default()
        }
    }

    fn shown(responses: Vec<TicketResponse>, is_whole: bool) -> (Option<(String, i64)>, Option<i64>) {
        let about = about(&ticket(), &Tail { responses, is_whole }, 100);
        let unix = |time: Time| match time {
            Time::Unix(at) => at,
            Time::BurnBlock(_) => panic!("no contract"),
        };
        (about.last.map(|last| (last.by, unix(last.at))), about.waits_since.map(unix))
    }

    #[test]
    fn who_spoke_last_is_whom_the_other_side_heard_last() {
        let (customer, staff) = ("customer".to_owned(), "staff".to_owned());
        assert_eq!(shown(vec![], true), (Some((customer.clone(), 10)), Some(10)));
        // Notes are said to nobody on the other side.
        let notes = vec![said(11, true, true), said(12, true, true)];
        assert_eq!(shown(notes.clone(), true), (Some((customer.clone(), 10)), Some(10)));
        assert_eq!(shown(notes, false).0, None, "what is before is not known");
        let answered = vec![said(20, true, false), said(21, true, true)];
        assert_eq!(shown(answered, true).0, Some((staff, 20)));
        // Three messages in a row wait since the first of them.
        let asked = vec![said(20, true, false), said(30, false, false), said(40, false, false)];
        assert_eq!(shown(asked, true), (Some((customer.clone(), 40)), Some(30)));
        let never = vec![said(30, false, false)];
        assert_eq!(shown(never, true), (Some((customer, 30)), Some(10)));
    }
}
