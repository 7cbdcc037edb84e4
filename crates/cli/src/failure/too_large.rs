//! A text that is too long, and how much of it would fit.

use sealdesk_client::Error;
use sealdesk_client::fitting;
use sealdesk_client::messages::{NewResponse, NewTicket};

use super::Failure;

/// Why a ticket could not be written.
pub(crate) fn ticket(error: Error, ticket: &NewTicket) -> Failure {
    let fits = match &error {
        Error::Compose(error) => fitting::in_ticket(error, &ticket.content),
        _ => None,
    };
    explained(error, &ticket.content.description, fits)
}

/// Why an answer could not be written.
pub(crate) fn response(error: Error, response: &NewResponse) -> Failure {
    let fits = match &error {
        Error::Compose(error) => fitting::in_message(error, &response.content),
        _ => None,
    };
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
