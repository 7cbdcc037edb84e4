//! What the operator says of notices.

use crate::home::PushConfig;

/// Longest contact, in bytes.
const CONTACT_BYTES_MAX: usize = 255;

impl PushConfig {
    /// Whether people may have notices.
    pub(super) fn is_enabled(&self) -> bool {
        self.enabled.unwrap_or(true)
    }

    /// Whether all of it can be followed.
    ///
    /// # Errors
    /// In words.
    pub(crate) fn check(&self) -> Result<(), String> {
        let Some(contact) = &self.contact else { return Ok(()) };
        let begins = ["mailto:", "https://"].iter().any(|begin| contact.starts_with(begin));
        let is_plain = contact.bytes().all(|byte| byte.is_ascii_graphic());
        if begins && is_plain && contact.len() <= CONTACT_BYTES_MAX {
            return Ok(());
        }
        Err("contact of [push] in config.toml: write it as mailto:desk@example.org or https://desk.example"
            .to_owned())
    }
}
