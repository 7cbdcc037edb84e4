//! A receipt that somebody keeps in a file, and whose signature counts for it. No node is asked.

use std::path::{Path, PathBuf};

use sealdesk_client::receipt::{TicketReceipt, TicketReceiptError};
use sealdesk_protocol::block::Hash;
use sealdesk_protocol::genesis::{Genesis, validators_of};
use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::receipt::{RECEIPT_BYTES_MAX, ReceiptError, Trust};
use zeroize::Zeroizing;

use crate::context::Context;
use crate::failure::Failure;
use crate::text_input::{self, GENESIS_BYTES_MAX};

/// Whose signature counts.
#[derive(Debug, clap::Args)]
pub(crate) struct WhomArgs {
    /// Genesis file of the ledger that you trust
    #[arg(long, value_name = "FILE", conflicts_with = "trust")]
    genesis: Option<PathBuf>,
    /// Hash of the validators that you trust, 64 hex digits
    #[arg(long, value_name = "VALIDATORS_HASH", value_parser = hash)]
    trust: Option<[u8; 32]>,
}

impl WhomArgs {
    /// Whether anything says so.
    pub(crate) fn is_given(&self) -> bool {
        self.genesis.is_some() || self.trust.is_some()
    }
}

fn hash(text: &str) -> Result<[u8; 32], String> {
    let mut hash = [0; 32];
    hex::decode_to_slice(text, &mut hash).map_err(|_| "a validators' hash has 64 hex digits".to_owned())?;
    Ok(hash)
}

/// Reads a receipt and verifies it, for the ledger that is meant.
pub(crate) fn verified(context: &Context, file: &Path, args: &WhomArgs) -> Result<TicketReceipt, Failure> {
    let bytes = read(context, file)?;
    let Whom { trust, identity } = whom(context, args)?;
    let receipt = TicketReceipt::verify(&bytes, &trust).map_err(|error| {
        let hint = match error {
            TicketReceiptError::Receipt(ReceiptError::OtherValidators { .. }) => {
                "if the ledger's validators changed, a new receipt leads from the genesis's on; or --trust the hash of a set on its way"
            }
            _ => "this file proves nothing; ask the person who gave it to you for the original",
        };
        let message = match &error {
            // What the decoder says of other files is nothing that anybody could use.
            TicketReceiptError::Receipt(ReceiptError::Encoding(_)) => {
                format!("this is no receipt: {} holds something else, or was changed", file.display())
            }
            error => error.to_string(),
        };
        Failure::hinted(message, hint)
    })?;
    if let (Some(wanted), Some(found)) = (identity, receipt.identity.filter(|found| Some(*found) != identity))
    {
        let name = receipt.verified.chain_id();
        return Err(Failure::hinted(
            format!(
                "the receipt is of another {name}: its identity is {found}, and that genesis begins {wanted}"
            ),
            "name the genesis.json of that ledger; an export of it, or what was made of one, is another ledger",
        ));
    }
    Ok(receipt)
}

/// Ends with 2 where nothing says whose receipt it is.
pub(crate) fn say_whether_pinned(context: &Context, receipt: &TicketReceipt) -> Result<(), Failure> {
    if receipt.verified.is_pinned() {
        return Ok(());
    }
    context.output().note("not pinned: nothing says that these validators are the ones you mean");
    context.output().note("hint: add --genesis FILE, or --trust with a hash that you got by another route");
    Err(Failure::Quiet(2))
}

fn read(context: &Context, file: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    // What is longer by one byte is read, so that it is called what it is.
    let max = u64::try_from(RECEIPT_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    let is_longer = std::fs::metadata(file).is_ok_and(|found| found.len() > max);
    let bytes = if is_longer { Zeroizing::default() } else { text_input::document(context, file, max)? };
    let why = match bytes.len() {
        0 if !is_longer => "the file is empty",
        1..=RECEIPT_BYTES_MAX => return Ok(bytes),
        _ => "the file is longer than any receipt",
    };
    Err(Failure::hinted(format!("{}: {why}", file.display()), "name a file that `sealdesk receipt` wrote"))
}

/// Whose signature counts, and the ledger that is meant.
struct Whom {
    trust: Trust,
    identity: Option<Identity>,
}

fn whom(context: &Context, args: &WhomArgs) -> Result<Whom, Failure> {
    if let Some(path) = &args.genesis {
        let text = text_input::document(context, path, GENESIS_BYTES_MAX)?;
        return of_genesis(&text).map_err(|why| {
            Failure::usage(
                format!("{}: {why}", path.display()),
                "name the genesis.json of the ledger you trust",
            )
        });
    }
    let pinned = |validators_hash| Trust::Pinned { validators_hash, chain_id: None };
    Ok(Whom { trust: args.trust.map_or(Trust::Unpinned, pinned), identity: None })
}

/// The validators that a genesis names, its chain, and its identity.
fn of_genesis(text: &[u8]) -> Result<Whom, String> {
    let genesis = Genesis::from_json(text).map_err(|error| error.to_string())?;
    let validators = validators_of(&genesis).map_err(|error| error.to_string())?;
    let Hash::Sha256(validators_hash) = validators.hash() else {
        return Err("it does not name any validators".to_owned());
    };
    let identity = genesis.identity().map_err(|error| error.to_string())?;
    let chain_id = ChainId::parse(&genesis.chain_id).map_err(|error| error.to_string())?;
    let trust = Trust::Pinned { validators_hash, chain_id: Some(chain_id) };
    Ok(Whom { trust, identity: Some(identity) })
}
