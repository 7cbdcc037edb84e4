//! Requests that an account signs for this ledger and that are not on it: whose they are, by the header `authorization`.

use std::time::{SystemTime, UNIX_EPOCH};

use http::{HeaderMap, header};
use sealdesk_machine::Machine;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::node_request::{NodeRequest, SignedRequest};

/// The account that signed for the request, lately.
///
/// # Errors
/// As [`signed`].
pub(crate) fn signer<R: NodeRequest>(
    machine: &Machine,
    headers: &HeaderMap,
    request: &R,
) -> Result<Address, String> {
    Ok(signed(machine, headers, request)?.account)
}

/// What an account signed for the request, within the time that it is good for.
///
/// # Errors
/// In words, what is wrong with the signature and what to do.
pub(crate) fn signed<R: NodeRequest>(
    machine: &Machine,
    headers: &HeaderMap,
    request: &R,
) -> Result<SignedRequest, String> {
    let header =
        headers.get(header::AUTHORIZATION).and_then(|header| header.to_str().ok()).unwrap_or_default();
    let signed = SignedRequest::parse::<R>(machine.prefix(), header).map_err(|error| error.to_string())?;
    if !signed.is_fresh::<R>(now()) {
        return Err(
            "the signature is too old, or of a time to come: set the clock right, and sign again".to_owned()
        );
    }
    let wrong = "the signature is not the account's over this request at this desk: sign again with the key of that account";
    signed.verify(request).map_err(|_| wrong.to_owned())?;
    Ok(signed)
}

/// Unix seconds.
pub(crate) fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    i64::try_from(now).unwrap_or(i64::MAX)
}
