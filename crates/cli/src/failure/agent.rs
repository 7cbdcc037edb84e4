//! Why an agent was not begun or ended, and what to do.

use crate::agent::AgentError;

use super::{Failure, at_home};

impl From<AgentError> for Failure {
    fn from(error: AgentError) -> Self {
        let message = error.to_string();
        match error {
            AgentError::Folder(path) => Self::hinted(
                message,
                format!(
                    "check who made it; `rm -r {}` removes it, and the next unlock makes a new one",
                    path.display()
                ),
            ),
            AgentError::Stranger { folder, .. } => Self::hinted(
                message,
                format!(
                    "check who made {}; nothing was sent to the process that listens there",
                    folder.display()
                ),
            ),
            AgentError::Silent => Self::hinted(
                message,
                "`pgrep -f agent-process` shows its process; `kill -9` ends it, and its keys with it",
            ),
            AgentError::Version | AgentError::Elsewhere | AgentError::Form => {
                Self::hinted(message, "`sealdesk unlock` starts this program's agent for this home")
            }
            AgentError::Session | AgentError::NoSession => {
                Self::usage(message, "type `sealdesk unlock` in a shell, which outlives the command")
            }
            AgentError::TooMany(_) => Self::hinted(
                message,
                "`sealdesk keys passphrase` seals all keys of this home under one keyring key",
            ),
            AgentError::Begin(_) => Self::hinted(
                message,
                "without an agent every command asks for the passphrase, or reads it from SEALDESK_PASSPHRASE_FILE",
            ),
            AgentError::File { path, source } => at_home(&path, &source),
            AgentError::Keyring(error) => error.into(),
        }
    }
}
