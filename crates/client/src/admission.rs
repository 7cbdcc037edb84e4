//! What a node asks of an account that the ledger has never seen, and giving it that: an invitation, or work (docs/spec/admission.md).

use std::time::Duration;

use prost::Message as _;
use sealdesk_protocol::invitation::InvitationCode;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{
    Admission, AdmissionReason, AdmissionRequired, Work, admission,
};
use sealdesk_protocol::work::{Trial, WorkError};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::node::{Attendant, Waiting};

/// How often an account presents something before it gives up: a challenge may end while it is worked on, and a node may begin anew.
const PRESENTED_MAX: u32 = 3;
/// The longest work, in seconds, whatever a node says: the bounds of [`Trial`] keep the average far below.
const WORK_SECONDS_MAX: u32 = 300;
/// How often a person hears that work goes on.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// Why a node does not let an account in.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AdmissionError {
    /// It asks for an invitation, and there is none to give.
    #[error("{0}")]
    InvitationNeeded(String),
    /// It does not take the invitation.
    #[error("{0}")]
    InvitationRefused(String),
    /// It asks for work that nobody should do.
    #[error("{message}, and the work that it asks for is not reasonable: {error}")]
    WorkOutOfBounds {
        /// The node's words.
        message: String,
        /// What is out of bounds.
        error: WorkError,
    },
    /// The work took longer than the node waits for it.
    #[error("the work that the node asks of a new account was not done within {seconds} seconds")]
    WorkTooSlow {
        /// How long it was worked.
        seconds: u64,
    },
    /// It asks for the work again and again, or for something that this program cannot give.
    #[error("{0}")]
    Refused(String),
}

/// What was presented for an account so far. It is good for each transaction of the account until one of them is in a block.
#[derive(Debug, Default)]
pub(crate) struct Entry {
    presented: Option<Vec<u8>>,
    times: u32,
}

impl Entry {
    /// What goes with the next attempt: a message `Admission`.
    pub(crate) fn presented(&self) -> Option<&[u8]> {
        self.presented.as_deref()
    }

    /// Gets ready what a node asks for: an invitation where there is one, else work.
    ///
    /// # Errors
    /// [`AdmissionError`].
    pub(crate) async fn prepare(
        &mut self,
        attendant: &Attendant,
        message: &str,
        required: &AdmissionRequired,
    ) -> Result<(), AdmissionError> {
        use AdmissionReason as Reason;
        let refused = || AdmissionError::Refused(message.to_owned());
        match required.reason() {
            Reason::InvitationUnknown | Reason::InvitationExpired | Reason::InvitationUsedUp => {
                return Err(AdmissionError::InvitationRefused(message.to_owned()));
            }
            Reason::NotAlone => return Err(refused()),
            Reason::Unspecified | Reason::NewAccount | Reason::ChallengeOver | Reason::WorkWrong => {}
        }
        self.times += 1;
        if self.times > PRESENTED_MAX {
            return Err(refused());
        }
        let only = required.work.is_none();
        let code = if required.invitations { attendant.invitation(only) } else { None };
        let presented = match (code, &required.work) {
            (Some(code), _) => invitation(&code),
            (None, None) if required.invitations => {
                return Err(AdmissionError::InvitationNeeded(message.to_owned()));
            }
            (None, None) => return Err(refused()),
            (None, Some(asked)) => {
                let trial = Trial::of_wire(asked).map_err(|error| AdmissionError::WorkOutOfBounds {
                    message: message.to_owned(),
                    error,
                })?;
                let (challenge, seconds) = (asked.challenge.clone(), asked.seconds.min(WORK_SECONDS_MAX));
                let nonce = solve(trial, Duration::from_secs(seconds.into()), attendant).await;
                attendant.worked();
                let nonce = nonce.ok_or(AdmissionError::WorkTooSlow { seconds: seconds.into() })?;
                admission::Presented::Work(Work { challenge, nonce })
            }
        };
        self.presented = Some(Admission { presented: Some(presented) }.encode_to_vec());
        Ok(())
    }
}

fn invitation(code: &InvitationCode) -> admission::Presented {
    let text: Zeroizing<String> = code.reveal();
    admission::Presented::Invitation(text.as_str().to_owned())
}

/// Where the search for a nonce begins: anywhere, so that two attempts do not try the same.
fn first_nonce() -> u64 {
    let mut random = [0; 8];
    // Without randomness the search is as good, from 0.
    let _ = getrandom::fill(&mut random);
    u64::from_le_bytes(random)
}

