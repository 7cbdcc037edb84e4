//! The machine against a second, naive reading of docs/spec/desk.md: random transactions, and everything that comes of them compared.
//!
//! `SEALDESK_MODEL_SEED` replays one campaign; `SEALDESK_MODEL_STEPS` sets how many transactions are tried in all.

mod acts;
mod campaign;
mod cells;
mod choices;
mod circle;
mod desk;
mod documents;
mod files;
mod form;
mod imports;
mod invariants;
mod leaves;
mod letters;
mod pair;
mod people;
mod plan;
mod readers;
mod scenarios;
mod steering;
mod tickets;
mod validators;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use campaign::Campaign;
use cells::{Tally, place, share};
use sealdesk_protocol::events::Event;

/// Transactions of one campaign: enough for tickets to grow old, few enough to compare everything after every block.
const CAMPAIGN_STEPS: usize = 400;
const STEPS_DEFAULT: usize = 8_000;
/// Campaigns that look for nothing but the cells left over.
const HUNTS_MAX: u64 = 10;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().expect("a number"))
}

fn campaign(seed: u64, cells: &[usize]) -> Tally {
    let mut tally = Tally::looking_for(cells);
    let run = AssertUnwindSafe(|| Campaign::new(seed).run(CAMPAIGN_STEPS, &mut tally));
    if let Err(failure) = catch_unwind(run) {
        eprintln!("replay it with SEALDESK_MODEL_SEED={seed}");
        if *cells != share(seed) {
            eprintln!("and SEALDESK_MODEL_CELLS={}", serde_json::to_string(cells).unwrap());
        }
        resume_unwind(failure);
    }
    tally
}

#[test]
fn the_machine_does_what_the_page_says_and_nothing_else() {
    if let Some(seed) = number("SEALDESK_MODEL_SEED") {
        let named = std::env::var("SEALDESK_MODEL_CELLS").ok();
        let cells = named.map_or_else(|| share(seed), |text| serde_json::from_str(&text).unwrap());
        return report(&campaign(seed, &cells));
    }
    let steps = number("SEALDESK_MODEL_STEPS").map_or(STEPS_DEFAULT, |steps| usize::try_from(steps).unwrap());
    let campaigns = u64::try_from(steps.div_ceil(CAMPAIGN_STEPS)).unwrap();
    let mut tally = Tally::looking_for(&(0..cells::all().len()).collect::<Vec<_>>());
    for seed in 1..=campaigns {
        tally.add(campaign(seed, &share(seed)));
    }
    // What chance left out is hunted for.
    for seed in campaigns + 1..=campaigns + HUNTS_MAX {
        let left: Vec<usize> = tally.unhit().iter().map(place).collect();
        if left.is_empty() {
            break;
        }
        tally.add(campaign(seed, &left));
    }
    report(&tally);
    let unhit = tally.unhit();
    assert!(unhit.is_empty(), "{} cells were never tried: {unhit:?}", unhit.len());
    assert!(tally.refused * 10 >= 4 * (tally.refused + tally.accepted), "less than 40% were refused");
    assert!(tally.accepted * 4 >= tally.refused, "less than 20% were accepted");
    let unseen: Vec<_> =
        expected_codes().into_iter().filter(|code| !tally.codes.contains_key(code)).collect();
    assert!(unseen.is_empty(), "refusals never seen: {unseen:?}");
    // No ledger of these campaigns continues another.
    let told = |name: &String| tally.events.contains(name) || name.ends_with("EventContinueVote");
    let silent: Vec<_> = Event::type_names().into_iter().filter(|name| !told(name)).collect();
    assert!(silent.is_empty(), "events never seen: {silent:?}");
    assert!(tally.auto_closed > 0, "nothing closed by itself");
}

/// Every refusal that a transaction of right form can meet. Forms have their own catalogue (`bad_input`), and what takes
/// hundreds of steps its own scenarios. A desk that takes no files (64) has a test of its own.
fn expected_codes() -> Vec<(&'static str, u32)> {
    let of = |codespace: &'static str, codes: &[u32]| -> Vec<(&'static str, u32)> {
        codes.iter().map(|code| (codespace, *code)).collect()
    };
    let support = (1..=19)
        .filter(|code| *code != 2)
        .chain([20, 21])
        .chain(50..=52)
        .chain(54..=58)
        .chain(40..=43)
        .chain([45, 46, 47, 70, 71, 75])
        .chain(60..=63)
        .collect::<Vec<u32>>();
    // Eight open votes and sixteen changes a day have scenarios of their own.
    let roles: Vec<u32> = (1..=21).filter(|code| ![18, 19].contains(code)).collect();
    [
        of("sdk", &[4, 18, 30, 32, 42]),
        of("support", &support),
        of("roles", &roles),
        of("encryption", &[2, 3, 4, 5, 6, 7, 10, 11]),
    ]
    .concat()
}

fn report(tally: &Tally) {
    println!(
        "{} accepted, {} refused, {} closed by themselves, {} cells",
        tally.accepted,
        tally.refused,
        tally.auto_closed,
        tally.hits.len()
    );
    for ((codespace, code), times) in &tally.codes {
        println!("  {codespace} {code}: {times}");
    }
}
