//! A text that is too long, and how much of it would fit.

use sealdesk_client::desk::Desk;
use sealdesk_client::messages::{NewResponse, NewTicket};
use sealdesk_client::{Error, text_budget};
use tonic::transport::Channel;

use super::Failure;

/// Why a ticket could not be written.
pub(crate) async fn ticket(desk: &Desk<Channel>, error: Error, ticket: &NewTicket) -> Failure {
    let Error::Compose(why) = &error else { return error.into() };
    let seen = Some(desk.pin().seen());
    let fits = text_budget::in_ticket(why, &ticket.content, seen, desk.params().await.ok().as_ref());
    let subject = ticket.content.subject.chars().count();
    match fits {
        // What takes the room is to be shortened.
        Some(fits) if subject > ticket.content.description.chars().count() => Failure::hinted(
            format!(
                "the subject is too long: beside its {subject} characters, at most {fits} characters of the message fit"
            ),
            "shorten the subject: put the rest in the message",
        ),
        fits => explained(error, &ticket.content.description, fits),
    }
}

/// Why an answer could not be written.
pub(crate) async fn response(desk: &Desk<Channel>, error: Error, response: &NewResponse) -> Failure {
    let Error::Compose(why) = &error else { return error.into() };
    let seen = Some(desk.pin().seen());
    let fits = text_budget::in_message(why, &response.content, seen, desk.params().await.ok().as_ref());
    explained(error, &response.content.message, fits)
}

fn explained(error: Error, text: &str, fits: Option<usize>) -> Failure {
    let Some(fits) = fits else { return error.into() };
    let all = text.chars().count();
    Failure::hinted(
        format!(
            "the message is too long: of its {all} characters, at most {fits} characters of this text fit"
        ),
        "shorten the message, or split it into several responses",
    )
}
