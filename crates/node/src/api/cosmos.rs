//! The services of Cosmos that wallets and explorers ask by default. What this ledger has, they show: blocks, validators, accounts; of
//! coins, stakes and proposals it has none, and says so in the form that was asked for instead of failing.

mod bank;
mod blocks;
mod empty;
mod node;

use sealdesk_protocol::wire::cosmos::base::query::v1beta1::PageResponse;

/// What stands under a list that is whole.
fn whole(total: usize) -> Option<PageResponse> {
    Some(PageResponse { next_key: Vec::new(), total: u64::try_from(total).unwrap_or(u64::MAX) })
}
