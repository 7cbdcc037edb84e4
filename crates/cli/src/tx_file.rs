//! Transactions in files: Cosmos's JSON, as its other programs write and read it.

use std::path::Path;

use sealdesk_client::compose::UnsignedTx;
use sealdesk_protocol::text;
use sealdesk_protocol::tx::json::{from_json, to_json};
use sealdesk_protocol::wire::cosmos::tx::v1beta1::Tx;

use crate::context::Context;
use crate::failure::{Failure, at};
use crate::output::named;
use crate::output_file;
use crate::text_input;
use crate::tx_text;

/// Longest file that is read, in bytes. JSON is longer than the bytes of the largest transaction, of which each can stand as six.
const FILE_BYTES_MAX: u64 = 8 << 20;

/// Reads a transaction from a file, or for `-` from standard input.
pub(crate) fn read(context: &Context, file: &Path) -> Result<Tx, Failure> {
    let bytes = text_input::document(context, file, FILE_BYTES_MAX)?;
    from_json(&bytes).map_err(|error| {
        Failure::hinted(
            error.to_string(),
            "a file with a transaction is made by `sealdesk tx … --generate-only -o FILE`, or by another program for Cosmos's ledgers",
        )
    })
}

/// Writes a transaction to a file, or to standard output, which `-` means, too.
pub(crate) fn write(context: &Context, tx: &Tx, file: Option<&Path>) -> Result<(), Failure> {
    let value = to_json(tx).map_err(|error| Failure::new(error.to_string()))?;
    let json = serde_json::to_string_pretty(&value).map_err(|error| Failure::new(error.to_string()))?;
    let json = text::escaped_json(&json);
    match named(file) {
        Some(file) => {
            output_file::put(file, format!("{json}\n").as_bytes()).map_err(|error| at(file, &error))
        }
        None => context.output().line(&json),
    }
}

/// Hands a transaction out that somebody signs elsewhere, and says what that takes.
fn hand_out(context: &Context, tx: &UnsignedTx) -> Result<(), Failure> {
    let file = context.handed_out_to();
    write(context, &tx.to_tx(), file.as_deref())?;
    let shown = named(file.as_deref()).map_or_else(|| "FILE".to_owned(), |file| context.shown(file));
    let until = tx_text::until(context, &tx.body);
    let until = until.map(|until| format!(", until {until}")).unwrap_or_default();
    context.output().note(&format!(
        "Nothing was sent. {} has to sign this with sequence {}{until}: `sealdesk tx sign {shown}`",
        context.named(tx.signer.as_str()),
        tx.sequence
    ));
    Ok(())
}

/// What a command came to; a transaction that was composed for somebody else to sign is handed out.
pub(crate) fn handed_out(context: &Context, done: Result<(), Failure>) -> Result<(), Failure> {
    match done {
        Err(Failure::Unsigned(tx)) => hand_out(context, &tx),
        done => done,
    }
}
