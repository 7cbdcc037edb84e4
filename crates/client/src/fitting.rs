//! How much of a text fits, where all of it is too long.

use sealdesk_envelope::SealError;
use sealdesk_envelope::content::{CONTENT_BYTES_MAX, ContentError, MessageContent, TicketContent};
use sealdesk_protocol::envelope::{EnvelopeError, padded_len};
use sealdesk_protocol::limits::TX_BYTES_MAX;

use crate::compose::ComposeError;

/// How many characters of a ticket's description fit beside the rest of it; `None` where its length is not what is wrong.
pub fn in_ticket(error: &ComposeError, content: &TicketContent) -> Option<usize> {
    let length = |text: &str| {
        let mut content = content.clone();
        content.description = text.to_owned();
        length(&content)
    };
    characters(error, &content.description, length)
}

/// How many characters of an answer fit; `None` where its length is not what is wrong.
pub fn in_message(error: &ComposeError, content: &MessageContent) -> Option<usize> {
    let length = |text: &str| {
        let mut content = content.clone();
        content.message = text.to_owned();
        length(&content)
    };
    characters(error, &content.message, length)
}

/// The bytes that are sealed for a content, however many.
fn length(content: &impl serde::Serialize) -> usize {
    serde_json::to_vec(content).map_or(usize::MAX, |bytes| bytes.len())
}

fn characters(error: &ComposeError, text: &str, length: impl Fn(&str) -> usize) -> Option<usize> {
    let room = room(error, length(text))?;
    Some(characters_that_fit(text, room, length))
}

/// How many bytes of content there is room for, where the content is what was too long.
fn room(error: &ComposeError, content: usize) -> Option<usize> {
    match error {
        ComposeError::Content(ContentError::TooLarge { .. }) => Some(CONTENT_BYTES_MAX),
        ComposeError::Seal(SealError::Envelope(EnvelopeError::TooLarge { actual, max })) => {
            Some(below(content, *actual, *max))
        }
        ComposeError::TooLarge { what: "bytes", actual, max } if *max == TX_BYTES_MAX => {
            Some(below(content, *actual, *max))
        }
        _ => None,
    }
}

/// The longest content whose padded form leaves the whole within `max`: everything beside it stays as long as it is.
fn below(content: usize, actual: usize, max: usize) -> usize {
    let padded = |length| padded_len(length).unwrap_or(usize::MAX);
    let beside = actual.saturating_sub(padded(content));
    let longest = content.min(CONTENT_BYTES_MAX);
    last_that(longest, |length| padded(length).saturating_add(beside) <= max)
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
            let number = in_message(&error, &content).unwrap();
            let beginning = |characters: usize| text.chars().take(characters).collect::<String>();
            assert!(MessageContent::new(beginning(number)).to_bytes().is_ok(), "{number}");
            assert!(MessageContent::new(beginning(number + 1)).to_bytes().is_err(), "{number}");
        }
    }

    #[test]
    fn the_room_below_an_envelope_s_limit_is_what_its_padding_leaves() {
        let (beside, content) = (900, 20_000);
        let max = 8_192;
        let room = below(content, beside + padded_len(content).unwrap(), max);
        assert!(padded_len(room).unwrap() + beside <= max);
        assert!(padded_len(room + 1).unwrap() + beside > max);
    }
}
