//! What a member signs when they appoint an agent or a gateway, and how records keep it.

use crate::identity::Identity;
use crate::ids::{Address, ChainId};
use crate::keys::BadSignature;
use crate::messages::AssignableRole;
use crate::signer::{self, KeySignature, SignerKey};
use crate::time::time_text;
use crate::wire::sealdesk::ledger::v1 as wire;

/// Who gets which role. Of the roles that are given by a signature.
#[derive(Debug, Clone, Copy)]
pub struct Appointee<'a> {
    /// The role.
    pub role: AssignableRole,
    /// Who gets it.
    pub account: &'a Address,
}

impl Appointee<'_> {
    /// What the wallet shows and the member signs. `fingerprint` is that of the circle at that time, `made` is in Unix seconds.
    pub fn text(&self, ledger: &ChainId, fingerprint: &[u8; 32], made: i64) -> String {
        let what = match self.role {
            AssignableRole::SupportAgent => "agent",
            other => other.name(),
        };
        // A time that no block can have is never signed; who asks for its text gets one that fits nothing.
        let made = time_text(made).unwrap_or_else(|| made.to_string());
        let (fingerprint, account) = (hex::encode(fingerprint), self.account);
        format!("Sealdesk {what}\nledger: {ledger}\ncircle: {fingerprint}\nmade: {made}\naccount: {account}")
    }
}

/// An appointment as a member's record keeps it, of right lengths. Whether it is good is for [`Appointment::verify`] to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appointment {
    /// The time that was signed, in Unix seconds.
    pub made: i64,
    /// The position of the circle that was signed.
    pub position: u64,
    /// The appointing member's key, or keys.
    pub account_pub_key: SignerKey,
    /// Their ADR-36 signature.
    pub signature: KeySignature,
    /// The ledger that was signed for; `None` = the one at hand.
    pub appointed_on: Option<Identity>,
}

impl Appointment {
    /// Reads a record; `None` where a length is wrong.
    pub fn read(record: &wire::Appointment) -> Option<Self> {
        let (account_pub_key, signature) = signer::parts(&record.account_pub_key, &record.account_signature)?;
        let appointed_on = match record.appointed_on.as_slice() {
            [] => None,
            bytes => Some(Identity::from_bytes(bytes)?),
        };
        let wire::Appointment { made, position, .. } = *record;
        Some(Self { made, position, account_pub_key, signature, appointed_on })
    }

    /// The record.
    pub fn to_wire(&self) -> wire::Appointment {
        wire::Appointment {
            made: self.made,
            position: self.position,
            account_pub_key: self.account_pub_key.to_vec(),
            account_signature: self.signature.to_vec(),
            appointed_on: self.appointed_on.map(|identity| identity.0.to_vec()).unwrap_or_default(),
        }
    }

    /// Verifies that `member` signed it: on the ledger of this name, for the circle of this fingerprint. A caller picks these by
    /// `appointed_on` and `position`.
    ///
    /// # Errors
    /// [`BadSignature`] where the key is not the member's, or the signature not that of the text.
    pub fn verify(
        &self,
        member: &Address,
        appointee: Appointee<'_>,
        ledger: &ChainId,
        fingerprint: &[u8; 32],
    ) -> Result<(), BadSignature> {
        let text = appointee.text(ledger, fingerprint, self.made);
        self.account_pub_key.verify_text(member, &text, &self.signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Prefix;

    #[test]
    fn the_text_is_the_page_s() {
        let text = "virtengine19rl4cm2hmr8afy4kldpxz3fka4jguq0a6mvv5p";
        let account = &Address::parse(&Prefix::parse("virtengine").unwrap(), text).unwrap();
        let (ledger, fingerprint) = (ChainId::parse("desk-1").unwrap(), [0xab; 32]);
        let of = |role| Appointee { role, account }.text(&ledger, &fingerprint, 1_795_841_040);
        let tail = format!(
            "ledger: desk-1\ncircle: {}\nmade: 2026-11-28T04:44:00Z\naccount: {text}",
            "ab".repeat(32)
        );
        assert_eq!(of(AssignableRole::SupportAgent), format!("Sealdesk agent\n{tail}"));
        assert_eq!(of(AssignableRole::Gateway), format!("Sealdesk gateway\n{tail}"));
    }
}
