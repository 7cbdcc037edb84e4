//! `MsgSetAccountState`: an administrator suspends, restores or terminates an account.

use super::{Checked, roles_address};
use crate::account::AccountState;
use crate::codes::{Refusal, RolesError};
use crate::ids::{Address, Prefix};
use crate::text::check_public;
use crate::wire::virtengine::roles::v1 as wire;

/// A new account state.
#[derive(Debug, Clone, PartialEq)]
pub struct SetAccountState {
    /// An administrator, not the account itself; signs.
    pub sender: Address,
    /// Whose state.
    pub address: Address,
    /// What it becomes.
    pub state: AccountState,
    /// Why; public.
    pub reason: String,
}

impl Checked for SetAccountState {
    type Wire = wire::MsgSetAccountState;

    fn check(wire: Self::Wire, prefix: &Prefix) -> Result<Self, Refusal> {
        let sender = roles_address(prefix, &wire.sender)?;
        let address = roles_address(prefix, &wire.address)?;
        check_public("reason", &wire.reason)?;
        let state = AccountState::parse(&wire.state).ok_or_else(|| {
            let shown: String = wire.state.chars().take(40).flat_map(char::escape_debug).collect();
            Refusal::from(RolesError::InvalidState(shown))
        })?;
        Ok(Self { sender, address, state, reason: wire.reason })
    }
}
