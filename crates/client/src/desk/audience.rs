//! Who an envelope concerns, from proven facts.

use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::state::tree;

use super::Desk;
use super::facts::head;
use crate::compose::{Audience, ComposeError, Facts, Person};
use crate::error::Result;
use crate::node::Transport;
use crate::verify::{Proven, VerifyError};

impl<T: Transport> Desk<T> {
    /// Everyone whom a new ticket concerns. The provider is among them only if they shall read.
    pub(crate) async fn audience_of_new(
        &self,
        customer: &Address,
        provider: Option<&Address>,
    ) -> Result<Facts> {
        let mut keys = vec![tree::PARAMS.to_vec(), tree::ADMINISTRATORS.to_vec(), tree::keys(customer)];
        keys.extend(provider.map(tree::keys));
        let mut facts = self.records(keys).await?;
        let audience = Audience {
            administrators: self.active_administrators(&mut facts).await?,
            assignee: None,
            customer: Some(person(&facts, customer)?),
            provider: provider.map(|provider| person(&facts, provider)).transpose()?,
        };
        Ok(Facts { params: facts.params()?, audience })
    }

    /// Everyone whom a ticket concerns. Its provider is among them if `provider_reads`.
    pub(crate) async fn ticket_facts(&self, id: TicketId, provider_reads: bool) -> Result<Facts> {
        let keys = vec![tree::PARAMS.to_vec(), tree::ADMINISTRATORS.to_vec(), tree::ticket(id)];
        let mut facts = self.records(keys).await?;
        let ticket = head(&facts, id)?;
        let customer = self.listed(&ticket.customer_address)?;
        let provider = self.named(&ticket.provider_address)?.filter(|_| provider_reads);
        if provider_reads && provider.is_none() {
            return Err(ComposeError::NoProvider(ticket.ticket_id).into());
        }
        let assignee = match self.named(&ticket.assigned_to)? {
            Some(assignee) => {
                let member = self.records(vec![tree::member(&assignee), tree::keys(&assignee)]).await?;
                let works = member.member(&assignee)?.is_active_staff();
                facts.extend(member);
                works.then_some(assignee)
            }
            None => None,
        };
        let others: Vec<Address> =
            [Some(customer), assignee.clone(), provider.clone()].into_iter().flatten().collect();
        let mut people = self.people(&mut facts, &others).await?.into_iter();
        let customer = people.next();
        let audience = Audience {
            customer,
            assignee: assignee.and_then(|_| people.next()),
            provider: provider.and_then(|_| people.next()),
            administrators: self.active_administrators(&mut facts).await?,
        };
        Ok(Facts { params: facts.params()?, audience })
    }

    /// An address in a proven record.
    pub(crate) fn listed(&self, text: &str) -> Result<Address> {
        Address::parse(&self.chain.prefix, text).map_err(|error| {
            VerifyError::Form { what: "an address".to_owned(), why: error.to_string() }.into()
        })
    }

    /// An address in a proven record that may be empty.
    pub(crate) fn named(&self, text: &str) -> Result<Option<Address>> {
        if text.is_empty() { Ok(None) } else { self.listed(text).map(Some) }
    }
}

fn person(facts: &Proven, address: &Address) -> Result<Person> {
    Ok(Person { address: address.clone(), keys: facts.keys(address)? })
}
