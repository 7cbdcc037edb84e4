//! Tickets: lists, one ticket, its responses. What is sealed stays sealed.

use sealdesk_protocol::json::{self, Shape as _};
use sealdesk_protocol::ticket::{Priority, Status, Turn};
use sealdesk_protocol::wire::virtengine::support::v1 as support;

use super::arguments::Arguments;
use super::problem::Problem;
use super::route::{Asked, Kind, Route};
use super::{Rest, answer, written};
use prost::Message as _;

const TAG: &str = "tickets";
/// What a ticket is named by.
pub(super) const TICKET: &str = "Its id, such as TKT-00000001.";
const SERVICE: &str = "/virtengine.support.v1.Query/";
/// The lists that one path has, as [`question`] chooses.
const LISTS: [&str; 5] = [
    "/virtengine.support.v1.Query/TicketsByCustomer",
    "/virtengine.support.v1.Query/TicketsByProvider",
    "/virtengine.support.v1.Query/TicketsByAgent",
    "/virtengine.support.v1.Query/TicketsByStatus",
    "/virtengine.support.v1.Query/OpenTickets",
];

/// Whose queues there are.
const OF: [&str; 5] = ["all", "unassigned", "assigned", "agent", "customer"];

/// The routes of tickets.
pub(super) fn routes() -> Vec<Route> {
    let statuses = Status::ALL.map(Status::name).to_vec();
    let priorities = Priority::ALL.map(Priority::name).to_vec();
    vec![
        Route::get(
            "/api/v1/tickets",
            TAG,
            "listTickets",
            "The tickets of somebody, of a status, or open ones by priority",
        )
        .may("customer", Kind::Text, "Whose tickets: the address of who wrote them.")
        .may("provider", Kind::Text, "The address of the provider that they concern.")
        .may("agent", Kind::Text, "The address of who has them.")
        .may("status", Kind::OneOf(statuses), "Only those of this status; alone, the tickets of this status.")
        .may(
            "priority",
            Kind::OneOf(priorities),
            "Open tickets of this priority; with nothing else but `status=open`.",
        )
        .paged()
        .may("reverse", Kind::Flag, "Newest first.")
        .answers(json::Tickets::shape())
        .calls(&LISTS)
        .by(|rest, asked| Box::pin(list(rest, asked))),
        queue(),
        holders(),
        ratings(),
        Route::get("/api/v1/tickets/{ticket_id}", TAG, "getTicket", "A ticket's public record")
            .of("ticket_id", Kind::Text, TICKET)
            .answers(json::Ticket::shape())
            .by_method(
                "/virtengine.support.v1.Query/Ticket",
                one,
                |found: support::QueryTicketResponse, _| {
                    found.ticket.map(json::Ticket::from).ok_or_else(Problem::broken)
                },
            ),
        Route::get(
            "/api/v1/tickets/{ticket_id}/responses",
            TAG,
            "listResponses",
            "A ticket's responses and notes, still sealed",
        )
        .of("ticket_id", Kind::Text, TICKET)
        .paged()
        .may("reverse", Kind::Flag, "Newest first.")
        .answers(json::Responses::shape())
        .by_method(
            "/virtengine.support.v1.Query/TicketResponses",
            |asked| {
                Ok(support::QueryTicketResponsesRequest {
                    ticket_id: asked.text("ticket_id"),
                    page: page(asked),
                })
            },
            |found: support::QueryTicketResponsesResponse, _| Ok(json::Responses::from(found)),
        ),
        Route::get("/api/v1/params", "ledger", "getParams", "The desk's limits")
            .answers(json::Params::shape())
            .by_method(
                "/virtengine.support.v1.Query/Params",
                |_| Ok(support::QueryParamsRequest {}),
                |found: support::QueryParamsResponse, _| {
                    found.params.map(json::Params::from).ok_or_else(Problem::broken)
                },
            ),
    ]
}

/// Who is in a queue.
fn holders() -> Route {
    Route::get(
        "/api/v1/queue/holders",
        TAG,
        "listHolders",
        "Who has unfinished tickets or works on them, by address",
    )
    .paged()
    .answers(json::TicketHolders::shape())
    .by_method(
        "/virtengine.support.v1.Query/TicketHolders",
        |asked| Ok(support::QueryTicketHoldersRequest { page: page(asked) }),
        |found: support::QueryTicketHoldersResponse, _| Ok(json::TicketHolders::from(found)),
    )
}

