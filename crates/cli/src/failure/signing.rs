//! Transactions from files that are neither signed nor sent.

use sealdesk_client::Error;
use sealdesk_client::signing::SigningError;

use super::Failure;

impl From<SigningError> for Failure {
    fn from(error: SigningError) -> Self {
        let hint = match error {
            // What the ledger would say of it.
            SigningError::Form(refusal) => return refusal.into(),
            SigningError::Compose(error) => return Error::Compose(error).into(),
            SigningError::AnotherSigner { .. } => "name the key that has to sign with --from",
            SigningError::SeveralSigners(_) => "make a transaction of its own for each of them",
            SigningError::AnotherSequence { .. } => {
                "what is sealed opens with that one sequence alone: compose it again with --generate-only"
            }
            SigningError::Changed { .. } => {
                "look at --chain-id and --sequence first: the command that made the file said the sequence. If both are right, do not sign it; compose it again with --generate-only, and ask what happened to the file on its way"
            }
            SigningError::Unchecked(_) => "sign it with a newer sealdesk",
            SigningError::NotItsSignature(_) => "do not send it; sign the transaction that you mean again",
            SigningError::Unsigned => "sign it first: `sealdesk tx sign FILE`",
        };
        Self::hinted(error.to_string(), hint)
    }
}
