//! From calls to signed transactions of one account.

use sealdesk_envelope::AccountSecret;
use sealdesk_stacks::address::Address;
use sealdesk_stacks::name::ContractName;
use sealdesk_stacks::transaction::{
    ClarityVersion, Deploy, Network, Payload, Terms, Unsigned, VerifiedTransaction,
};

use super::error::Result;

/// The Clarity version that contracts are deployed in: the first that has all the words which the desk's contract uses.
const CLARITY_VERSION: u8 = 3;

/// What puts a contract on the chain.
pub fn deploy_call(name: ContractName, source: &str) -> Payload {
    Payload::Deploy(Deploy { name, source: source.to_owned(), version: ClarityVersion::new(CLARITY_VERSION) })
}

/// Terms of this program: mined anywhere, and not an asset may move.
pub(super) fn unsigned(network: Network, origin: Address, payload: Payload) -> Result<Unsigned> {
    Ok(Unsigned::new(Terms::new(network, origin, payload))?)
}

/// Signs: RFC 6979, low S. The same terms give the same bytes.
pub(super) fn sign(unsigned: Unsigned, account: &AccountSecret) -> Result<VerifiedTransaction> {
    let signature = account.sign_digest(&unsigned.digest())?;
    Ok(unsigned.signed(&signature)?)
}
