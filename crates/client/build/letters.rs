//! Writes what Unicode says of the letters that names can have, by its own tables: a browser loads it, and most of those tables are about
//! characters of which no name is made.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use unicode_normalization::char::{canonical_combining_class, decompose_canonical};
use unicode_security::mixed_script::AugmentedScriptSet;
use unicode_security::{GeneralSecurityProfile as _, skeleton};

/// Scripts that are written together, each a bit of a set: Han with Bopomofo, Japanese, Korean. Scripts follow from the third bit on.
const TOGETHER: u128 = 0b111;
/// Syllables of Hangul are decomposed by arithmetic.
const HANGUL: std::ops::RangeInclusive<char> = '\u{ac00}'..='\u{d7a3}';

/// The module `letters`; what each table has is said in contacts/letters.rs, which reads them.
pub(crate) fn module() -> Result<String, Box<dyn std::error::Error>> {
    let mut module = format!("pub(super) const TOGETHER: u128 = {TOGETHER};\n");
    allowed(&mut module)?;
    // What a name, or a name in small letters, comes to on the way to how it looks.
    let names = (char::MIN..=char::MAX).filter(|letter| letter.identifier_allowed());
    let names = names.flat_map(|letter| std::iter::once(letter).chain(letter.to_lowercase()));
    let names: BTreeSet<char> = names.collect();
    let parts: BTreeSet<char> = names.iter().flat_map(|letter| parts(*letter)).collect();
    let decomposed = names.iter().filter(|letter| !HANGUL.contains(letter));
    let decomposed = decomposed.map(|letter| (*letter, self::parts(*letter).into_iter().collect()));
    // Each part is its own decomposition, so that its skeleton is what it is replaced with.
    let prototypes = parts.iter().map(|part| (*part, skeleton(part.encode_utf8(&mut [0; 4])).collect()));
    let prototypes: Vec<(char, String)> = prototypes.collect();
    let marks = parts.iter().copied().chain(prototypes.iter().flat_map(|(_, text)| text.chars()));
    writeln!(module, "pub(super) static CLASSES: &str = {:?};", classes(marks.collect()))?;
    writeln!(module, "pub(super) static DECOMPOSED: &str = {:?};", lines(decomposed))?;
    writeln!(module, "pub(super) static PROTOTYPES: &str = {:?};", lines(prototypes.into_iter()))?;
    Ok(module)
}

/// `ALLOWED`: runs of letters that a name can have, the last letter included, and the number of their set in `SETS`; and of a set, its
/// scripts, and whether Latin is one of them.
fn allowed(module: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    let mut scripts = BTreeMap::new();
    let mut sets: Vec<(u128, bool)> = Vec::new();
    let mut runs: Vec<(char, char, usize)> = Vec::new();
    for letter in (char::MIN..=char::MAX).filter(|letter| letter.identifier_allowed()) {
        let set = set_of(AugmentedScriptSet::for_char(letter), &mut scripts)?;
        let known = sets.iter().position(|known| *known == set);
        let number = known.unwrap_or_else(|| {
            sets.push(set);
            sets.len() - 1
        });
        match runs.last_mut() {
            Some((_, last, of)) if *of == number && u32::from(*last) + 1 == letter.into() => *last = letter,
            _ => runs.push((letter, letter, number)),
        }
    }
    writeln!(module, "pub(super) static SETS: &[(u128, bool)] = &{sets:?};")?;
    writeln!(module, "pub(super) static ALLOWED: &[(char, char, u8)] = &{runs:?};")?;
    Ok(())
}

/// What is of no script in particular is of all of them.
fn set_of(
    set: AugmentedScriptSet,
    scripts: &mut BTreeMap<&'static str, u128>,
) -> Result<(u128, bool), Box<dyn std::error::Error>> {
    let together = [set.hanb, set.jpan, set.kore];
    let mut bits = together.iter().enumerate().map(|(bit, holds)| u128::from(*holds) << bit).sum::<u128>();
    if set.base.is_common() || set.base.is_inherited() {
        bits = u128::MAX;
    } else {
        for script in set.base.iter() {
            let next = 1u128.checked_shl(u32::try_from(scripts.len())? + TOGETHER.count_ones());
            bits |= *scripts.entry(script.short_name()).or_insert(next.ok_or("more scripts than bits")?);
        }
    }
    let latin = AugmentedScriptSet::for_char('a').base;
    Ok((bits, set.base.intersection(latin) == latin))
}

/// A letter's canonical decomposition.
fn parts(letter: char) -> Vec<char> {
    let mut parts = Vec::new();
    decompose_canonical(letter, |part| parts.push(part));
    parts
}

/// A line for each letter that becomes something else: the letter, and what it becomes.
fn lines(pairs: impl Iterator<Item = (char, String)>) -> String {
    let other = pairs.filter(|(letter, text)| !text.chars().eq([*letter]));
    other.map(|(letter, text)| format!("{letter}{text}")).collect::<Vec<_>>().join("\n")
}

/// A line for each class of marks: its number, and its marks.
fn classes(letters: BTreeSet<char>) -> String {
    let mut classes: BTreeMap<u8, String> = BTreeMap::new();
    for letter in letters {
        let class = canonical_combining_class(letter);
        if class != 0 {
            classes.entry(class).or_default().push(letter);
        }
    }
    classes.iter().map(|(class, marks)| format!("{class} {marks}")).collect::<Vec<_>>().join("\n")
}
