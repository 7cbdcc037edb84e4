//! What is unfinished, most urgent first, and who has it. A page reads as many keys as it gives tickets, and at most [`QUEUE_MORE_MAX`] more to say
//! how many follow: what is resolved or closed stands in no queue, however much of it there is.

use std::iter::Peekable;

use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::limits::QUEUE_MORE_MAX;
use sealdesk_protocol::state::side::{self, Queue};
use sealdesk_protocol::ticket::Turn;
use sealdesk_protocol::wire::virtengine::support::v1 as wire;
use sealdesk_store::{KeyRange, Snapshot};

use super::PAGE_BYTES_MAX;
use super::page::{List, PageSpec, Space, rests};
use super::tickets::{asked_page, whole_ticket};
use crate::errors::{Fatal, QueryError};
use crate::machine::Machine;
use crate::state::StateView;

/// Whose queue is asked for.
enum Whose {
    Desk(Vec<Queue<'static>>),
    Agent(Address),
    Customer(Address),
}

impl Whose {
    /// The lists that make it; each ticket stands on one of them.
    fn lists(&self) -> Vec<Queue<'_>> {
        match self {
            Self::Desk(lists) => lists.clone(),
            Self::Agent(agent) => vec![Queue::Agent(agent)],
            Self::Customer(customer) => vec![Queue::Customer(customer)],
        }
    }
}

impl Machine {
    /// The unfinished tickets of the desk, of an agent or of a customer: by what they wait for, then the most urgent first, then the longest
    /// waiting.
    ///
    /// # Errors
    /// [`QueryError`]: `of`, address, turn, cursor or limit are not what they must be; the ledger is older than its queues; or the store failed.
    pub fn ticket_queue(
        &self,
        snapshot: &Snapshot,
        request: &wire::QueryTicketQueueRequest,
    ) -> Result<wire::QueryTicketQueueResponse, QueryError> {
        let whose = self.asked_queue(request)?;
        let turn = asked_turn(&request.turn)?;
        let spec = asked_page(request.page.as_ref())?;
        self.reading(snapshot, |view| {
            queues_are_there(view)?;
            let below: Vec<Vec<u8>> = whose.lists().into_iter().map(|list| below(list, turn)).collect();
            let cursor_bytes = Some(side::QUEUE_REST_BYTES - usize::from(turn.is_some()));
            let list = |below| List { space: Space::Side, below, cursor_bytes };
            let lists = below.iter().map(|below| rests(view, list(below), spec));
            let merged = Merged::new(lists.collect::<Result<_, _>>()?, spec.is_reverse());
            page_of(view, merged, spec, request.texts)
        })
    }

    /// Who has unfinished tickets or works on them, by address.
    ///
    /// # Errors
    /// As [`Machine::ticket_queue`]; pages go forward only.
    pub fn ticket_holders(
        &self,
        snapshot: &Snapshot,
        request: &wire::QueryTicketHoldersRequest,
    ) -> Result<wire::QueryTicketHoldersResponse, QueryError> {
        let spec = asked_page(request.page.as_ref())?;
        if spec.is_reverse() {
            return Err(QueryError::Invalid("this list has no reverse order".to_owned()));
        }
        let mut last = match spec.cursor() {
            [] => None,
            cursor => {
                let text = std::str::from_utf8(cursor).ok();
                let invalid = || QueryError::Invalid("the cursor is not one of this list".to_owned());
                Some(self.asked_address(text.ok_or_else(invalid)?)?)
            }
        };
        self.reading(snapshot, |view| {
            queues_are_there(view)?;
            let mut addresses = Vec::new();
            while let Some(next) = holder_after(view, self, last.as_ref())? {
                if addresses.len() >= spec.limit() {
                    let next_cursor = last.map(|last: Address| last.as_str().as_bytes().to_vec());
                    let next_cursor = next_cursor.unwrap_or_default();
                    return Ok(wire::QueryTicketHoldersResponse { addresses, next_cursor });
                }
                addresses.push(next.to_string());
                last = Some(next);
            }
            Ok(wire::QueryTicketHoldersResponse { addresses, next_cursor: Vec::new() })
        })
    }

    fn asked_queue(&self, request: &wire::QueryTicketQueueRequest) -> Result<Whose, QueryError> {
        let of_desk = |lists: &[Queue<'static>]| match request.address.as_str() {
            "" => Ok(Whose::Desk(lists.to_vec())),
            _ => Err(QueryError::Invalid("an address stands beside agent and customer only".to_owned())),
        };
        match request.of.as_str() {
            "all" => of_desk(&[Queue::Unassigned, Queue::Assigned]),
            "unassigned" => of_desk(&[Queue::Unassigned]),
            "assigned" => of_desk(&[Queue::Assigned]),
            "agent" => Ok(Whose::Agent(self.asked_address(&request.address)?)),
            "customer" => Ok(Whose::Customer(self.asked_address(&request.address)?)),
            _ => {
                let why = "no such queue: use one of all, unassigned, assigned, agent, customer";
                Err(QueryError::Invalid(why.to_owned()))
            }
        }
    }
}

