//! One function a decoder, fed with what no honest program would send.
//!
//! A target takes bytes and says whether they were accepted. It fails by panicking: in the decoder itself, or here where
//! something that must hold of every accepted value does not hold. Each target makes its own seeds from real values, so
//! that changes of a valid thing are tried, not noise alone. [`all`] lists them; `main.rs` hands one to the engine.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a target fails by panicking, and a seed that cannot be made is a failure"
)]

pub mod desk;
pub mod people;
pub mod targets;

pub use targets::all;

/// What a decoder made of its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It took the bytes.
    Accepted,
    /// It refused them.
    Refused,
}

impl<T, E> From<&Result<T, E>> for Outcome {
    fn from(result: &Result<T, E>) -> Self {
        if result.is_ok() { Self::Accepted } else { Self::Refused }
    }
}

/// A decoder under test.
pub struct Target {
    /// Its name on the command line and of its folder in the corpus.
    pub name: &'static str,
    /// Longest input worth trying, in bytes.
    pub bytes_max: usize,
    /// Feeds it.
    pub run: fn(&[u8]) -> Outcome,
    /// Valid inputs to begin with. The same at every call.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Whether the decoder itself turns panics of a library into errors, so that only one which leaves it is a failure.
    pub contains_panics: bool,
}

impl Target {
    /// The target of that name.
    pub fn named(name: &str) -> Option<Target> {
        all().into_iter().find(|target| target.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_accepts_one_of_its_seeds() {
        for target in all() {
            let outcomes: Vec<Outcome> = (target.seeds)().iter().map(|seed| (target.run)(seed)).collect();
            assert!(outcomes.contains(&Outcome::Accepted), "{} refuses all of its seeds", target.name);
        }
    }

    #[test]
    fn every_target_refuses_something_and_seeds_fit_its_bound() {
        for target in all() {
            let junk = [0xa5; 64];
            assert_eq!((target.run)(&junk), Outcome::Refused, "{} accepts junk", target.name);
            for seed in (target.seeds)() {
                let bytes = seed.len();
                assert!(bytes <= target.bytes_max, "{} has a seed of {bytes} bytes", target.name);
            }
        }
    }

    #[test]
    fn the_plant_panics_only_where_a_fifth_entry_ends_one_byte_late() {
        let planted = Target::named("planted").expect("there is a plant");
        let five = |last: &[u8]| [&b"SEAL\x03\x05\0\x01a\x01b\x01c"[..], last].concat();
        assert_eq!((planted.run)(&five(b"\x02dd")), Outcome::Accepted);
        assert_eq!((planted.run)(&five(b"\x02")), Outcome::Refused);
        assert!(std::panic::catch_unwind(|| (planted.run)(&five(b"\x02d"))).is_err());
    }
}
