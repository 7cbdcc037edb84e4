//! `MsgCreateTicket`: a customer writes a ticket.

use super::{Checked, RawEnvelope, attachments, support_address};
use crate::attachment::Attachment;
use crate::codes::{Refusal, SupportError};
use crate::ids::{Address, Prefix};
use crate::limits::RESOURCE_ID_BYTES_MAX;
use crate::ticket::{Priority, Resource, ResourceKind as Kind};
use crate::wire::virtengine::support::v1 as wire;

/// A new ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateTicket {
    /// Who writes it; signs.
    pub customer: Address,
    /// One of the allowed categories; judged against the parameters.
    pub category: String,
    /// Normal where the sender named none.
    pub priority: Priority,
    /// The provider it concerns, who may then be among the readers.
    pub provider: Option<Address>,
    /// What it is about. Public.
    pub resource: Option<Resource>,
    /// The sealed content.
    pub envelope: RawEnvelope,
    /// Its files.
    pub attachments: Vec<Attachment>,
}

impl Checked for CreateTicket {
    type Wire = wire::MsgCreateTicket;

    fn check(wire: Self::Wire, prefix: &Prefix) -> Result<Self, Refusal> {
        let provider = match wire.provider_address.as_str() {
            "" => None,
            text => Some(support_address(prefix, text)?),
        };
        Ok(Self {
            customer: support_address(prefix, &wire.customer)?,
            category: wire.category,
            priority: priority(&wire.priority)?,
            provider,
            resource: wire.resource_ref.map(|reference| resource(reference, prefix)).transpose()?,
            envelope: wire.encrypted_payload,
            attachments: attachments(&wire.attachments)?,
        })
    }
}

pub(super) fn priority(text: &str) -> Result<Priority, Refusal> {
    if text.is_empty() {
        return Ok(Priority::Normal);
    }
    super::update_ticket_priority::named(text)
}

/// Reads a resource as VirtEngine writes ids:
/// `deployment` owner/dseq · `order` owner/dseq/gseq/oseq · `lease` and `bid` the same, with an optional /provider · `provider` its address.
pub(crate) fn resource(wire: wire::ResourceReference, prefix: &Prefix) -> Result<Resource, Refusal> {
    let refuse = |why: &str| Refusal::from(SupportError::InvalidResource(why.to_owned()));
    if wire.id.len() > RESOURCE_ID_BYTES_MAX {
        return Err(refuse("the id is longer than 256 bytes"));
    }
    let Some(kind) = Kind::parse(&wire.r#type) else {
        return Err(refuse("the type is not order, lease, deployment, provider or bid"));
    };
    let parts: Vec<&str> = wire.id.split('/').collect();
    let fits = match (kind, parts.as_slice()) {
        (Kind::Provider, [_]) => true,
        (Kind::Deployment, [_, dseq]) => is_number(dseq, u64::MAX),
        (Kind::Order | Kind::Lease | Kind::Bid, [_, dseq, gseq, oseq]) => are_sequences(dseq, gseq, oseq),
        (Kind::Lease | Kind::Bid, [_, dseq, gseq, oseq, provider]) => {
            are_sequences(dseq, gseq, oseq) && Address::parse(prefix, provider).is_ok()
        }
        (Kind::Provider | Kind::Deployment | Kind::Order | Kind::Lease | Kind::Bid, _) => false,
    };
    let owner = parts.first().copied().unwrap_or_default();
    if !fits || Address::parse(prefix, owner).is_err() {
        return Err(refuse("the id is not written as owner/dseq, owner/dseq/gseq/oseq or as an address"));
    }
    if !wire.owner.is_empty() && wire.owner != owner {
        return Err(refuse("the owner is not the one in the id"));
    }
    Ok(Resource { kind, id: wire.id, owner: wire.owner })
}

fn are_sequences(dseq: &str, gseq: &str, oseq: &str) -> bool {
    is_number(dseq, u64::MAX) && is_number(gseq, u32::MAX.into()) && is_number(oseq, u32::MAX.into())
}

/// A positive decimal without leading zeros, so that one resource has one name.
fn is_number(text: &str, most: u64) -> bool {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    plain && text.parse::<u64>().is_ok_and(|number| number <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: &str = "virtengine19rl4cm2hmr8afy4kldpxz3fka4jguq0a6mvv5p";

    fn judge(kind: &str, id: &str) -> Result<Resource, Refusal> {
        let wire = wire::ResourceReference { r#type: kind.into(), id: id.into(), owner: String::new() };
        resource(wire, &Prefix::parse(Prefix::DEFAULT).unwrap())
    }

    #[test]
    fn a_resource_id_follows_the_grammar_of_its_type() {
        for (kind, tail) in [
            ("provider", ""),
            ("deployment", "/1"),
            ("order", "/1/2/3"),
            ("lease", "/1/2/3"),
            ("bid", "/18446744073709551615/1/4294967295"),
        ] {
            assert!(judge(kind, &format!("{OWNER}{tail}")).is_ok(), "{kind}");
        }
        assert!(judge("lease", &format!("{OWNER}/1/2/3/{OWNER}")).is_ok());
        let hostile = [
            ("lease", format!("{OWNER}/0/2/3")),
            ("lease", format!("{OWNER}/01/2/3")),
            ("lease", format!("{OWNER}/1/2")),
            ("order", format!("{OWNER}/1/2/3/{OWNER}")),
            ("order", format!("{OWNER}/1/2/4294967296")),
            ("deployment", format!("{OWNER}/18446744073709551616")),
            ("deployment", "nobody/1".to_owned()),
            ("deployment", format!("{OWNER}/../1")),
            ("house", OWNER.to_owned()),
            ("", OWNER.to_owned()),
            ("provider", format!("{OWNER}{}", "/".repeat(300))),
        ];
        for (kind, id) in hostile {
            assert_eq!(judge(kind, &id).unwrap_err().code(), 17, "{kind} {id}");
        }
    }
}
