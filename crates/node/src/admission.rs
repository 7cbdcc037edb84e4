//! Whom this node lets in first: accounts that the ledger has never seen cost nothing to make, so a node may ask for an invitation or for
//! work before it takes the first transaction of one, and takes only so many from one network address.
//!
//! No rule of the ledger: it is judged where a transaction is handed in to this node, and nowhere else. What another node passes on,
//! what waits already and what stands in a block is not asked again (docs/spec/admission.md).

pub(crate) mod challenge;
pub mod invitations;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sealdesk_protocol::ids::{Address, ChainId};
use sealdesk_protocol::invitation::InvitationCode;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{AdmissionReason, AdmissionRequired};
use sealdesk_protocol::work::{CHALLENGE_BYTES, Cost, Trial, WorkError};
use serde::Deserialize;
use tokio::sync::Semaphore;

use crate::clock::{Clock as _, SystemClock};
use crate::http::budget::{Bounds, Budget};
use crate::http::meter::{Counted, Meter, Rate, TooOften, Total};
use crate::http::source::Source;
use crate::metrics::Metrics;
use challenge::Challenges;
use invitations::{InvitationError, Invitations};

/// MiB of one try of the work, where the operator names no other number.
pub const WORK_MEMORY_MIB_DEFAULT: u32 = 16;
/// Transactions of new accounts that a source may send: the first day of a small office behind one address.
pub(crate) const NEWCOMERS: Rate = Rate { at_once: 32, once_more_after: Duration::from_secs(2) };
/// Wrong codes of a source: somebody who types one from paper has tries enough.
const WRONG_CODES: Rate = Rate { at_once: 5, once_more_after: Duration::from_secs(60) };
/// Wrong codes of all sources that have presented one before. No code is found by trying, however many are tried: this bounds how often
/// files are looked for. A source's first code is not one of these: else thousands of networks could keep everyone's right codes out.
const ALL_WRONG_CODES: Rate = Rate { at_once: 256, once_more_after: Duration::from_millis(20) };
/// Work that waits to be checked, one piece at a time: a source has one of these places.
const CHECKS: Bounds = Bounds { all: 16, per_source: 1, own: 16 };

/// What a node asks of accounts that the ledger has never seen. Where it asks for both, either will do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdmissionConfig {
    /// Whether it asks for an invitation.
    #[serde(default)]
    pub invitations: bool,
    /// How many tries the work takes on average; absent, it asks for none.
    pub work: Option<u32>,
    /// Memory of one try, in MiB: 1 to 64; 16 if absent.
    pub work_memory: Option<u32>,
}

impl AdmissionConfig {
    /// What was said at the start, and where nothing was, what the file says.
    #[must_use]
    pub fn or(self, file: Self) -> Self {
        Self {
            invitations: self.invitations || file.invitations,
            work: self.work.or(file.work),
            work_memory: self.work_memory.or(file.work_memory),
        }
    }

    /// What the work costs; `None` where there is none.
    ///
    /// # Errors
    /// [`WorkError`] for what is out of bounds.
    pub fn cost(&self) -> Result<Option<Cost>, WorkError> {
        let memory_mib = self.work_memory.unwrap_or(WORK_MEMORY_MIB_DEFAULT);
        self.work.map(|work| Cost::new(memory_mib.saturating_mul(1_024), 1, work)).transpose()
    }
}

/// What somebody presents with an account's first transaction.
#[derive(Debug)]
pub(crate) enum Presented {
    Invitation(InvitationCode),
    /// A text that cannot be an invitation's.
    NotAnInvitation,
    Work {
        challenge: Vec<u8>,
        nonce: u64,
    },
}

