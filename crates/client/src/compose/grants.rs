//! Grants for later readers, cut into transactions.

use sealdesk_protocol::wire::virtengine::support::v1::TargetedGrant;

/// Grants in one transaction. One takes about 230 bytes, so this many stay below the bound with room for an assignment.
pub const GRANTS_PER_TRANSACTION_MAX: usize = 900;

/// Cuts grants into what fits one transaction each; at least one part, which may be empty.
pub fn chunks(grants: Vec<TargetedGrant>) -> Vec<Vec<TargetedGrant>> {
    if grants.is_empty() {
        return vec![Vec::new()];
    }
    grants.chunks(GRANTS_PER_TRANSACTION_MAX).map(<[TargetedGrant]>::to_vec).collect()
}
