//! The desk of one contract on Stacks: what [`crate::desk`] is for a ledger of one's own.
//!
//! The same envelope, another carrier. A write is sealed here, put into a call ([`sealdesk_stacks::contract::Request`]), signed by
//! the account that the same recovery phrase has on Stacks, and followed to its result ([`send`]): a node that takes a transaction
//! has promised nothing. A read ([`read`]) takes heads from the contract and sealed text from events, compares the two by hash, and
//! opens what verifies.
//!
//! **What is believed.** Stacks gives light clients no proofs that this program could check, so the heads of tickets and what was
//! undone since are the node's word: use your own, or one you trust. For whom something is sealed is not ([`audience`]): keys,
//! administrators and assignees count only by transactions that the right accounts signed.

mod audience;
#[cfg(not(target_arch = "wasm32"))]
mod connect;
pub mod directory;
mod error;
mod events;
mod grant;
mod inbox;
mod memory;
pub mod net;
mod node;
mod read;
mod rejection;
mod seal;
pub mod send;
mod sign;
mod to_view;

use sealdesk_protocol::ids::TicketId;
use sealdesk_stacks::address::Address;
use sealdesk_stacks::contract::{AnswerError, Comment, Question, Ticket};
use sealdesk_stacks::principal::{ContractId, Principal};
use sealdesk_stacks::transaction::Network;

use crate::actor::Actor;
use crate::trust::{Age, Clock};
use crate::view;
use net::Http;

pub use audience::{AGE_SECONDS_MAX, AHEAD_SECONDS_MAX};
#[cfg(not(target_arch = "wasm32"))]
pub use connect::Connection;
pub use error::{Error, Result};
pub use events::{Watch, cursor_of};
pub use grant::Granted;
pub use memory::{Memory, identity};
pub use node::{Account, Block, Mined, Node, TxStatus};
pub use rejection::Rejection;
pub use seal::{NewComment, NewTicket};
/// Addresses, values and the contract's types, for programs that stand on this crate.
pub use sealdesk_stacks as wire;
pub use sign::deploy_call;
pub use to_view::contract_priority;

/// The desk of one contract.
#[derive(Debug, Clone)]
pub struct Desk<H> {
    node: Node<H>,
    contract: ContractId,
    age: Age,
    memory: Memory,
}

impl<H: Http> Desk<H> {
    /// The desk of a contract, over a node.
    pub fn new(node: Node<H>, contract: ContractId) -> Self {
        Self { node, contract, age: Age { clock: Clock::system(), tolerance: 0 }, memory: Memory::default() }
    }

    /// The node behind it.
    pub fn node(&self) -> &Node<H> {
        &self.node
    }

    /// The contract.
    pub fn contract(&self) -> &ContractId {
        &self.contract
    }

    /// The network of the contract's address.
    pub fn network(&self) -> Network {
        Network::of(&self.contract.deployer)
    }

    /// What stands for the chain in every envelope: `stacks:<chain id>:<contract>`.
    pub fn chain_id(&self) -> String {
        chain_id(&self.contract)
    }

    /// An actor's address on the contract's network.
    ///
    /// # Errors
    /// [`Error::Compose`] for a phrase that has no such key, which has never been seen.
    pub fn address_of(&self, actor: &Actor) -> Result<Address> {
        Ok(actor.stacks_address(self.network())?)
    }

    /// A ticket, as the contract keeps it.
    ///
    /// # Errors
    /// [`Error::NoSuchTicket`], [`Error::Contradiction`], and what asking says.
    pub async fn ticket(&self, id: TicketId) -> Result<Ticket> {
        let answer = self.node.read(&self.contract, &Question::Ticket(id.number())).await?;
        let found = answer.ticket()?;
        self.expect_known_ticket(id, found.as_ref())?;
        found.ok_or(Error::NoSuchTicket(id))
    }

    /// A ticket, as a person sees it.
    ///
    /// # Errors
    /// As [`Desk::ticket`].
    pub async fn ticket_view(&self, id: TicketId) -> Result<view::Ticket> {
        Ok(to_view::ticket(id, self.ticket(id).await?))
    }

    /// A ticket's comments and notes, still sealed: none is left out.
    ///
    /// # Errors
    /// What asking says.
    pub async fn comments(&self, id: TicketId, count: u64) -> Result<Vec<Comment>> {
        let missing = AnswerError::Missing("a comment that the ticket counts");
        let mut comments = Vec::new();
        for index in 0..count {
            let ask = Question::Comment { ticket: id.number(), index };
            comments.push(self.node.read(&self.contract, &ask).await?.comment()?.ok_or(missing.clone())?);
        }
        Ok(comments)
    }

    /// How many tickets there ever were.
    ///
    /// # Errors
    /// What asking says.
    pub async fn ticket_count(&self) -> Result<u64> {
        Ok(self.node.read(&self.contract, &Question::TicketCount).await?.count()?)
    }

    /// Whether someone is staff without being an administrator.
    ///
    /// # Errors
    /// What asking says.
    pub async fn is_staff(&self, who: &Principal) -> Result<bool> {
        Ok(self.node.read(&self.contract, &Question::IsStaff(who.clone())).await?.truth()?)
    }

    /// Whether someone is an administrator.
    ///
    /// # Errors
    /// What asking says.
    pub async fn is_administrator(&self, who: &Principal) -> Result<bool> {
        Ok(self.node.read(&self.contract, &Question::IsAdministrator(who.clone())).await?.truth()?)
    }

    /// Refuses an address of another network: nothing of the contract could ever be its.
    ///
    /// # Errors
    /// [`Error::OtherNetwork`].
    pub fn expect_network(&self, who: &Principal) -> Result<()> {
        if Network::of(who.address()) == self.network() {
            Ok(())
        } else {
            Err(Error::OtherNetwork(who.clone()))
        }
    }
}

/// As [`Desk::chain_id`].
fn chain_id(contract: &ContractId) -> String {
    format!("stacks:{}:{contract}", Network::of(&contract.deployer).chain_id())
}

/// A ticket's name in this program, from the contract's number for it.
pub(crate) fn ticket_id(number: u64) -> Result<TicketId> {
    let none = AnswerError::Unexpected { what: "a ticket's number", expected: "1 or more" };
    TicketId::new(number).ok_or_else(|| none.into())
}