/// What customers said.
fn ratings() -> Route {
    Route::get("/api/v1/ratings", TAG, "getRatings", "How often each score was given")
        .may(
            "agent",
            Kind::Text,
            "Of what this agent had, by address; of the whole desk, unless it is named.",
        )
        .answers(json::RatingCounts::shape())
        .by_method(
            "/virtengine.support.v1.Query/Ratings",
            |asked| Ok(support::QueryRatingsRequest { agent_address: asked.text("agent") }),
            |found: support::QueryRatingsResponse, _| {
                found.counts.map(json::RatingCounts::from).ok_or_else(Problem::broken)
            },
        )
}

/// What is unfinished.
fn queue() -> Route {
    Route::get(
        "/api/v1/queue",
        TAG,
        "listQueue",
        "Unfinished tickets, highest priority first, then the longest waiting",
    )
    .may(
        "of",
        Kind::OneOf(OF.to_vec()),
        "Whose: of the desk (all, unassigned, assigned), or of `address`; all, unless it is named.",
    )
    .may("address", Kind::Text, "Which agent's or customer's.")
    .may(
        "turn",
        Kind::OneOf(Turn::ALL.map(Turn::name).to_vec()),
        "Only what waits for the desk, for its customer, or is put aside.",
    )
    .paged()
    .may("reverse", Kind::Flag, "Least urgent first.")
    .may("texts", Kind::Flag, "false: without what is sealed, and whom it was opened to later.")
    .answers(json::Queue::shape())
    .by_method(
        "/virtengine.support.v1.Query/TicketQueue",
        |asked| {
            let of = asked.named("of").unwrap_or(OF[0]).to_owned();
            let (address, turn) = (asked.text("address"), asked.text("turn"));
            let texts = asked.named("texts") != Some("false");
            Ok(support::QueryTicketQueueRequest { of, address, turn, texts, page: page(asked) })
        },
        |found: support::QueryTicketQueueResponse, _| Ok(json::Queue::from(found)),
    )
}

fn one(asked: &Arguments) -> Result<support::QueryTicketRequest, Problem> {
    Ok(support::QueryTicketRequest { ticket_id: asked.text("ticket_id") })
}

/// The page that a request asks for.
pub(super) fn page(asked: &Arguments) -> Option<support::PageRequest> {
    let (cursor, limit, reverse) = (asked.cursor("cursor"), asked.number("limit"), asked.flag("reverse"));
    Some(support::PageRequest { cursor, limit, reverse })
}

async fn list(rest: Rest, asked: Asked) -> Result<axum::response::Response, Problem> {
    let (method, message) = question(&asked.arguments)?;
    let found = rest.call(&format!("{SERVICE}{method}"), &asked, message).await?;
    let (source, bytes) = (asked.source, found.len());
    let write = move || {
        let found = support::QueryTicketsResponse::decode(found).map_err(|_| Problem::broken())?;
        answer::json(&asked.headers, &json::Tickets::from(found))
    };
    written(&rest, source, bytes, write).await
}

/// Which of the ledger's lists a request asks for.
fn question(asked: &Arguments) -> Result<(&'static str, Vec<u8>), Problem> {
    let (page, status) = (page(asked), asked.text("status"));
    let people = ["customer", "provider", "agent"].map(|name| (name, asked.named(name)));
    let mut people = people.into_iter().filter_map(|(name, address)| Some((name, address?.to_owned())));
    let one_list = || {
        Problem::invalid(
            "there is a list for each of customer, provider, agent and priority, and none for two of them",
        )
    };
    let (person, priority) = (people.next(), asked.named("priority"));
    if people.next().is_some() || (person.is_some() && priority.is_some()) {
        return Err(one_list());
    }
    Ok(match (person, priority) {
        (Some(("customer", customer_address)), _) => {
            let request = support::QueryTicketsByCustomerRequest { customer_address, status, page };
            ("TicketsByCustomer", request.encode_to_vec())
        }
        (Some(("provider", provider_address)), _) => {
            let request = support::QueryTicketsByProviderRequest { provider_address, status, page };
            ("TicketsByProvider", request.encode_to_vec())
        }
        (Some((_, agent_address)), _) => {
            let request = support::QueryTicketsByAgentRequest { agent_address, status, page };
            ("TicketsByAgent", request.encode_to_vec())
        }
        (None, Some(priority)) if ["", "open"].contains(&status.as_str()) => {
            let request = support::QueryOpenTicketsRequest { priority: priority.to_owned(), page };
            ("OpenTickets", request.encode_to_vec())
        }
        (None, Some(_)) => return Err(Problem::invalid("only open tickets are listed by priority")),
        (None, None) if status.is_empty() => {
            return Err(Problem::invalid(
                "name customer, provider, agent, status or priority: no list holds all tickets",
            ));
        }
        (None, None) => {
            let request = support::QueryTicketsByStatusRequest { status, page };
            ("TicketsByStatus", request.encode_to_vec())
        }
    })
}