/// Why nobody is let in.
#[derive(Debug)]
pub(crate) enum NotAdmitted {
    /// What is asked for, in words and for programs.
    Required(&'static str, AdmissionRequired),
    /// Not now.
    TooOften(TooOften, &'static str),
    /// Not now, since others are being judged.
    Busy,
    /// This node cannot tell.
    Failed,
}

/// Work that is this node's own, and not tried yet.
#[derive(Debug)]
pub(crate) struct Untried {
    challenge: [u8; CHALLENGE_BYTES],
    nonce: u64,
    cost: Cost,
}

/// See the module.
pub(crate) struct Door {
    challenges: Option<Challenges>,
    invitations: Option<Arc<Invitations>>,
    newcomers: Meter,
    wrong_codes: Meter,
    all_wrong_codes: Total,
    checks: Arc<Budget>,
    /// One at a time, whatever memory a try takes.
    checking: Arc<Semaphore>,
    /// One code at a time is looked for, in the order in which they came. The places and streams of connections bound how many wait.
    looking: Arc<Semaphore>,
}

impl Door {
    /// A door that asks for nothing.
    pub(crate) fn open(metrics: &Metrics) -> Self {
        Self {
            challenges: None,
            invitations: None,
            newcomers: Meter::new(NEWCOMERS),
            wrong_codes: Meter::new(WRONG_CODES),
            all_wrong_codes: Total::new(ALL_WRONG_CODES),
            checks: Budget::new(CHECKS, metrics.calls.held("work_checks")),
            checking: Arc::new(Semaphore::new(1)),
            looking: Arc::new(Semaphore::new(1)),
        }
    }

    /// A door that asks for what the operator says.
    ///
    /// # Errors
    /// Why that cannot be asked for, in words.
    pub(crate) fn new(
        config: &AdmissionConfig,
        home: &Path,
        chain_id: &ChainId,
        metrics: &Metrics,
    ) -> Result<Self, String> {
        let cost = config.cost().map_err(|error| error.to_string())?;
        let challenges = cost.map(|cost| Challenges::new(chain_id.clone(), cost)).transpose();
        let challenges = challenges.map_err(|error| format!("the system gives no randomness: {error}"))?;
        let invitations = config.invitations.then(|| Arc::new(Invitations::of(home)));
        Ok(Self { challenges, invitations, ..Self::open(metrics) })
    }

    /// Whether it asks new accounts for something.
    pub(crate) fn asks(&self) -> bool {
        self.challenges.is_some() || self.invitations.is_some()
    }

    /// Counts a transaction of a new account.
    ///
    /// # Errors
    /// [`TooOften`] where its source has sent many such.
    pub(crate) fn count_newcomer(&self, source: Source) -> Result<(), TooOften> {
        self.newcomers.count(source).map(drop)
    }

    /// Judges what is presented for an account, as far as that costs nothing; work is left to be tried by [`Door::try_work`].
    ///
    /// # Errors
    /// [`NotAdmitted`].
    pub(crate) fn look_at(
        &self,
        account: &Address,
        presented: Option<&Presented>,
    ) -> Result<Option<Untried>, NotAdmitted> {
        use AdmissionReason::{ChallengeOver, InvitationUnknown, NewAccount};
        match (presented, &self.challenges) {
            (None, _) => Err(self.require(account, NewAccount)),
            (Some(Presented::Invitation(_)), _) if self.invitations.is_some() => Ok(None),
            (Some(Presented::Invitation(_) | Presented::NotAnInvitation), _) => {
                Err(self.require(account, InvitationUnknown))
            }
            (Some(Presented::Work { .. }), None) => Err(self.require(account, NewAccount)),
            (Some(Presented::Work { challenge, nonce }), Some(challenges)) => {
                let challenge = challenges.recognise(account, challenge);
                let challenge = challenge.ok_or_else(|| self.require(account, ChallengeOver))?;
                Ok(Some(Untried { challenge, nonce: *nonce, cost: challenges.cost() }))
            }
        }
    }

    /// Tries work: one evaluation, in its turn. Where many wait, or one of the same source does, it is sent away.
    ///
    /// # Errors
    /// [`NotAdmitted`].
    pub(crate) async fn try_work(
        &self,
        account: &Address,
        untried: Untried,
        source: Source,
    ) -> Result<(), NotAdmitted> {
        let place = self.checks.take(source, 1).map_err(|_| NotAdmitted::Busy)?;
        let turn = self.checking.clone().acquire_owned().await.map_err(|_| NotAdmitted::Failed)?;
        // The turn and the place go with the work: who takes a request back gets no other before it has ended.
        let tried = tokio::task::spawn_blocking(move || {
            let _held = (turn, place);
            Trial::new(untried.challenge, untried.cost).holds(untried.nonce)
        });
        match tried.await {
            Ok(true) => Ok(()),
            Ok(false) => Err(self.require(account, AdmissionReason::WorkWrong)),
            Err(_) => Err(NotAdmitted::Failed),
        }
    }

    /// Lets an account in by an invitation. It is counted on disk when this returns.
    ///
    /// # Errors
    /// [`NotAdmitted`]; then nothing is counted but a wrong code.
    pub(crate) async fn invite(
        &self,
        account: &Address,
        code: InvitationCode,
        source: Source,
    ) -> Result<(), NotAdmitted> {
        let Some(invitations) = self.invitations.clone() else { return Err(NotAdmitted::Failed) };
        let counted = self.count_code(source)?;
        let turn = self.looking.clone().acquire_owned().await.map_err(|_| NotAdmitted::Failed)?;
        let (who, now) = (account.clone(), SystemClock::default().now() / 1_000);
        let looked = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            invitations.accept(&code, &who, now)
        });
        let reason = match looked.await {
            Ok(Ok(())) => {
                self.forgive_code(source, counted);
                return Ok(());
            }
            Ok(Err(InvitationError::Unknown)) => AdmissionReason::InvitationUnknown,
            Ok(Err(InvitationError::Expired)) => AdmissionReason::InvitationExpired,
            Ok(Err(InvitationError::UsedUp)) => AdmissionReason::InvitationUsedUp,
            Ok(Err(error)) => {
                tracing::error!("an invitation cannot be checked: {error}");
                self.forgive_code(source, counted);
                return Err(NotAdmitted::Failed);
            }
            Err(_) => return Err(NotAdmitted::Failed),
        };
        Err(self.require(account, reason))
    }

