//! What is asked for in one look, in an order that nobody can know before.

use super::MANIFEST_PATH;
use super::fault::Form;
use super::manifest::Manifest;
use crate::node::Browser;

/// Places of the desk that are the same on every desk, where the index is shown.
const PLACES: [&str; 7] = ["/", "/new", "/admin", "/replies", "/call", "/receipt", "/settings"];
/// The parts of the administration, one of which is visited.
const PARTS: [&str; 4] = ["people", "keys", "documents", "charts"];
/// The highest ticket that is visited.
const TICKET_MAX: u32 = 9_999;

/// One thing that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part<'a> {
    /// Where.
    pub(super) place: String,
    /// Which file has to come.
    pub(super) file: &'a str,
    pub(super) form: Form,
    pub(super) browser: Browser,
}

/// Each file in every form, and the index at many places, some of them drawn. At the start and at a ticket every browser asks in every
/// form; elsewhere a browser is drawn. `None` where this computer gives no randomness.
///
/// The manifest is not here: no browser asks for it, so it is asked for when all else has been answered.
pub(super) fn plan(expected: &Manifest) -> Option<Vec<Part<'_>>> {
    let mut parts = Vec::new();
    for (file, _) in expected.files().filter(|(file, _)| *file != expected.index()) {
        for form in Form::ALL {
            parts.push(Part { place: file.to_owned(), file, form, browser: any_browser()? });
        }
    }
    let file = expected.index();
    let ticket = format!("/tickets/{}", below(TICKET_MAX)?.saturating_add(1));
    for place in ["/".to_owned(), ticket] {
        for form in Form::ALL {
            for browser in Browser::ALL {
                parts.push(Part { place: place.clone(), file, form, browser });
            }
        }
    }
    let part = PARTS.get(usize::try_from(below(4)?).ok()?)?;
    let drawn =
        [format!("/admin/{part}"), format!("/{:x}", below(u32::MAX)?), format!("/?{:x}", below(u32::MAX)?)];
    for place in PLACES.iter().skip(1).map(|place| (*place).to_owned()).chain(drawn) {
        for form in Form::ALL {
            parts.push(Part { place: place.clone(), file, form, browser: any_browser()? });
        }
    }
    shuffle(&mut parts)?;
    Some(parts)
}

/// What no browser asks for.
pub(super) fn manifest() -> (&'static str, Browser) {
    (MANIFEST_PATH, Browser::Firefox)
}

fn any_browser() -> Option<Browser> {
    let drawn = below(u32::try_from(Browser::ALL.len()).ok()?)?;
    Browser::ALL.get(usize::try_from(drawn).ok()?).copied()
}

/// Every order is as likely as every other.
fn shuffle<T>(items: &mut [T]) -> Option<()> {
    for end in (1..items.len()).rev() {
        let drawn = below(u32::try_from(end).ok()?.checked_add(1)?)?;
        items.swap(end, usize::try_from(drawn).ok()?);
    }
    Some(())
}

/// A number below this one, each as likely as every other but for a part in four thousand million.
fn below(end: u32) -> Option<u32> {
    let mut drawn = [0; 8];
    getrandom::fill(&mut drawn).ok()?;
    u32::try_from(u64::from_le_bytes(drawn).checked_rem(u64::from(end))?).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn two_looks_differ_in_their_places_and_in_their_order() {
        let manifest = super::super::manifest::tests::of_two_files();
        let (one, other) = (plan(&manifest).unwrap(), plan(&manifest).unwrap());
        assert_eq!(one.len(), other.len());
        assert_ne!(one, other);
        for looked in [&one, &other] {
            let starts: BTreeSet<String> = looked
                .iter()
                .filter(|part| part.place == "/")
                .map(|part| format!("{:?} {:?}", part.form, part.browser))
                .collect();
            assert_eq!(starts.len(), 12, "every browser comes to the start in every form");
            assert_eq!(looked.iter().filter(|part| part.place == "/assets/m.wasm").count(), Form::ALL.len());
            assert!(looked.iter().all(|part| part.place != MANIFEST_PATH), "no browser asks for it");
        }
        let visited =
            |parts: &[Part<'_>]| parts.iter().map(|part| part.place.clone()).collect::<BTreeSet<_>>();
        assert_ne!(visited(&one), visited(&other), "places are drawn");
    }
}
