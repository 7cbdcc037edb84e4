//! How much of a text fits, where all of it is too long.

use sealdesk_envelope::SealError;
use sealdesk_envelope::content::{
    CONTENT_BYTES_MAX, ContentError, MessageContent, SeenCircle, TicketContent,
};
use sealdesk_protocol::envelope::{EnvelopeError, padded_len};
use sealdesk_protocol::limits::TX_BYTES_MAX;
use sealdesk_protocol::params::Params;

use crate::compose::ComposeError;

/// What an envelope has beside its content and its readers' keys, in bytes: more than it can be.
const BESIDE_CONTENT: usize = 1_024;
/// What an envelope has for each reader, in bytes: more than it can be.
const FOR_A_READER: usize = 160;

/// As long as the digest of a ticket that each answer to it carries; only the length counts here.
const DIGEST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// How many characters of a ticket's description fit beside the rest of it, and beside what its writer has seen of the
/// administrators; `None` where its length is not what is wrong. Where the envelope was sealed, the number is exact; else every
/// place for a reader is taken as filled.
pub fn in_ticket(
    error: &ComposeError,
    content: &TicketContent,
    seen: Option<SeenCircle>,
    params: Option<&Params>,
) -> Option<usize> {
    let mut content = content.clone();
    content.seen = seen;
    let length = |text: &str| {
        let mut content = content.clone();
        content.description = text.to_owned();
        length(&content)
    };
    characters(error, &content.description, params, length)
}

/// How many characters of an answer fit, as [`in_ticket`] says it.
pub fn in_message(
    error: &ComposeError,
    content: &MessageContent,
    seen: Option<SeenCircle>,
    params: Option<&Params>,
) -> Option<usize> {
    let ticket = seen.as_ref().map(|_| DIGEST.to_owned());
    let mut content = content.clone();
    (content.seen, content.ticket) = (seen, ticket);
    let length = |text: &str| {
        let mut content = content.clone();
        content.message = text.to_owned();
        length(&content)
    };
    characters(error, &content.message, params, length)
}

/// The bytes that are sealed for a content, however many.
fn length(content: &impl serde::Serialize) -> usize {
    serde_json::to_vec(content).map_or(usize::MAX, |bytes| bytes.len())
}

fn characters(
    error: &ComposeError,
    text: &str,
    params: Option<&Params>,
    length: impl Fn(&str) -> usize,
) -> Option<usize> {
    let room = room(error, length(text), params)?;
    Some(characters_that_fit(text, room, length))
}

/// How many bytes of content there is room for, where the content is what was too long.
fn room(error: &ComposeError, content: usize, params: Option<&Params>) -> Option<usize> {
    match error {
        ComposeError::Content(ContentError::TooLarge { .. }) => Some(unsealed(params)),
        ComposeError::Seal(SealError::Envelope(EnvelopeError::TooLarge { actual, max })) => {
            Some(below(content, *actual, *max))
        }
        ComposeError::TooLarge { what: "bytes", actual, max } if *max == TX_BYTES_MAX => {
            Some(below(content, *actual, *max))
        }
        _ => None,
    }
}

/// The longest content whose envelope the desk takes, however many may read it.
fn unsealed(params: Option<&Params>) -> usize {
    let Some(params) = params else { return CONTENT_BYTES_MAX };
    let most = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let readers = most(params.max_recipients).saturating_mul(FOR_A_READER);
    let beside = readers.saturating_add(BESIDE_CONTENT);
    below(
        CONTENT_BYTES_MAX,
        sealed_len(CONTENT_BYTES_MAX).saturating_add(beside),
        most(params.max_envelope_bytes),
    )
}

/// The length of a content once it is padded, with the byte that ends it.
fn sealed_len(content: usize) -> usize {
    content.checked_add(1).and_then(padded_len).unwrap_or(usize::MAX)
}

/// The longest content whose padded form leaves the whole within `max`: everything beside it stays as long as it is.
fn below(content: usize, actual: usize, max: usize) -> usize {
    let beside = actual.saturating_sub(sealed_len(content));
    let longest = content.min(CONTENT_BYTES_MAX);
    last_that(longest, |length| sealed_len(length).saturating_add(beside) <= max)
}

/// The longest beginning of a text whose content is no longer than the room, in characters.
fn characters_that_fit(text: &str, room: usize, length: impl Fn(&str) -> usize) -> usize {
    let ends: Vec<usize> = text.char_indices().map(|(at, c)| at.saturating_add(c.len_utf8())).collect();
    let beginning = |characters: usize| match characters.checked_sub(1).and_then(|last| ends.get(last)) {
        Some(end) => text.get(..*end).unwrap_or(text),
        None => "",
    };
    last_that(ends.len(), |characters| length(beginning(characters)) <= room)
}

/// The largest number up to `most` that holds, where all below one that holds do; 0 if none does.
fn last_that(most: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, most);
    while low < high {
        let middle = low.midpoint(high).saturating_add(1).min(high);
        if holds(middle) {
            low = middle;
        } else {
            high = middle.saturating_sub(1);
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_so_many_characters_fit() {
        for text in ["x".repeat(70_000), "ü\"\n🙂".repeat(20_000)] {
            let content = MessageContent::new(text.as_str());
            let error = ComposeError::Content(content.to_bytes().err().unwrap());
            let number = in_message(&error, &content, None, None).unwrap();
            let beginning = |characters: usize| text.chars().take(characters).collect::<String>();
            assert!(MessageContent::new(beginning(number)).to_bytes().is_ok(), "{number}");
            assert!(MessageContent::new(beginning(number + 1)).to_bytes().is_err(), "{number}");
        }
    }

    #[test]
    fn the_room_below_an_envelope_s_limit_is_what_its_padding_leaves() {
        let (beside, content) = (900, 20_000);
        let max = 8_192;
        let room = below(content, beside + sealed_len(content), max);
        assert!(sealed_len(room) + beside <= max);
        assert!(sealed_len(room + 1) + beside > max);
    }
}
