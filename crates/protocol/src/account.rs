//! Account states.

use crate::named_values;
use crate::wire::virtengine::roles::v1 as wire;

named_values! {
    /// Whether an account may act. Reading needs no account at all.
    pub enum AccountState on the wire as wire::AccountState {
        /// May act.
        Active = "active",
        /// May not act until an administrator restores it.
        Suspended = "suspended",
        /// Never acts again.
        Terminated = "terminated",
    }
}
