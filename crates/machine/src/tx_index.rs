//! The index of transactions: each by its place, and by the terms that its result names.
//!
//! What a result names is written and removed with it, in the same commit, so the index says of every block exactly what the results say.

use sealdesk_protocol::state::side;
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::tx_index::decode_terms;
use sealdesk_protocol::wire::sealdesk::ledger::v1::TxRecord;
use sealdesk_store::{Entry, KeyRange, State, StoreError};

use crate::errors::Fatal;
use crate::state::decode;

/// Enters the result of a transaction.
pub(crate) fn put(state: &mut State, hash: TxHash, record: &TxRecord) -> Result<(), Fatal> {
    let (height, index) = place(record)?;
    state.put_side(side::tx_at(height, index), hash.0.to_vec());
    for term in decode_terms(&record.terms) {
        state.put_side(side::tx_term(term, height, index), Vec::new());
    }
    Ok(())
}

/// Takes the result of a transaction out again.
pub(crate) fn remove(state: &mut State, record: &TxRecord) -> Result<(), Fatal> {
    let (height, index) = place(record)?;
    state.delete_side(side::tx_at(height, index));
    for term in decode_terms(&record.terms) {
        state.delete_side(side::tx_term(term, height, index));
    }
    Ok(())
}

/// Results that are in memory at once while the index is made anew: each has its transaction's bytes.
const RESULTS_AT_ONCE: usize = 64;

/// Makes the index anew from the results that there are.
pub(crate) fn rebuild(state: &mut State) -> Result<(), Fatal> {
    for below in [side::TXS_AT, side::TX_TERMS] {
        let stale: Vec<Vec<u8>> = state
            .scan_side(&KeyRange::prefix(below))?
            .map(|row| Ok(row?.0))
            .collect::<Result<_, StoreError>>()?;
        stale.into_iter().for_each(|key| state.delete_side(key));
    }
    let mut rest = KeyRange::prefix(side::TXS);
    loop {
        let results: Vec<Entry> =
            state.scan_side(&rest)?.take(RESULTS_AT_ONCE).collect::<Result<_, StoreError>>()?;
        let Some((last, _)) = results.last() else { return Ok(()) };
        rest = rest.after(last);
        for (key, value) in results {
            let damaged = || Fatal::damaged(&key, "not the hash of a transaction");
            let hash =
                key.strip_prefix(side::TXS).and_then(|hash| hash.try_into().ok()).ok_or_else(damaged)?;
            put(state, TxHash(hash), &decode(&key, &value)?)?;
        }
    }
}

/// Where a transaction stands: its block and its number there.
pub(crate) fn place(record: &TxRecord) -> Result<(u64, u32), Fatal> {
    let height = u64::try_from(record.height);
    height
        .map(|height| (height, record.index))
        .map_err(|_| Fatal::damaged(side::TXS, "a result without a height"))
}
