//! What this home's keys and pins could not do.

use sealdesk_client::contacts::file::ContactsError;
use sealdesk_client::keyring::KeyringError;
use sealdesk_client::stacks::Error as StacksError;
use sealdesk_client::stacks::wire::principal::Principal;
use sealdesk_client::trust::pins::PinsError;
use sealdesk_client::trust::remembered::file::RememberedError;
use sealdesk_client::verify::VerifyError;
use sealdesk_protocol::ids::Address;

use super::{Failure, files};
use crate::os_keyring::OsKeyringError;
use crate::paths::home_option;

impl From<KeyringError> for Failure {
    fn from(error: KeyringError) -> Self {
        if let KeyringError::File { path, source } = &error
            && let Some(hint) = files::hint_at_home(path, source)
        {
            return Self::hinted(error.to_string(), hint);
        }
        let hint = match &error {
            KeyringError::NotFound(_) => "`sealdesk keys list` shows the names",
            KeyringError::Exists(_) => "choose another name",
            KeyringError::WrongPassphrase(_) => "try again; the recovery phrase restores a key without it",
            KeyringError::PassphraseTooShort => "choose a longer one",
            KeyringError::Phrase(_) => "type all 12 or 24 words in their order",
            KeyringError::Name(_) => "choose a name like alice or desk-2",
            KeyringError::File { .. } | KeyringError::Form { .. } => {
                "restore the file from a backup, or move it away: the key comes back from its phrase with `sealdesk keys import`"
            }
            KeyringError::Identity(_) | KeyringError::Random => {
                return Self::new(error.to_string());
            }
        };
        Self::hinted(error.to_string(), hint)
    }
}

impl From<OsKeyringError> for Failure {
    fn from(error: OsKeyringError) -> Self {
        let hint = match &error {
            OsKeyringError::NoProgram => {
                "install it (Debian's package is libsecret-tools), or use --keyring-backend file"
            }
            OsKeyringError::NotFound => {
                "unlock it, in its own program or by logging in; what it has lost comes back from the recovery phrase with `sealdesk keys import`"
            }
            OsKeyringError::NotKept | OsKeyringError::Service(_) => {
                "it needs a desktop session with GNOME's keyring, KWallet or KeePassXC; elsewhere use --keyring-backend file"
            }
        };
        Self::hinted(error.to_string(), hint)
    }
}

impl From<PinsError> for Failure {
    fn from(error: PinsError) -> Self {
        if let PinsError::File { path, source } = &error
            && let Some(hint) = files::hint_at_home(path, source)
        {
            return Self::hinted(error.to_string(), hint);
        }
        match error {
            PinsError::Contradiction(why) => sealdesk_client::Error::from(why).into(),
            PinsError::Pinned { .. } => Self::hinted(
                error.to_string(),
                "`sealdesk trust IDENTITY` says that you mean the other one; --home DIR keeps the two apart",
            ),
            PinsError::Form { ref path, .. } | PinsError::File { ref path, .. } => {
                let (file, option) = (files::quoted(path), home_option(path.parent().unwrap_or(path)));
                Self::hinted(
                    error.to_string(),
                    format!(
                        "it holds which ledgers this home believes: restore it from a backup; without one, `mv {file} {file}.damaged` and then \
                         `sealdesk{option} trust IDENTITY`, with the identity as the desk's administrator tells it to you by a route other than the node"
                    ),
                )
            }
        }
    }
}

impl From<RememberedError<Principal>> for Failure {
    fn from(error: RememberedError<Principal>) -> Self {
        match error {
            RememberedError::Contradiction(error) => StacksError::from(Box::new(error)).into(),
            RememberedError::File { path, source } => {
                RememberedError::<Address>::File { path, source }.into()
            }
            RememberedError::Form { .. } => Self::hinted(
                error.to_string(),
                "restore it from a backup; without one, `sealdesk trust CONTRACT --forget` starts remembering that contract from nothing",
            ),
        }
    }
}

impl From<RememberedError> for Failure {
    fn from(error: RememberedError) -> Self {
        match error {
            RememberedError::Contradiction(error) => {
                sealdesk_client::Error::from(VerifyError::from(error)).into()
            }
            RememberedError::File { ref path, ref source } => match files::hint_at_home(path, source) {
                Some(hint) => Self::hinted(error.to_string(), hint),
                None => Self::new(error.to_string()),
            },
            RememberedError::Form { .. } => Self::hinted(
                error.to_string(),
                "restore it from a backup; without one, `sealdesk trust IDENTITY --forget` starts remembering that ledger from nothing",
            ),
        }
    }
}

impl From<&ContactsError> for Failure {
    fn from(error: &ContactsError) -> Self {
        let hint = match error {
            ContactsError::File { path, source } => files::hint_at_home(path, source),
            ContactsError::Form { .. } => Some(
                "restore contacts.json from a backup, or move it away: it holds names and nothing else"
                    .into(),
            ),
            ContactsError::Full => Some("`sealdesk contacts remove NAME` makes room".into()),
        };
        match hint {
            Some(hint) => Self::hinted(error.to_string(), hint),
            None => Self::new(error.to_string()),
        }
    }
}

impl From<ContactsError> for Failure {
    fn from(error: ContactsError) -> Self {
        (&error).into()
    }
}
