//! `sealdesk trust IDENTITY|FILE|LINK`: says which ledger is meant, before anything is sent to it.

use sealdesk_client::genesis::pin_of;
use sealdesk_client::invite_link::{InviteLinkError, ledger_named};
use sealdesk_client::stacks::wire::principal::ContractId;
use sealdesk_client::trust::remembered::file::RememberedFile;
use sealdesk_protocol::genesis::Genesis;
use sealdesk_protocol::identity::Identity;
use serde_json::json;

use crate::context::Context;
use crate::failure::Failure;
use crate::paths::make_home;
use crate::text_input::{self, GENESIS_BYTES_MAX};

/// Options of `trust`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The person who made the desk sees its identity with `sealdesk status`. Get it by a route other than the node: by telephone, on paper.\n\
    Another ledger that this home knows under the same name is trusted no longer. Nothing about this ledger is forgotten, unless you add --anew (how far it was seen) or --forget (tickets, keys and votes)."
)]
pub(crate) struct Args {
    /// The ledger's identity (64 hex digits), its genesis.json, or a link to the desk; a contract on Stacks with --forget
    #[arg(value_name = "IDENTITY|FILE|LINK")]
    which: String,
    /// Forget which tickets, keys and votes of that ledger this home has seen: nothing contradicts them afterwards
    #[arg(long)]
    forget: bool,
    /// Believe another history of it than this home saw; its administrators have to agree that there is one
    #[arg(long)]
    anew: bool,
}

pub(super) fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let text = args.which.trim();
    if let (true, Ok(contract)) = (args.forget, ContractId::parse(text)) {
        return forget_contract(context, &contract);
    }
    let named = named(text)?;
    let mut pins = context.pins()?;
    let identity = match named {
        Some(identity) => {
            make_home(context.home())?;
            pins.trust_identity(identity)?;
            identity
        }
        None => {
            let bytes = text_input::document(context, std::path::Path::new(text), GENESIS_BYTES_MAX)?;
            let pin = Genesis::from_json(&bytes).and_then(|genesis| pin_of(&genesis)).map_err(|error| {
                Failure::usage(
                    format!("{text}: {error}"),
                    "name an identity of 64 hex digits, or a genesis.json",
                )
            })?;
            let identity = pin.ledger.identity;
            make_home(context.home())?;
            pins.trust(pin)?;
            identity
        }
    };
    if args.forget {
        let known = pins.iter().find(|pin| pin.ledger.identity == identity);
        let prefix = known.map_or_else(|| context.prefix(), |pin| &pin.ledger.prefix);
        RememberedFile::of(context.home(), prefix, &identity).forget()?;
    }
    let forgotten = if args.anew { pins.trust_anew(identity)? } else { None };
    let words = identity.words();
    let value = json!({ "identity": identity.to_string(), "words": words, "forgotten_height": forgotten });
    context.output().answer(&value, || {
        let anew = forgotten.map_or_else(String::new, |height| {
            format!(
                "\nThis home had seen it up to height {height}, and now believes whichever history it is shown first. Its administrators, and the people you wrote to, stay known."
            )
        });
        format!("This home trusts the ledger {identity}\n  in words: {words}{anew}")
    })
}

/// The ledger that a text names; `None` where it is the path of a file.
fn named(text: &str) -> Result<Option<Identity>, Failure> {
    match ledger_named(text) {
        Ok(identity) => Ok(Some(identity)),
        Err(InviteLinkError::NotALink) if !text.contains("://") => Ok(None),
        Err(InviteLinkError::NotALink) => Err(Failure::usage(
            "this link does not name a ledger: one that does ends in #desk= and 64 hex digits",
            "copy all of it, as `sealdesk start` prints it, or name the identity that `sealdesk status` shows",
        )),
        // The path of a file may have a # in it; a line that was broken on its way is not one.
        Err(_) if std::path::Path::new(text).is_file() => Ok(None),
        Err(error) => Err(Failure::usage(
            error.to_string(),
            "copy it again, as one line, to its end, or name the identity that `sealdesk status` shows",
        )),
    }
}

/// There is nothing to trust a contract by; what was seen of it can be forgotten.
fn forget_contract(context: &Context, contract: &ContractId) -> Result<(), Failure> {
    let value = json!({ "contract": contract.to_string(), "forgotten": true });
    context.forget_contract(contract)?;
    context.output().answer(&value, || format!("This home has forgotten what it saw of {contract}"))
}
