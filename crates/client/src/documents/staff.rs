//! The staff whom a client believes in: the circle, and the agents whom somebody in it appointed.

use sealdesk_protocol::circle::Circle;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::limits::{AGENTS_MAX, STAFF_DOCUMENT_READERS_MAX};
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::params::Params;
use sealdesk_protocol::state::tree;

use crate::compose::{ComposeError, Readers, TxBuilder};
use crate::desk::Desk;
use crate::error::Result;
use crate::node::{Page, Transport};
use crate::trust::{Person, is_appointed_agent};
use crate::verify::{Member, Proven};

/// Everyone for whom a document of the staff is sealed.
pub(crate) struct Staff {
    /// The parameters in force.
    pub(crate) params: Params,
    /// The circle, then the agents, with their keys.
    pub(crate) people: Vec<Person>,
    /// Whom the ledger calls an agent, and nobody in the circle appointed, as far as signatures show.
    pub(crate) unbelieved: Vec<Address>,
}

impl Staff {
    /// Their keys, with the one that a transaction registers for its sender.
    ///
    /// # Errors
    /// [`ComposeError::TooLarge`] where more people have keys than a document may have readers.
    pub(crate) fn readers(&self, builder: &TxBuilder) -> std::result::Result<Readers, ComposeError> {
        let keys = |person: &Person| builder.with_own_key(person.clone()).active_keys();
        let required: Vec<_> = self.people.iter().map(keys).collect();
        Readers::within(&required, &[], STAFF_DOCUMENT_READERS_MAX)
    }

    /// The staff with somebody more.
    #[must_use]
    pub(crate) fn with(mut self, person: Person) -> Self {
        self.people.retain(|known| known.address != person.address);
        self.people.push(person);
        self
    }

    /// The staff without somebody.
    #[must_use]
    pub(crate) fn without(mut self, address: &Address) -> Self {
        self.people.retain(|known| known.address != *address);
        self
    }
}

impl<T: Transport> Desk<T> {
    /// The staff, by facts that are new enough to seal by. Who is an agent is listed by the node, and proven of each.
    pub(crate) async fn staff(&self) -> Result<Staff> {
        let mut facts = self.records(vec![tree::ADMINISTRATORS.to_vec(), tree::PARAMS.to_vec()]).await?;
        let circle = self.circle_of(&facts).await?;
        let (agents, unbelieved) = self.believed_agents(&circle, &mut facts).await?;
        let mut believed: Vec<Address> = circle.members().iter().map(|one| one.address.clone()).collect();
        believed.extend(agents);
        let people = self.people(&mut facts, &believed).await?;
        self.check_age(&facts)?;
        Ok(Staff { params: facts.params()?, people, unbelieved })
    }

    /// The active agents whom somebody in the circle appointed, by address, and those of whom only the ledger says that they are agents.
    pub(crate) async fn believed_agents(
        &self,
        circle: &Circle,
        facts: &mut Proven,
    ) -> Result<(Vec<Address>, Vec<Address>)> {
        let mut agents = self.listed_agents().await?;
        // Of whom it is not seen that they went could be brought back.
        agents.extend(self.known_agents());
        agents.sort_unstable();
        agents.dedup();
        self.believed_among(agents, circle, facts).await
    }

    /// Of these, the active agents whom somebody in the circle appointed, and those of whom only the ledger says that they are agents. A few
    /// requests, however many they are.
    pub(crate) async fn believed_among(
        &self,
        agents: Vec<Address>,
        circle: &Circle,
        facts: &mut Proven,
    ) -> Result<(Vec<Address>, Vec<Address>)> {
        let keys: Vec<Vec<u8>> = agents.iter().map(tree::member).collect();
        if !keys.is_empty() {
            facts.extend(self.records(keys).await?);
        }
        let mut members = Vec::with_capacity(agents.len());
        for agent in agents {
            let member = facts.member(&agent)?;
            members.push((agent, member));
        }
        self.add_circles(facts, members.iter().map(|(_, member)| member)).await?;
        let (mut believed, mut unbelieved) = (Vec::new(), Vec::new());
        for (agent, member) in members {
            if is_appointed_agent(self.chain(), circle, &agent, &member, facts) {
                self.believe_agent(&agent, &member, facts);
                believed.push(agent);
            } else if member.is_active_agent() {
                unbelieved.push(agent);
            }
        }
        Ok((believed, unbelieved))
    }

    /// Whether somebody is an active agent whom somebody in the circle appointed.
    pub(crate) async fn is_believed_agent(
        &self,
        address: &Address,
        circle: &Circle,
        facts: &mut Proven,
    ) -> Result<bool> {
        if !facts.covers(&tree::member(address)) {
            facts.extend(self.records(vec![tree::member(address)]).await?);
        }
        let member = facts.member(address)?;
        self.add_circles(facts, std::iter::once(&member)).await?;
        let is_one = is_appointed_agent(self.chain(), circle, address, &member, facts);
        if is_one {
            self.believe_agent(address, &member, facts);
        }
        Ok(is_one)
    }

    /// Whether somebody is on the staff by signatures: in the circle, or appointed by somebody in it.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn is_believed_staff(&self, address: &Address) -> Result<bool> {
        let mut facts = self.records(vec![tree::ADMINISTRATORS.to_vec(), tree::member(address)]).await?;
        let circle = self.circle_of(&facts).await?;
        Ok(circle.contains(address) || self.is_believed_agent(address, &circle, &mut facts).await?)
    }

    /// Adds the circles that appointments were signed for.
    async fn add_circles(&self, facts: &mut Proven, members: impl Iterator<Item = &Member>) -> Result<()> {
        let signed = members.filter_map(|member| member.appointment.as_ref());
        let keys: Vec<Vec<u8>> = signed.map(|signed| tree::circle_change(signed.position)).collect();
        if !keys.is_empty() {
            facts.extend(self.records(keys).await?);
        }
        Ok(())
    }

    /// Whom the node lists as agents: whom it leaves out, the ledger asks for where it is honest.
    pub(crate) async fn listed_agents(&self) -> Result<Vec<Address>> {
        let mut page = Page { limit: 100, ..Page::default() };
        let mut agents = Vec::new();
        loop {
            let (members, next) = self.node().role_members(AssignableRole::SupportAgent, &page).await?;
            for member in &members {
                agents.push(self.listed(&member.address)?);
            }
            if members.is_empty() || next.is_empty() || next == page.cursor || agents.len() >= AGENTS_MAX {
                agents.truncate(AGENTS_MAX);
                return Ok(agents);
            }
            page.cursor = next;
        }
    }
}
