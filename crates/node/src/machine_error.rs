//! What the state machine says of a state that must not be, for both engines.

use sealdesk_machine::{Fatal, GenesisError, QueryError};
use thiserror::Error;

/// Why the machine does not go on.
#[derive(Debug, Error)]
pub enum MachineError {
    /// A record or a block is not what it must be.
    #[error(transparent)]
    Fatal(Fatal),
    /// The state does not answer what an engine has to know.
    #[error(transparent)]
    Query(QueryError),
    /// No ledger can begin there.
    #[error(transparent)]
    Genesis(GenesisError),
    /// What an engine itself found in the state, or misses there.
    #[error("{0}")]
    State(String),
}

/// Gives an engine's error the machine's: a store that failed and a document that is none are the engine's own, all else is
/// `Machine`.
macro_rules! from_machine {
    ($error:ident) => {
        impl From<sealdesk_machine::Fatal> for $error {
            fn from(fatal: sealdesk_machine::Fatal) -> Self {
                match fatal {
                    sealdesk_machine::Fatal::Store(error) => Self::Storage(error),
                    other => Self::Machine(MachineError::Fatal(other)),
                }
            }
        }

        impl From<sealdesk_machine::QueryError> for $error {
            fn from(error: sealdesk_machine::QueryError) -> Self {
                match error {
                    sealdesk_machine::QueryError::Fatal(fatal) => fatal.into(),
                    other => Self::Machine(MachineError::Query(other)),
                }
            }
        }

        impl From<sealdesk_machine::GenesisError> for $error {
            fn from(error: sealdesk_machine::GenesisError) -> Self {
                match error {
                    sealdesk_machine::GenesisError::Document(error) => Self::Genesis(error),
                    sealdesk_machine::GenesisError::Fatal(fatal) => fatal.into(),
                    other @ sealdesk_machine::GenesisError::NotEmpty => {
                        Self::Machine(MachineError::Genesis(other))
                    }
                }
            }
        }

        impl $error {
            /// The state is not what it must be.
            pub(crate) fn broken(what: impl Into<String>) -> Self {
                Self::Machine(MachineError::State(what.into()))
            }
        }
    };
}

pub(crate) use from_machine;
