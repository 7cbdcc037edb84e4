//! Why there is no localnet, or no report of one.

use sealdesk_localnet::Error;

use super::{Failure, at};

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        match error {
            Error::NoNamespaces(_) => {
                Self::usage(message, "run it as root and with iproute2, or leave `disconnect` out")
            }
            Error::TooFewValidators => Self::usage(message, "give --validators 2 or more"),
            Error::DirInUse { .. } => Self::usage(message, "name another --dir, or remove it"),
            Error::NoIp(_) => Self::hinted(message, "install the package iproute2"),
            Error::NotStarted { log, .. } | Error::NotJoined { log, .. } => {
                Self::hinted(message, format!("see {}", log.display()))
            }
            Error::File { path, error } => at(&path, &error),
            Error::Io(error) => error.into(),
            Error::Home(error) => error.into(),
            Error::Comet(error) => error.into(),
            Error::Keyring(error) => error.into(),
            Error::Node(error) => error.into(),
            // CometBFT's absence says itself how to install it.
            Error::NoProgram(_) | Error::Other(_) => Self::new(message),
        }
    }
}
