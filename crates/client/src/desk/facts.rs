//! Reading proven facts, never older than what was proven before.

use std::time::Duration;

use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::limits::PROOF_KEYS_MAX;
use sealdesk_protocol::params::Params;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::sealdesk::ledger::v1::ProofRequest;
use sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord;
use sealdesk_protocol::wire::virtengine::support::v1::SupportTicket;

use super::Desk;
use crate::error::{Error, Result};
use crate::node::{Node, NodeError, Transport};
use crate::time::{sleep, within};
use crate::trust::{Person, Pin, Trust};
use crate::verify::{Member, Proven, VerifyError};

/// The pause before a state is asked for again that is older than one seen before: the block that proves the newest state comes a
/// moment after the block that made it, and another node may be behind.
const STALE_PAUSE: Duration = Duration::from_millis(50);
/// Administrators whose keys are asked for before it is known that they are needed. The others are asked for where they are.
const MEMBERS_AHEAD_MAX: usize = 32;
/// The part of the patience that a height is waited for which only the node's word names: a tenth.
const TOLD_PART: u32 = 10;

/// The first proof of a ledger: what genesis fixed and its administrators, in a state that is not older than the pin.
pub(super) async fn first_proof<T: Transport>(node: &Node<T>, trust: &Trust) -> Result<(Proven, Pin)> {
    let mut state_keys = vec![tree::CHAIN.to_vec(), tree::BEGINNING.to_vec(), tree::ADMINISTRATORS.to_vec()];
    state_keys.sort_unstable();
    let known = trust.pin().filter(|_| !trust.is_first());
    let trusted_validators = known.map(|pin| pin.validators_hash.to_vec()).unwrap_or_default();
    let request = ProofRequest { state_keys, trusted_validators, ..ProofRequest::default() };
    let seen = trust.pin().map_or(0, |pin| pin.height);
    let request = &request;
    let ask = move || async move {
        let bytes = node.proof(request.clone()).await?;
        let (proven, shown) =
            Proven::verify(&bytes, if trust.is_first() { &Trust::FirstUse } else { trust })?;
        let chain = proven.chain()?;
        if chain.chain_id != shown.chain_id {
            let (header, state) = (shown.chain_id.to_string(), chain.chain_id.to_string());
            return Err(VerifyError::ChainNamesDiffer { header, state }.into());
        }
        trust.expects(&chain)?;
        let mut pin = trust.pin().cloned().unwrap_or_else(|| Pin::of_beginning(&chain));
        if trust.is_first() {
            // The identity says who the first validators were: they or those whom they handed over to must have signed this.
            pin.validators_hash = chain.ancestry.beginning().validators_hash;
            pin.agreed |= matches!(trust, Trust::Named(_));
            Proven::verify(&bytes, &Trust::Pinned(Box::new(pin.clone())))?;
        }
        let is_new = pin.advance(&shown)?;
        Ok(if is_new { Shown::New((proven, pin)) } else { Shown::Old(shown.height) })
    };
    new_enough(node, seen, ask).await
}

/// What a node shows of its state.
enum Shown<P> {
    /// A state that is new enough.
    New(P),
    /// One that is older, of this height.
    Old(u64),
}

/// Asks until a state is shown that is new enough. The first answer is waited for as long as a call waits, so that a node which has none
/// is heard out on why; only asking again has an end of its own.
async fn new_enough<T: Transport, P, Asked: Future<Output = Result<Shown<P>>>>(
    node: &Node<T>,
    seen: u64,
    ask: impl Fn() -> Asked,
) -> Result<P> {
    let mut found = match ask().await? {
        Shown::New(proven) => return Ok(proven),
        Shown::Old(height) => height,
    };
    let again = async {
        loop {
            sleep(STALE_PAUSE).await;
            match ask().await? {
                Shown::New(proven) => return Ok(proven),
                Shown::Old(height) => found = height,
            }
        }
    };
    let proven = within(node.patience(), again).await;
    proven.unwrap_or_else(|| Err(VerifyError::Stale { seen, found }.into()))
}

impl<T: Transport> Desk<T> {
    /// Proven records of the newest state that a header proves by now: those of a ticket, others, or both. A ticket's own are of one
    /// state; of more others than a request may name, the later parts may be of a later one.
    pub(crate) async fn prove(&self, ticket: Option<TicketId>, keys: Vec<Vec<u8>>) -> Result<Proven> {
        let heard = self.believed().told;
        self.prove_parts(heard, ticket, keys).await
    }

    /// As [`Desk::records`], of a state not before a height of which the node alone says that there is something. It is waited for as a
    /// transaction of ours is.
    pub(crate) async fn records_since(&self, height: u64, keys: Vec<Vec<u8>>) -> Result<Proven> {
        let heard = self.believed().told.max(height);
        self.prove_parts(heard, None, keys).await
    }