    /// Counts a code as a wrong one until it proves to be right. A source that tried often is sent away before it costs the others a try, and
    /// one that has presented nothing wrong has its own try, whatever others do.
    fn count_code(&self, source: Source) -> Result<Counted, NotAdmitted> {
        let wrong = "too many wrong invitation codes came from your network address";
        let counted = self.wrong_codes.count(source);
        let counted = counted.map_err(|wait| NotAdmitted::TooOften(wait, wrong))?;
        if counted == Counted::OneOfMany {
            self.all_wrong_codes.count().map_err(|wait| {
                self.wrong_codes.take_back(source);
                NotAdmitted::TooOften(wait, "the node is busy: too many wrong invitation codes come")
            })?;
        }
        Ok(counted)
    }

    fn forgive_code(&self, source: Source, counted: Counted) {
        self.wrong_codes.take_back(source);
        if counted == Counted::OneOfMany {
            self.all_wrong_codes.take_back();
        }
    }

    /// What is asked of an account, and why what it presented is not that.
    pub(crate) fn require(&self, account: &Address, reason: AdmissionReason) -> NotAdmitted {
        let work = self.challenges.as_ref().map(|challenges| challenges.ask(account));
        let words = match (reason, self.invitations.is_some(), work.is_some()) {
            (AdmissionReason::InvitationUnknown, ..) => "this node knows no such invitation code",
            (AdmissionReason::InvitationExpired, ..) => "this invitation has expired",
            (AdmissionReason::InvitationUsedUp, ..) => {
                "this invitation has been used for as many accounts as it allows"
            }
            (AdmissionReason::ChallengeOver, ..) => "this work was not asked of this account, or is too old",
            (AdmissionReason::WorkWrong, ..) => "this is not the work that was asked for",
            (AdmissionReason::NotAlone, ..) => "a new account signs its first transaction alone",
            (_, true, false) => "this node takes the first transaction of an account by invitation",
            (_, false, _) => "this node takes the first transaction of an account after some work",
            (_, true, true) => {
                "this node takes the first transaction of an account by invitation, or after some work"
            }
        };
        let invitations = self.invitations.is_some();
        NotAdmitted::Required(words, AdmissionRequired { reason: reason.into(), invitations, work })
    }
}

#[cfg(test)]
mod tests;
