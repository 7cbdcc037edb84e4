//! What somebody on the staff is called: in this home, and in the desk book, which the whole staff's programs read.

use sealdesk_client::actor::Actor;
use sealdesk_client::contacts::{ContactName, DESK_BOOK, NameSource, Names};
use sealdesk_client::desk::Desk;
use sealdesk_client::outcome::Outcome;
use sealdesk_protocol::ids::Address;
use tonic::transport::Channel;

use crate::context::Context;
use crate::failure::Failure;

/// Records that an address is called so in this home. A key of this home that has the address keeps its own name.
///
/// # Errors
/// Somebody else is called so, or so similarly that people would take one for the other.
pub(crate) fn record(context: &Context, name: &ContactName, address: &Address) -> Result<(), Failure> {
    let is_own = |(known, of): &(String, String)| known == name.as_str() && of == address.as_str();
    if !context.own_keys().iter().any(is_own) {
        context.call_somebody(name, address.as_str())?;
    }
    Ok(())
}

/// Writes the name into the desk book, unless it stands there already; then there is no outcome.
///
/// # Errors
/// As [`Desk::name_in_desk_book`].
pub(crate) async fn share(
    desk: &Desk<Channel>,
    me: &Actor,
    name: &ContactName,
    address: &Address,
) -> Result<Option<Outcome>, Failure> {
    let entries = desk.desk_book(me).await?.unwrap_or_default();
    let stands = entries.iter().any(|entry| entry.address == *address && entry.name == *name);
    match stands {
        true => Ok(None),
        false => Ok(desk.name_in_desk_book(me, address, Some(name)).await?),
    }
}

/// Nobody else has this name in the desk book, nor one that looks like it.
///
/// # Errors
/// Somebody has, or the desk book cannot be read.
pub(crate) async fn free_in_desk_book(
    desk: &Desk<Channel>,
    me: &Actor,
    address: &Address,
    name: &ContactName,
) -> Result<(), Failure> {
    let mut others = Names::default();
    for entry in desk.desk_book(me).await?.unwrap_or_default() {
        if entry.address != *address {
            // Two that look alike already are both in the way.
            let _ = others.add(entry.name.as_str(), entry.address.as_str(), NameSource::DeskBook);
        }
    }
    others.add(name.as_str(), address.as_str(), NameSource::DeskBook).map_err(|clash| {
        Failure::usage(
            format!("in {}: {clash}", desk_book()),
            "choose another name; `sealdesk contacts remove ADDRESS --desk-book` takes that one out",
        )
    })
}

/// How the desk book is called in messages.
pub(crate) fn desk_book() -> String {
    format!("the desk book (staff/{DESK_BOOK})")
}
