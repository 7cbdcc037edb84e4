//! Tags of a ticket: words that staff sort by, sealed in the newest note that names any.

use sealdesk_protocol::text::check_one_line;
use serde_json::Value;

use super::MessageContent;

/// Most tags of a ticket.
pub const TAGS_MAX: usize = 16;
/// Longest tag, in letters.
pub const TAG_LETTERS_MAX: usize = 32;
/// The field of a note's content.
const TAGS: &str = "tags";

impl MessageContent {
    /// The ticket's tags from this note on, in place of those of earlier notes; `None` where it says nothing of them. What is not a tag is
    /// left out: others wrote it.
    pub fn tags(&self) -> Option<Vec<String>> {
        let Value::Array(named) = self.unknown.get(TAGS)? else { return None };
        let words = named.iter().filter_map(Value::as_str).map(str::trim);
        let mut tags: Vec<String> = words.filter(|word| is_tag(word)).map(str::to_owned).collect();
        tags.sort_unstable();
        tags.dedup();
        tags.truncate(TAGS_MAX);
        Some(tags)
    }

    /// The same content, which says what the ticket's tags are from here on.
    #[must_use]
    pub fn with_tags(mut self, tags: &[String]) -> Self {
        self.unknown.insert(TAGS.to_owned(), tags.to_vec().into());
        self
    }
}

/// Whether a word can be a tag: one line of 1 to [`TAG_LETTERS_MAX`] letters.
pub fn is_tag(word: &str) -> bool {
    let letters = word.chars().count();
    (1..=TAG_LETTERS_MAX).contains(&letters) && check_one_line(word).is_ok()
}
