//! How two people's edits of one document come together: entry by entry, the later one stands.
//!
//! Of two that claim one instant the greater text stands, so that everybody decides alike. A removed entry is one without a value: it has
//! a time, too, and keeps what was removed from coming back with an older copy.

use sealdesk_envelope::content::{DocumentContent, DocumentEntry};
use serde_json::Value;

/// Both contents in one. Which of them is `one` makes no difference to the entries, nor how often or in which order contents are merged.
/// Everything but entries is `one`'s, where both have it.
#[must_use]
pub fn merge(one: &DocumentContent, other: &DocumentContent) -> DocumentContent {
    let mut merged = one.clone();
    for (name, entry) in &other.entries {
        match merged.entries.get(name) {
            Some(known) if !is_later(entry, known) => {}
            Some(_) | None => drop(merged.entries.insert(name.clone(), entry.clone())),
        }
    }
    for (name, value) in &other.unknown {
        merged.unknown.entry(name).or_insert_with(|| value.clone());
    }
    merged
}

fn is_later(entry: &DocumentEntry, known: &DocumentEntry) -> bool {
    let order = |entry: &DocumentEntry| (entry.at, entry.value.to_string());
    order(entry) > order(known)
}

/// Changes an entry now: after whatever is known of it, also where its last writer's clock was ahead. `Value::Null` removes it. What
/// stands there already is left alone.
pub fn set(content: &mut DocumentContent, name: &str, value: Value, now: i64) {
    let known = content.entries.get(name);
    if known.map_or(value.is_null(), |known| known.value == value) {
        return;
    }
    let at = known.map_or(now, |known| now.max(known.at.saturating_add(1)));
    content.entries.insert(name.to_owned(), DocumentEntry { at, value });
}

/// What a person sees of a content: its entries that were not removed.
pub fn values(content: &DocumentContent) -> serde_json::Map<String, Value> {
    let standing = content.entries.iter().filter(|(_, entry)| !entry.value.is_null());
    standing.map(|(name, entry)| (name.clone(), entry.value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// Entries as a strategy may print them: a content cannot be.
    type Plain = std::collections::BTreeMap<String, (i64, Value)>;

    fn contents() -> impl Strategy<Value = Plain> {
        let value = prop_oneof![
            Just(Value::Null),
            (0..3_i64).prop_map(Value::from),
            "[ab]{0,2}".prop_map(Value::from)
        ];
        // Few names and few instants, so that they meet.
        prop::collection::btree_map("[a-c]", (0..4_i64, value), 0..4)
    }

    fn of(plain: Plain) -> DocumentContent {
        let mut content = DocumentContent::new();
        let entries = plain.into_iter().map(|(name, (at, value))| (name, DocumentEntry { at, value }));
        content.entries = entries.collect();
        content
    }

    fn is(a: &DocumentContent, b: &DocumentContent) -> bool {
        a.entries == b.entries
    }

    proptest! {
        #[test]
        fn merging_commutes_associates_and_can_be_repeated(a in contents(), b in contents(), c in contents()) {
            let (a, b, c) = (of(a), of(b), of(c));
            prop_assert!(is(&merge(&a, &b), &merge(&b, &a)), "commutative");
            prop_assert!(is(&merge(&merge(&a, &b), &c), &merge(&a, &merge(&b, &c))), "associative");
            prop_assert!(is(&merge(&a, &a), &a), "idempotent");
            prop_assert!(is(&merge(&merge(&a, &b), &b), &merge(&a, &b)), "a copy that comes late changes nothing");
        }

        #[test]
        fn an_edit_of_what_one_has_read_stands_whatever_the_clock_says(
            content in contents(),
            now in 0..3_i64,
            value in 5..9_i64,
        ) {
            let mut content = of(content);
            let before = content.clone();
            set(&mut content, "a", value.into(), now);
            prop_assert_eq!(&merge(&before, &content).entries["a"].value, &json!(value));
            prop_assert_eq!(merge(&before, &content).entries.len(), content.entries.len(), "no entry is lost");
        }

        #[test]
        fn edits_of_different_entries_both_stand(content in contents(), now in 0..9_i64) {
            let content = of(content);
            let (mut one, mut other) = (content.clone(), content);
            set(&mut one, "a", json!("one"), now);
            set(&mut other, "b", json!("other"), now + 3);
            let values = values(&merge(&one, &other));
            prop_assert_eq!(&values["a"], &json!("one"));
            prop_assert_eq!(&values["b"], &json!("other"));
        }
    }

    #[test]
    fn what_was_removed_stays_removed_until_somebody_writes_it_again() {
        let mut content = DocumentContent::new();
        set(&mut content, "hello", json!("Hello!"), 10);
        let old = content.clone();
        set(&mut content, "hello", Value::Null, 20);
        assert!(values(&merge(&content, &old)).is_empty());
        set(&mut content, "nothing", Value::Null, 30);
        assert_eq!(content.entries.len(), 1, "what never stood there needs no removal");
        set(&mut content, "hello", json!("Hello again!"), 5);
        assert_eq!(values(&merge(&old, &content))["hello"], json!("Hello again!"));
    }
}
