//! A desk that lives long, and one person at it whose home stays: random histories of its circle, keys, assignments and continuations, in
//! which each command of that person meets either the truth or a liar with the validators' keys. Whatever was shown to them before,
//! nothing is sealed for a key that docs/spec/trust.md does not allow, and the truth is never refused.

mod home;
mod model;
mod truth;

use proptest::prelude::*;

use self::home::Home;
use self::model::Model;
use self::truth::Living;
use super::allowed::{may_seal, readers};
use super::facts::public;
use super::play::Choice;

/// How many commands one history has.
const STEPS: usize = 72;
/// Refusals because of what is shown: the truth meets none of them.
const OF_THE_SHOWN: [&str; 9] = [
    "trust-node",
    "identity",
    "older",
    "two-histories",
    "age",
    "circle",
    "customer",
    "remembered",
    "not-continued",
];

/// What came up in a history: one in which nothing happens would prove nothing.
#[derive(Debug, Default)]
struct Met {
    sealed: usize,
    sealed_by_a_liar: usize,
    refused_liars: usize,
}

/// Lives through one history.
async fn live(seed: u64) -> Met {
    let mut living = Living::begin(seed);
    let (home, mut model, mut met) = (Home::new(), Model::default(), Met::default());
    for step in 0..STEPS {
        living.goes_on();
        let (mut shown, lie) = living.shown(&model);
        shown.pin = home.pin_fact(&shown);
        model.enters(&shown);
        let at = || format!("seed {seed}, step {step}, {lie:?}: {}", shown.json());
        let (contradicts, led) = (model.contradicts(&shown), living.leads_to(&shown) || shown.pin.is_some());
        match home.command(&shown).await {
            Choice::Keys(keys) => {
                assert!(may_seal(&shown) && led && !contradicts, "it was sealed by what is shown. {}", at());
                assert_eq!(keys, readers(&shown), "{}", at());
                let thief = living.thief();
                let stolen = (0..4).map(|n| hex::encode(public((thief, n)).x25519));
                assert!(!stolen.into_iter().any(|key| keys.contains(&key)), "the thief reads. {}", at());
                met.sealed += 1;
                met.sealed_by_a_liar += usize::from(lie.is_some());
                model.sealed_by(&shown);
            }
            Choice::Refused(kind) => {
                let of_the_shown = OF_THE_SHOWN.contains(&kind);
                let excused = living.showed_false_keys && kind == "remembered";
                assert!(
                    lie.is_some() || !of_the_shown || excused,
                    "the truth is refused as {kind}. {}",
                    at()
                );
                met.refused_liars += usize::from(of_the_shown);
            }
        }
        let position = home.pin_fact(&shown).map(|pin| pin.circle.position());
        assert!(model.knows_no_later_circle_than(position), "the home forgot a change. {}", at());
    }
    met
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3, max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_home_that_lives_long_seals_for_nobody_whom_the_rule_does_not_name(seed in any::<u64>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        let met = runtime.block_on(live(seed));
        prop_assert!(met.sealed > STEPS / 9, "seed {seed}: {met:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn long_histories_hold_truth_and_lies_that_are_and_are_not_noticed() {
    let met = live(9).await;
    assert!(met.sealed > STEPS / 4 && met.sealed_by_a_liar > 0 && met.refused_liars > 4, "{met:?}");
}
