//! What is asked of a transaction whose account is new to the ledger, before it is handed to the engine.
//!
//! What costs least comes first: form, signatures and the ledger's own rules as for any transaction, then whether what is presented is
//! of this node and account, then the budget of the network address; trying work and looking a code up come last.

use prost::Message as _;
use sealdesk_machine::BlockContext;
use sealdesk_protocol::codes::{Refusal, SdkError};
use sealdesk_protocol::invitation::InvitationCode;
use sealdesk_protocol::tx::Tx;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{Admission, AdmissionReason, admission};
use tonic::metadata::MetadataMap;
use tonic::{Code, Status};

use super::fair_queue::{Resting, Turn, Work};
use super::{Api, status};
use crate::admission::{NEWCOMERS, NotAdmitted, Presented};
use crate::http::busy;
use crate::http::retry::{with_details, with_retry};
use crate::http::source::Source;

/// Where the admission of an account is presented: a message `Admission`.
const METADATA: &str = "sealdesk-admission-bin";

/// Reads what a request presents. The text of a code is wiped once it is read.
///
/// # Errors
/// A status, where it is not a message `Admission`.
pub(super) fn presented(metadata: &MetadataMap) -> Result<Option<Presented>, Status> {
    let malformed = || Status::invalid_argument(format!("the metadata {METADATA} is not understood"));
    let Some(value) = metadata.get_bin(METADATA) else { return Ok(None) };
    let bytes = value.to_bytes().map_err(|_| malformed())?;
    let admission = Admission::decode(bytes).map_err(|_| malformed())?;
    Ok(match admission.presented {
        None => None,
        Some(admission::Presented::Invitation(code)) => {
            let code = zeroize::Zeroizing::new(code);
            Some(InvitationCode::parse(&code).map_or(Presented::NotAnInvitation, Presented::Invitation))
        }
        Some(admission::Presented::Work(work)) => {
            Some(Presented::Work { challenge: work.challenge, nonce: work.nonce })
        }
    })
}

/// How many times as long as verifying one took no other transaction of a new account is verified: they have a tenth of the time.
pub(super) const NEWCOMERS_REST: u32 = 9;

/// A transaction that may be handed to the engine.
pub(super) struct Admitted {
    pub(super) tx: Vec<u8>,
    /// Whether its account is new to the ledger.
    pub(super) is_new: bool,
}

impl Api {
    /// Lets a transaction pass, which it gives back, or refuses it because its account is new to the ledger. What cannot be decoded or looked
    /// up is refused later, with the reason.
    ///
    /// # Errors
    /// A status that says what is asked for, or when to come back.
    pub(super) async fn admit(
        &self,
        bytes: Vec<u8>,
        presented: Option<Presented>,
        source: Source,
    ) -> Result<Result<Admitted, Refusal>, Status> {
        let look = move |api: &Api| {
            let tx = Tx::decode_unsigned(&bytes, api.ledger().machine().prefix());
            let newcomer = tx.ok().and_then(|tx| {
                let newcomer = api.ledger().view().newcomer(&tx).ok()??;
                Some((newcomer, tx.signers().len()))
            });
            Ok((bytes, newcomer))
        };
        let (bytes, newcomer) = self.compute(source, Work::Check, look).await?;
        let (Some((account, signers)), door) = (newcomer, &self.0.door) else {
            return Ok(Ok(Admitted { tx: bytes, is_new: false }));
        };
        let new = |tx| Admitted { tx, is_new: true };
        if !door.asks() {
            return Ok(self.refuses_newcomer(source).map_or_else(|| Ok(new(bytes)), Err));
        }
        // Nobody works, or spends an invitation, for a transaction that would be refused anyway.
        let turn = self.newcomer(source, true).await?;
        let to_compute = self.0.computing.next(source, Work::Check).await?;
        let rest = turn.map(|turn| Resting::after(turn, NEWCOMERS_REST));
        let unpaid = bytes.clone();
        let refusal = self.work_in(to_compute, move |api| {
            // It rests for as long as this took, and not for what anybody waited.
            let _rest = rest;
            api.refusal_of(&unpaid)
        });
        let refusal = refusal.await?;
        if let Some(refusal) = refusal {
            return Ok(Err(refusal));
        }
        if signers > 1 {
            return Err(not_admitted(door.require(&account, AdmissionReason::NotAlone)));
        }
        let untried = door.look_at(&account, presented.as_ref()).map_err(not_admitted)?;
        if let Some(refusal) = self.refuses_newcomer(source) {
            return Ok(Err(refusal));
        }
        let admitted = match (untried, presented) {
            (Some(untried), _) => door.try_work(&account, untried, source).await,
            (None, Some(Presented::Invitation(code))) => door.invite(&account, code, source).await,
            (None, _) => Err(door.require(&account, AdmissionReason::NewAccount)),
        };
        admitted.map(|()| Ok(new(bytes))).map_err(not_admitted)
    }

    /// The turn in which a stranger's transaction is verified if its account is new to the ledger. Accounts cost nothing to make: however
    /// many addresses have however many of them, all together have a small part of the processor.
    pub(super) async fn newcomer(&self, source: Source, is_new: bool) -> Result<Option<Turn>, Status> {
        if !is_new || source.is_own() {
            return Ok(None);
        }
        self.0.newcomers.next(source, Work::Check).await.map(Some)
    }

    /// Refuses a transaction of a new account where its source has sent many such.
    fn refuses_newcomer(&self, source: Source) -> Option<Refusal> {
        let wait = self.0.door.count_newcomer(source).err()?;
        let (at_once, after) = (NEWCOMERS.at_once, NEWCOMERS.once_more_after.as_secs());
        let text = format!(
            "{at_once} transactions of accounts that are new here came from your network address: one more may follow every {after} \
             seconds; try again in {} seconds",
            wait.seconds()
        );
        Some(SdkError::MempoolFull(text).into())
    }

    /// What the ledger itself refuses an account's first transaction for. Others of the account do not count: until one is in a block,
    /// only the first one follows, so that what is presented for an account lets in one transaction and no more.
    fn refusal_of(&self, bytes: &[u8]) -> Result<Option<Refusal>, Status> {
        let tip = self.ledger().tip();
        let next = BlockContext { height: tip.height.saturating_add(1), time: tip.time.unix_timestamp() };
        let checked = self.ledger().machine().check(&tip.snapshot, bytes, &|_| None, &next);
        checked.map(Result::err).map_err(|fatal| status::of_query(fatal.into()))
    }
}

/// The error of a transaction that is not let in.
fn not_admitted(why: NotAdmitted) -> Status {
    match why {
        NotAdmitted::Required(words, required) => {
            with_details(Code::FailedPrecondition, words.to_owned(), &required)
        }
        NotAdmitted::TooOften(wait, why) => {
            let seconds = wait.seconds();
            with_retry(Code::ResourceExhausted, format!("{why}; try again in {seconds} seconds"), seconds)
        }
        NotAdmitted::Busy => busy("it checks the work of others, or other work of your address"),
        NotAdmitted::Failed => Status::internal("whether this account is admitted cannot be checked"),
    }
}
