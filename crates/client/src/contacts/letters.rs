//! What Unicode says of the letters of names: which may stand in one, which are written together, and what they look like (UTS 39).

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The tables, as build/letters.rs writes them.
mod table {
    include!(concat!(env!("OUT_DIR"), "/letters.rs"));
}

/// Syllables of Hangul follow one another by their three parts, of which the last may be missing.
const SYLLABLES: std::ops::RangeInclusive<char> = '\u{ac00}'..='\u{d7a3}';
const VOWELS: u32 = 21;
const ENDS: u32 = 28;

/// What letters become on the way to how they look.
struct Forms {
    decomposed: BTreeMap<char, &'static str>,
    prototypes: BTreeMap<char, &'static str>,
    /// The class of a mark, by which marks on one letter are ordered.
    classes: BTreeMap<char, u8>,
}

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    let mut classes = BTreeMap::new();
    for (class, marks) in table::CLASSES.lines().filter_map(|line| line.split_once(' ')) {
        classes.extend(marks.chars().map(|mark| (mark, class.parse().unwrap_or_default())));
    }
    Forms { decomposed: by_letter(table::DECOMPOSED), prototypes: by_letter(table::PROTOTYPES), classes }
});

/// A letter, and what it becomes, in each line.
fn by_letter(lines: &'static str) -> BTreeMap<char, &'static str> {
    let mut found = BTreeMap::new();
    for line in lines.lines() {
        let mut letters = line.chars();
        if let Some(letter) = letters.next() {
            found.insert(letter, letters.as_str());
        }
    }
    found
}

/// The scripts that a letter can be of, and whether Latin is one of them; none of what cannot stand in a name.
fn scripts(letter: char) -> Option<(u128, bool)> {
    let at = table::ALLOWED.partition_point(|(_, last, _)| *last < letter);
    let (first, _, set) = table::ALLOWED.get(at)?;
    if *first > letter {
        return None;
    }
    table::SETS.get(usize::from(*set)).copied()
}

/// Whether a letter may stand in a name.
pub(super) fn is_allowed(letter: char) -> bool {
    scripts(letter).is_some()
}

/// Whether letters are of one script, or of scripts that are written together, as in Japanese: what UTS 39 calls highly restrictive.
pub(super) fn are_together(letters: impl Iterator<Item = char>) -> bool {
    let (mut all, mut beside_latin) = (u128::MAX, table::TOGETHER);
    for letter in letters {
        let Some((scripts, latin)) = scripts(letter) else { return false };
        all &= scripts;
        if !latin {
            beside_latin &= scripts;
        }
    }
    all != 0 || beside_latin != 0
}

/// How a text looks: one of each group of letters that are taken for one another, in parts. Of letters that no [`ContactName`](super::ContactName)
/// has, as they are: two texts that are no names may look alike and not be found to.
pub(super) fn skeleton(text: &str) -> impl Iterator<Item = char> + use<> {
    let forms = &*FORMS;
    let mut parts = Vec::with_capacity(text.len());
    for letter in text.chars() {
        if SYLLABLES.contains(&letter) {
            parts.extend(parts_of_syllable(letter));
        } else {
            become_of(&forms.decomposed, letter, &mut parts);
        }
    }
    in_order(&mut parts);
    let mut looks = Vec::with_capacity(parts.len());
    for part in parts {
        become_of(&forms.prototypes, part, &mut looks);
    }
    in_order(&mut looks);
    looks.into_iter()
}

fn become_of(table: &BTreeMap<char, &'static str>, letter: char, into: &mut Vec<char>) {
    match table.get(&letter) {
        Some(text) => into.extend(text.chars()),
        None => into.push(letter),
    }
}

fn parts_of_syllable(syllable: char) -> impl Iterator<Item = char> {
    let number = u32::from(syllable) - u32::from(*SYLLABLES.start());
    let (first, vowel, end) = (number / (VOWELS * ENDS), number / ENDS % VOWELS, number % ENDS);
    let parts = [Some(0x1100 + first), Some(0x1161 + vowel), (end > 0).then_some(0x11a7 + end)];
    parts.into_iter().flatten().filter_map(char::from_u32)
}

/// Marks that stand on one letter, in the one order in which Unicode writes them.
fn in_order(letters: &mut [char]) {
    let class = |letter: &char| FORMS.classes.get(letter).copied().unwrap_or_default();
    for marks in letters.chunk_by_mut(|one, next| class(one) != 0 && class(next) != 0) {
        marks.sort_by_key(class);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_security::{GeneralSecurityProfile as _, RestrictionLevel, RestrictionLevelDetection as _};

    use super::*;

    fn allowed() -> impl Iterator<Item = char> {
        (char::MIN..=char::MAX).filter(|letter| letter.identifier_allowed())
    }

    fn looks_alike(text: &str) -> (String, String) {
        (skeleton(text).collect(), unicode_security::skeleton(text).collect())
    }

    #[test]
    fn the_letters_of_names_are_those_of_unicode() {
        for letter in char::MIN..=char::MAX {
            assert_eq!(is_allowed(letter), letter.identifier_allowed(), "{letter:?}");
        }
    }

    #[test]
    fn every_letter_looks_as_unicode_has_it_in_both_sizes() {
        for letter in allowed() {
            for text in [letter.to_string(), letter.to_lowercase().collect()] {
                let (ours, theirs) = looks_alike(&text);
                assert_eq!(ours, theirs, "{letter:?}");
            }
        }
    }

    #[test]
    fn letters_of_any_two_sets_are_together_where_unicode_says_so() {
        // A letter of each run: of one run, all have the same scripts.
        for (one, _, _) in table::ALLOWED {
            for (other, _, _) in table::ALLOWED {
                let text = format!("{one}{other}");
                let theirs = text.as_str().check_restriction_level(RestrictionLevel::HighlyRestrictive);
                assert_eq!(are_together(text.chars()), theirs, "{text:?}");
            }
        }
    }

    /// Letters of names, many of them such as change what stands beside them.
    fn name() -> impl Strategy<Value = String> {
        let all: Vec<char> = allowed().collect();
        let marks: Vec<char> = FORMS.classes.keys().copied().filter(|mark| is_allowed(*mark)).collect();
        let other: Vec<char> = FORMS.decomposed.keys().chain(FORMS.prototypes.keys()).copied().collect();
        let other: Vec<char> = other.into_iter().filter(|letter| is_allowed(*letter)).collect();
        let letter = prop_oneof![
            prop::sample::select(all),
            prop::sample::select(marks),
            prop::sample::select(other),
            prop::char::range('a', 'z'),
            prop::char::range(*SYLLABLES.start(), *SYLLABLES.end()),
        ];
        prop::collection::vec(letter, 0..12).prop_map(|letters| letters.into_iter().collect())
    }

    proptest! {
        #[test]
        fn names_look_and_belong_together_as_unicode_has_it(name in name()) {
            for text in [name.clone(), name.to_lowercase()] {
                let (ours, theirs) = looks_alike(&text);
                prop_assert_eq!(ours, theirs);
            }
            let theirs = name.as_str().check_restriction_level(RestrictionLevel::HighlyRestrictive);
            prop_assert_eq!(are_together(name.chars()), theirs);
        }
    }
}