    /// As [`Desk::prove`], of the state after a block that the node says it has, where the header that proves it comes soon; else of the
    /// newest that has one. A network that stands still is read as far as it is proven.
    pub(crate) async fn prove_soon(
        &self,
        block: u64,
        ticket: TicketId,
        keys: Vec<Vec<u8>>,
    ) -> Result<Proven> {
        let heard = self.believed().told.max(block);
        let asking = self.prove_parts(heard, Some(ticket), keys.clone());
        match within(self.node.patience() / TOLD_PART, asking).await {
            None | Some(Err(Error::Node(NodeError::NotReady { .. }))) => self.prove(Some(ticket), keys).await,
            Some(proven) => proven,
        }
    }

    /// The block of the node's newest state, by its word; `None` where it does not say. A block that changed nothing has none of its own:
    /// nobody waits for the block after it, which a quiet desk does not make.
    pub(crate) async fn newest_state(&self) -> Option<u64> {
        let status = self.node.status().await.ok()?;
        u64::try_from(status.state_height).ok()
    }

    /// The administrators with their keys, as far as this home knows who they are: what is asked for before it is known that it is needed.
    pub(crate) fn administrators_ahead(&self) -> Vec<Vec<u8>> {
        let circle = self.pin().circle;
        let members =
            circle.members().iter().take(MEMBERS_AHEAD_MAX).map(|member| tree::keys(&member.address));
        std::iter::once(tree::ADMINISTRATORS.to_vec()).chain(members).collect()
    }

    /// What was proven, with those of these records that it lacks.
    pub(crate) async fn records_beside(&self, known: Option<&Proven>, keys: Vec<Vec<u8>>) -> Result<Proven> {
        let Some(known) = known else { return self.records(keys).await };
        let mut facts = known.clone();
        let missing: Vec<Vec<u8>> = keys.into_iter().filter(|key| !facts.covers(key)).collect();
        if !missing.is_empty() {
            facts.extend(self.records(missing).await?);
        }
        Ok(facts)
    }

    async fn prove_parts(&self, heard: u64, ticket: Option<TicketId>, keys: Vec<Vec<u8>>) -> Result<Proven> {
        let mut parts = sorted_parts(keys).into_iter();
        let mut proven = self.prove_newest(heard, ticket, parts.next().unwrap_or_default()).await?;
        for part in parts {
            proven.extend(self.prove_newest(heard, None, part).await?);
        }
        Ok(proven)
    }

    /// Proven records of a state that is not older than one that was proven, nor than the one that we heard of. That one the node is told
    /// to wait for; where we heard of none, the newest state that has a header will do, so that nobody waits for a block because others
    /// write.
    async fn prove_newest(
        &self,
        heard: u64,
        ticket: Option<TicketId>,
        state_keys: Vec<Vec<u8>>,
    ) -> Result<Proven> {
        let ticket_id = ticket.map(|id| id.to_string()).unwrap_or_default();
        let trusted_validators = self.pin().validators_hash.to_vec();
        let mut request =
            ProofRequest { ticket_id, state_keys, trusted_validators, ..ProofRequest::default() };
        let seen = self.pin().height;
        if heard > seen {
            request.at_least = wire_height(heard);
            let asking = self.prove_since(heard, &request);
            if let Some(proven) = within(self.node.patience() / TOLD_PART, asking).await {
                return proven;
            }
        }
        if heard > seen {
            // The header of a block that the node has may be slow to come; a block that it does not have is waited for no more.
            let there = self.node.status().await.map_or(0, |status| status.height);
            request.at_least = there.clamp(0, wire_height(heard));
        }
        self.prove_since(seen, &request).await
    }

    /// Asks until the state is not older than this.
    async fn prove_since(&self, height: u64, request: &ProofRequest) -> Result<Proven> {
        let ask = move || async move {
            let bytes = self.node.proof(request.clone()).await?;
            let (proven, seen) = Proven::verify(&bytes, &self.trust())?;
            // What is older than the pin must be older by its time, too. A history that contradicts what this home knows is refused
            // before anything of it is kept.
            if self.pin().advance(&seen)? {
                self.compare(&proven)?;
                self.saw(&seen)?;
                if proven.height() >= height {
                    return Ok(Shown::New(proven));
                }
            }
            Ok(Shown::Old(proven.height()))
        };
        new_enough(&self.node, height, ask).await
    }

    /// The parameters in force, proven.
    ///
    /// # Errors
    /// [`Error::Node`] and [`Error::Verify`].
    pub async fn params(&self) -> Result<Params> {
        Ok(self.records(vec![tree::PARAMS.to_vec()]).await?.params()?)
    }

    /// An account's role and state, proven.
    ///
    /// # Errors
    /// [`Error::Node`] and [`Error::Verify`].
    pub async fn member(&self, address: &Address) -> Result<Member> {
        Ok(self.records(vec![tree::member(address)]).await?.member(address)?)
    }

