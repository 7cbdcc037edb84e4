//! The client for browsers and Node: a thin door to `sealdesk_client`, whose every rule it shares.
//!
//! What a person types and reads is here as JavaScript's own values; secrets stay in [`Identity`], which JavaScript can hold and not
//! look into. [`Desk`] is one ledger, reached over gRPC-web at the same port as everything else. Views are the JSON that the program
//! prints (`--output json`); `npm/types.d.ts` names their types.
//!
//! Nothing is kept here: [`Desk::remember`] gives what the page has to keep, and takes it back when it opens the desk again.

mod desk;
mod error;
mod identity;
mod invitation;
mod porter;
mod value;
mod vault;
mod wallet;

pub use desk::Desk;
pub use identity::Identity;
pub use invitation::Invitation;
pub use porter::on_wait;
pub use vault::Vault;
pub use wallet::on_sign;
