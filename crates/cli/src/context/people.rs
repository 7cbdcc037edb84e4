//! Who is who in this home: names of its keyring for addresses, and what a node calls an address.

use std::path::PathBuf;

use sealdesk_client::keyring::{KeyInfo, KeyName, KeyringError};
use sealdesk_protocol::text;

use super::Context;
use crate::failure::{Failure, at_home};

impl Context {
    /// That a name is not there can be said only where it could be looked up.
    pub(crate) fn could_look(&self, text: &str) -> Result<(), Failure> {
        if KeyName::parse(text).is_err()
            || self.people().iter().any(|(name, address)| name == text || address == text)
        {
            return Ok(());
        }
        let dir = self.keyring_dir();
        match dir.try_exists() {
            Ok(false) => return Ok(()),
            Ok(true) => {}
            Err(error) => return Err(at_home(&dir, &error)),
        }
        match self.keyring()?.show(text) {
            Ok(_) | Err(KeyringError::NotFound(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn keyring_dir(&self) -> PathBuf {
        self.home().join(format!("keyring-{}", self.settings.backend.name()))
    }

    /// Names and addresses of this home's keys, as far as they can be read.
    pub(crate) fn people(&self) -> &[(String, String)] {
        self.people.get_or_init(|| {
            if !self.keyring_dir().exists() {
                return Vec::new();
            }
            let listed = self.keyring().ok().and_then(|keyring| keyring.list().ok()).unwrap_or_default();
            let keys: Vec<KeyInfo> = listed.into_iter().filter_map(|listed| listed.info.ok()).collect();
            keys.iter().map(|key| (key.name.to_string(), self.address_of(key))).collect()
        })
    }

    /// Someone's name in the keyring, else a shortened address; empty for nobody. For columns.
    pub(crate) fn name_of(&self, address: &str) -> String {
        match self.people().iter().find(|(_, known)| known == address) {
            Some((name, _)) => name.clone(),
            None if !looks_like_address(address) => quoted(address),
            None if address.len() > 24 => {
                format!("{}…{}", &address[..16], &address[address.len() - 4..])
            }
            None => address.to_owned(),
        }
    }

    /// Someone's address, with the name in the keyring where there is one; empty for nobody.
    pub(crate) fn named(&self, address: &str) -> String {
        match self.people().iter().find(|(_, known)| known == address) {
            Some((name, _)) => format!("{name} ({address})"),
            None if !looks_like_address(address) => quoted(address),
            None => address.to_owned(),
        }
    }
}

/// Letters, digits, and what stands between a contract's address and its name; nothing at all where nobody is named.
fn looks_like_address(text: &str) -> bool {
    let begins = text.bytes().next().is_none_or(|byte| byte.is_ascii_alphanumeric());
    begins && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
}

/// What a node calls an address and is none: it begins no line as a name does.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text::line(text))
}