    /// Every key of an address, proven.
    ///
    /// # Errors
    /// [`Error::Node`] and [`Error::Verify`].
    pub async fn keys(&self, address: &Address) -> Result<Vec<RecipientKeyRecord>> {
        Ok(self.records(vec![tree::keys(address)]).await?.keys(address)?)
    }

    /// A ticket's proven head: all but its envelope and grants.
    ///
    /// # Errors
    /// [`Error::NoSuchTicket`] where that is proven, [`Error::Node`], [`Error::Verify`].
    pub async fn ticket(&self, id: TicketId) -> Result<SupportTicket> {
        let facts = self.records(vec![tree::ticket(id)]).await?;
        head(&facts, id)
    }

    /// People with their keys, in the order asked for. Whoever is sealed for, or granted to, comes from here: facts that are too old to
    /// seal by are refused.
    pub(crate) async fn people(&self, facts: &mut Proven, addresses: &[Address]) -> Result<Vec<Person>> {
        let people = self.people_shown(facts, addresses).await?;
        self.check_age(facts)?;
        Ok(people)
    }

    /// As [`Desk::people`], by facts of any age. Only for what is shown: nobody is sealed for or granted to by them.
    pub(crate) async fn people_shown(
        &self,
        facts: &mut Proven,
        addresses: &[Address],
    ) -> Result<Vec<Person>> {
        let missing: Vec<Vec<u8>> =
            addresses.iter().map(tree::keys).filter(|key| !facts.covers(key)).collect();
        if !missing.is_empty() {
            facts.extend(self.records(missing).await?);
        }
        let person = |address: &Address| {
            let listed = facts.keys(address)?;
            Ok(Person::verified(&self.chain, address, &listed))
        };
        addresses.iter().map(person).collect()
    }

    /// As [`Desk::people`], of one.
    pub(crate) async fn fresh_person(&self, address: &Address) -> Result<Person> {
        let mut facts = self.records(vec![tree::keys(address)]).await?;
        let found = self.people(&mut facts, std::slice::from_ref(address)).await?.pop();
        found.ok_or_else(|| VerifyError::Missing(format!("{address}'s keys")).into())
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

/// A ticket's head from facts that were asked for it.
pub(crate) fn head(facts: &Proven, id: TicketId) -> Result<SupportTicket> {
    let head = facts.ticket(id)?.ok_or(Error::NoSuchTicket(id))?;
    head.ticket.ok_or_else(|| VerifyError::Missing(format!("ticket {id}")).into())
}

/// A height as requests have it.
pub(crate) fn wire_height(height: u64) -> i64 {
    i64::try_from(height).unwrap_or(i64::MAX)
}

/// Cuts keys into what one request may name, ascending and none twice, as receipts hold them. At least one part.
fn sorted_parts(mut keys: Vec<Vec<u8>>) -> Vec<Vec<Vec<u8>>> {
    keys.sort_unstable();
    keys.dedup();
    keys.chunks(PROOF_KEYS_MAX).map(<[Vec<u8>]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tonic::transport::Channel;

    use super::*;

    fn not_ready(node: &Node<Channel>) -> Error {
        let (call, message) = ("Proof", "CometBFT does not run".to_owned());
        NodeError::NotReady { node: node.address().to_owned(), call, message }.into()
    }

    /// A call waits as long as the patience, from a moment after the one in which whoever asks began. A wait of the same length around it ends
    /// that moment earlier, and knows no reason.
    #[tokio::test(start_paused = true)]
    async fn a_node_that_has_no_proof_until_patience_ends_is_heard_out_on_why() {
        let channel = Channel::from_static("http://127.0.0.1:1").connect_lazy();
        let node = Node::over(channel, "http://127.0.0.1:1");
        let a_moment = Duration::from_millis(1);
        let ask = || async {
            sleep(node.patience() + a_moment).await;
            Err::<Shown<()>, Error>(not_ready(&node))
        };
        let error = new_enough(&node, 7, ask).await.unwrap_err();
        assert!(matches!(&error, Error::Node(NodeError::NotReady { .. })), "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_node_that_shows_old_states_alone_is_called_stale_once_patience_ends() {
        let channel = Channel::from_static("http://127.0.0.1:1").connect_lazy();
        let node = Node::over(channel, "http://127.0.0.1:1");
        let ask = || async { Ok(Shown::<()>::Old(3)) };
        let before = tokio::time::Instant::now();
        let error = new_enough(&node, 7, ask).await.unwrap_err();
        assert!(matches!(&error, Error::Verify(VerifyError::Stale { seen: 7, found: 3 })), "{error}");
        assert_eq!(before.elapsed().as_secs(), node.patience().as_secs());
    }
}
