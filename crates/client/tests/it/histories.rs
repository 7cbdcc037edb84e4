//! Random histories of a ledger, true and false, and what the client seals by them: held against a plain computation that uses none of the
//! client's code, and against an oracle that was written from docs/spec/trust.md alone, in another language.

mod allowed;
mod facts;
mod living;
mod make;
mod oracle;
mod play;
mod walk;

use proptest::prelude::*;

pub(crate) use play::fingerprints_of;
use play::{Choice, play};

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_shown_the_client_seals_for_nobody_whom_the_rule_does_not_name(id in any::<u64>()) {
        let history = make::history(id);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        match runtime.block_on(play(&history)) {
            Choice::Keys(keys) => {
                prop_assert!(allowed::may_seal(&history), "{}", history.json());
                // Nobody is left out, either: the client and the ledger never disagree.
                prop_assert_eq!(keys, allowed::readers(&history), "{}", history.json());
            }
            // What is refused because of what is shown is not to be sealed by.
            Choice::Refused(kind) => {
                let of_the_shown = ["trust-node", "identity", "older", "two-histories", "age", "circle"].contains(&kind);
                prop_assert!(!(of_the_shown && allowed::may_seal(&history)), "{kind}: {}", history.json());
            }
        }
    }
}
