//! Random histories of a ledger, true and false, and what the client seals by them: held against a plain computation, and against an
//! oracle that was written from docs/spec/trust.md alone, in another language.

mod allowed;
mod facts;
mod make;
mod oracle;
mod play;
mod walk;

use proptest::prelude::*;

use play::{Choice, play};

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_shown_the_client_seals_for_nobody_whom_the_rule_does_not_name(id in any::<u64>()) {
        let history = make::history(id);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        if let Choice::Keys(keys) = runtime.block_on(play(&history)) {
            prop_assert!(allowed::may_seal(&history), "{}", history.json());
            // Nobody is left out, either: the client and the ledger never disagree.
            prop_assert_eq!(keys, allowed::readers(&history), "{}", history.json());
        }
    }
}
