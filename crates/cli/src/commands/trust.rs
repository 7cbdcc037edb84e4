//! `sealdesk trust IDENTITY|FILE|LINK`: says which ledger is meant, before anything is sent to it.

use sealdesk_client::genesis::pin_of;
use sealdesk_client::invite_link::InviteLink;
use sealdesk_client::stacks::wire::principal::ContractId;
use sealdesk_client::trust::remembered::file::RememberedFile;
use sealdesk_protocol::genesis::Genesis;
use sealdesk_protocol::identity::Identity;
use serde_json::json;

use crate::context::Context;
use crate::failure::{Failure, at};
use crate::paths::make_home;

/// Options of `trust`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Whoever made the desk sees its identity with `sealdesk status`. Get it in another way than through the node: by telephone, on paper.\n\
    Another ledger that this home knows under the same name is trusted no longer. Of this one nothing is forgotten, but with --anew how far it was seen."
)]
pub(crate) struct Args {
    /// The ledger's identity (64 hex digits), its genesis.json, or a link to the desk; a contract on Stacks with --forget
    #[arg(value_name = "IDENTITY|FILE|LINK")]
    which: String,
    /// Forget which tickets, keys and votes of that ledger this home has seen: nothing contradicts them then
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
    // A link to a desk carries the identity in its fragment, and so does the line of an invitation.
    let invited = InviteLink::parse(text).map(|link| link.identity.to_string());
    let named = invited.unwrap_or_else(|_| text.rsplit('#').next().unwrap_or(text).to_ascii_lowercase());
    let mut pins = context.pins()?;
    let identity = match Identity::parse(&named) {
        Some(identity) => {
            make_home(context.home())?;
            pins.trust_identity(identity)?;
            identity
        }
        None => {
            let path = std::path::Path::new(text);
            let bytes = std::fs::read(path).map_err(|error| at(path, &error))?;
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
                "\nThis home had seen it up to height {height}, and believes now whichever history it is shown first. Its administrators, and whom you wrote to, stay known."
            )
        });
        format!("This home trusts the ledger {identity}\n  in words: {words}{anew}")
    })
}

/// There is nothing to trust a contract by; what was seen of it can be forgotten.
fn forget_contract(context: &Context, contract: &ContractId) -> Result<(), Failure> {
    let value = json!({ "contract": contract.to_string(), "forgotten": true });
    context.forget_contract(contract)?;
    context.output().answer(&value, || format!("This home has forgotten what it saw of {contract}"))
}