/// Finds a nonce, off the threads on which everything else is waited for; it stops when nobody waits for it any more.
#[cfg(not(target_arch = "wasm32"))]
async fn solve(mut trial: Trial, limit: Duration, attendant: &Attendant) -> Option<u64> {
    use std::pin::pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use futures_util::future::{Either, select};

    use crate::time::sleep;

    struct StopWhenDropped(Arc<AtomicBool>);
    impl Drop for StopWhenDropped {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    let stop = StopWhenDropped(Arc::default());
    let stopped = stop.0.clone();
    let mut search = pin!(tokio::task::spawn_blocking(move || {
        let mut nonce = first_nonce();
        while !stopped.load(Ordering::Relaxed) {
            if trial.holds(nonce) {
                return Some(nonce);
            }
            nonce = nonce.wrapping_add(1);
        }
        None
    }));
    let mut seconds = 0;
    while seconds <= limit.as_secs() {
        attendant.waits(&Waiting::Work { seconds });
        match select(search.as_mut(), pin!(sleep(TELL_EVERY))).await {
            Either::Left((found, _)) => return found.ok().flatten(),
            Either::Right(_) => seconds += 1,
        }
    }
    None
}

/// Finds a nonce. A browser has one thread for all that a page does, which gets its turn after each try.
#[cfg(target_arch = "wasm32")]
async fn solve(mut trial: Trial, limit: Duration, attendant: &Attendant) -> Option<u64> {
    let (began, mut told, mut nonce) = (js_sys::Date::now(), f64::NEG_INFINITY, first_nonce());
    loop {
        let worked = js_sys::Date::now() - began;
        if worked > limit.as_secs_f64() * 1_000.0 {
            return None;
        }
        if worked - told >= TELL_EVERY.as_secs_f64() * 1_000.0 {
            told = worked;
            attendant.waits(&Waiting::Work {
                seconds: Duration::from_secs_f64(worked.max(0.0) / 1_000.0).as_secs(),
            });
        }
        if trial.holds(nonce) {
            return Some(nonce);
        }
        nonce = nonce.wrapping_add(1);
        crate::time::sleep(Duration::ZERO).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use sealdesk_protocol::wire::sealdesk::ledger::v1::WorkChallenge;
    use sealdesk_protocol::work::Cost;

    use super::*;
    use crate::node::Attend;

    /// Has the code of a desk, where there is one.
    struct Guest(Option<[u8; 16]>);

    impl Attend for Guest {
        fn waits(&self, _: &Waiting) {}

        fn invitation(&self, _only: bool) -> Option<InvitationCode> {
            self.0.map(|bytes| InvitationCode::of(Zeroizing::new(bytes)))
        }
    }

    fn challenge(difficulty: u32) -> WorkChallenge {
        WorkChallenge { challenge: vec![7; 32], memory_kib: 1_024, passes: 1, difficulty, seconds: 600 }
    }

    fn required(invitations: bool, work: Option<WorkChallenge>) -> AdmissionRequired {
        AdmissionRequired { reason: AdmissionReason::NewAccount.into(), invitations, work }
    }

    async fn presented(
        guest: Option<[u8; 16]>,
        required: &AdmissionRequired,
    ) -> Result<admission::Presented, AdmissionError> {
        let mut entry = Entry::default();
        entry.prepare(&Attendant::new(Arc::new(Guest(guest))), "words", required).await?;
        Ok(Admission::decode(entry.presented().unwrap()).unwrap().presented.unwrap())
    }

    #[tokio::test]
    async fn an_invitation_is_shown_where_there_is_one_and_work_done_where_there_is_none() {
        let both = required(true, Some(challenge(4)));
        assert!(matches!(presented(Some([1; 16]), &both).await, Ok(admission::Presented::Invitation(_))));
        let Ok(admission::Presented::Work(work)) = presented(None, &both).await else { panic!("no work") };
        assert!(Trial::new([7; 32], Cost::new(1_024, 1, 4).unwrap()).holds(work.nonce));
        let alone = required(true, None);
        assert!(matches!(presented(None, &alone).await, Err(AdmissionError::InvitationNeeded(_))));
        let nothing = required(false, None);
        assert!(matches!(presented(Some([1; 16]), &nothing).await, Err(AdmissionError::Refused(_))));
    }

    #[tokio::test]
    async fn a_node_that_never_has_enough_is_given_up() {
        let mut entry = Entry::default();
        let wrong = AdmissionRequired {
            reason: AdmissionReason::WorkWrong.into(),
            ..required(false, Some(challenge(1)))
        };
        let nobody = Attendant::default();
        for _ in 0..PRESENTED_MAX {
            entry.prepare(&nobody, "words", &wrong).await.unwrap();
        }
        assert!(matches!(entry.prepare(&nobody, "words", &wrong).await, Err(AdmissionError::Refused(_))));
    }

    // On the real clock: a paused one stands still while a thread works.
    #[tokio::test]
    async fn work_ends_with_the_time_that_the_node_gives() {
        let hard = WorkChallenge { seconds: 1, memory_kib: 16_384, ..challenge(4_096) };
        // One of a hundred finds a nonce by luck.
        if let Err(error) = presented(None, &required(false, Some(hard))).await {
            assert_eq!(error, AdmissionError::WorkTooSlow { seconds: 1 });
        }
    }

    proptest! {
        #[test]
        fn no_node_makes_a_computer_work_beyond_the_bounds(
            memory_kib: u32, passes: u32, difficulty: u32, challenge: Vec<u8>,
        ) {
            let asked = WorkChallenge { challenge, memory_kib, passes, difficulty, seconds: u32::MAX };
            prop_assume!(Trial::of_wire(&asked).is_err());
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let refused = runtime.block_on(presented(None, &required(false, Some(asked))));
            let out_of_bounds = matches!(refused, Err(AdmissionError::WorkOutOfBounds { .. }));
            prop_assert!(out_of_bounds);
        }
    }
}