/// A turn by its name; empty for any.
fn asked_turn(text: &str) -> Result<Option<Turn>, QueryError> {
    let unknown = || {
        let names: Vec<&str> = Turn::ALL.into_iter().map(Turn::name).collect();
        QueryError::Invalid(format!("no such turn: use one of {}", names.join(", ")))
    };
    let named = |turn: &Turn| turn.name() == text;
    if text.is_empty() { Ok(None) } else { Turn::ALL.into_iter().find(named).map(Some).ok_or_else(unknown) }
}

fn queues_are_there(view: &StateView<'_>) -> Result<(), QueryError> {
    let why = "this ledger is older than its queues: its operator stops the node and runs `sealdesk doctor --rebuild-indexes`";
    if view.has_queues()? { Ok(()) } else { Err(QueryError::NotListed(why.to_owned())) }
}

fn below(list: Queue<'_>, turn: Option<Turn>) -> Vec<u8> {
    let turn = turn.map(side::queue_turn);
    list.prefix().into_iter().chain(turn).collect()
}

/// A page of the tickets whose places these are.
fn page_of<'s>(
    view: &StateView<'_>,
    mut places: Merged<impl Iterator<Item = Result<Vec<u8>, QueryError>> + 's>,
    spec: PageSpec<'_>,
    texts: bool,
) -> Result<wire::QueryTicketQueueResponse, QueryError> {
    let mut answer = wire::QueryTicketQueueResponse::default();
    let (mut last, mut bytes) = (Vec::new(), 0_usize);
    while let Some(place) = places.next() {
        let place = place?;
        let ticket =
            if answer.tickets.len() < spec.limit() { Some(queued(view, &place, texts)?) } else { None };
        bytes = bytes.saturating_add(ticket.as_ref().map_or(0, prost::Message::encoded_len));
        let fits = bytes <= PAGE_BYTES_MAX || answer.tickets.is_empty();
        let Some(ticket) = ticket.filter(|_| fits) else {
            let rest = places.take(QUEUE_MORE_MAX - 1).collect::<Result<Vec<_>, _>>()?.len();
            answer.more = u32::try_from(rest.saturating_add(1)).unwrap_or(u32::MAX);
            answer.next_cursor = last;
            break;
        };
        answer.tickets.push(ticket);
        last = place;
    }
    Ok(answer)
}

/// The ticket whose number ends a place.
fn queued(view: &StateView<'_>, place: &[u8], texts: bool) -> Result<wire::SupportTicket, QueryError> {
    let number = place.last_chunk::<8>().copied().map(u64::from_be_bytes);
    let id = number.and_then(TicketId::new);
    let id = id.ok_or_else(|| Fatal::damaged(place, "it queues no ticket"))?;
    let entry = view.ticket(id)?;
    let entry = entry.ok_or_else(|| Fatal::Broken(format!("every queue names tickets that exist: {id}")))?;
    Ok(if texts { whole_ticket(view, &entry)? } else { entry.ticket.to_wire() })
}

/// The next one by address who has unfinished tickets: one look behind all of theirs who came last.
fn holder_after(
    view: &StateView<'_>,
    machine: &Machine,
    last: Option<&Address>,
) -> Result<Option<Address>, QueryError> {
    let all = KeyRange::prefix(side::QUEUES_OF_AGENTS);
    let range = match last {
        None => all,
        Some(last) => {
            let mut behind = Queue::Agent(last).prefix();
            // What follows the slash is never above this byte, and no address goes on with a slash.
            behind.push(u8::MAX);
            all.after(&behind)
        }
    };
    let Some(entry) = view.state.scan_side(&range)?.next() else { return Ok(None) };
    let (key, _) = entry.map_err(Fatal::from)?;
    let damaged = || Fatal::damaged(&key, "a queue of nobody");
    let rest = key.strip_prefix(side::QUEUES_OF_AGENTS).ok_or_else(damaged)?;
    let address = rest.split(|byte| *byte == b'/').next().and_then(|text| std::str::from_utf8(text).ok());
    let address = address.and_then(|text| Address::parse(machine.prefix(), text).ok());
    Ok(Some(address.ok_or_else(damaged)?))
}

/// Several lists in one order.
struct Merged<I: Iterator> {
    lists: Vec<Peekable<I>>,
    reverse: bool,
}

impl<I: Iterator<Item = Result<Vec<u8>, QueryError>>> Merged<I> {
    fn new(lists: Vec<I>, reverse: bool) -> Self {
        Self { lists: lists.into_iter().map(Iterator::peekable).collect(), reverse }
    }
}

impl<I: Iterator<Item = Result<Vec<u8>, QueryError>>> Iterator for Merged<I> {
    type Item = Result<Vec<u8>, QueryError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut first: Option<(usize, Vec<u8>)> = None;
        for (number, list) in self.lists.iter_mut().enumerate() {
            match list.peek() {
                None => {}
                // An error comes first.
                Some(Err(_)) => return list.next(),
                Some(Ok(place)) => {
                    let is_before = |best: &Vec<u8>| if self.reverse { place > best } else { place < best };
                    if first.as_ref().is_none_or(|(_, best)| is_before(best)) {
                        first = Some((number, place.clone()));
                    }
                }
            }
        }
        self.lists.get_mut(first?.0)?.next()
    }
}
