//! For whom something is sealed: nobody on the node's word alone.
//!
//! Stacks gives no proofs that this program could check, but every transaction is signed by an account. So a key counts here only if its
//! owner's account signed its registration, an administrator only if the accounts of those before them signed their appointment, back to
//! the deployer, whom the contract's own name says, and an assignee only if such an administrator's account signed the assignment.

use std::collections::{BTreeMap, BTreeSet};

use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::keys::EncryptionKey;
use sealdesk_stacks::contract::{Request, Ticket};
use sealdesk_stacks::principal::Principal;
use sealdesk_stacks::transaction::{Payload, Transaction, TxId};

use super::Desk;
use super::directory::{History, Person};
use super::error::{Error, Result};
use super::memory::Agreed;
use super::net::Http;
use super::read::wrote_it;
use crate::trust::Age;

/// Most seconds by which the newest block may be older than the clock of whoever seals. Blocks follow Bitcoin's, between which more than
/// an hour is nothing unusual, and a chain that nobody uses makes no others.
pub const AGE_SECONDS_MAX: i64 = 7_200;
/// Most seconds by which it may be ahead of that clock: signers take no block from the future.
pub const AHEAD_SECONDS_MAX: i64 = 300;

/// A call that makes somebody an administrator, or lets them become the owner, who makes administrators.
#[derive(Debug, Clone)]
pub(super) struct Appointment {
    pub(super) whom: Principal,
    pub(super) by: Principal,
    pub(super) call: Request,
    pub(super) txid: TxId,
}

/// A call that gave a ticket to somebody.
#[derive(Debug, Clone)]
pub(super) struct Assignment {
    pub(super) ticket: u64,
    pub(super) agent: Principal,
    pub(super) by: Principal,
    pub(super) txid: TxId,
}

/// Somebody who reads, and why they do.
#[derive(Debug)]
struct Reader {
    person: Person,
    why: String,
}

/// Readers, and who is none although the node names them.
#[derive(Debug, Default)]
pub(super) struct Audience {
    people: Vec<Reader>,
    /// The administrators that count.
    administrators: BTreeSet<Principal>,
    /// Lines for whoever writes.
    pub(super) notes: Vec<String>,
}

impl Audience {
    /// Their keys, everyone's newest first.
    pub(super) fn keys(&self) -> Vec<Vec<EncryptionKey>> {
        self.people.iter().map(|reader| reader.person.active()).collect()
    }

    /// Whether nobody of them can read anything.
    pub(super) fn is_empty(&self) -> bool {
        self.people.iter().all(|reader| reader.person.active().is_empty())
    }

    /// What is to be remembered when the writer agrees; they themselves are no reader who could be new.
    pub(super) fn agreed(self, me: &Principal) -> Agreed {
        let people = self.people.into_iter().map(|reader| reader.person);
        let readers = people.filter(|person| person.who != *me && !person.active().is_empty());
        let readers = readers.map(|person| person.who).collect();
        Agreed { readers, administrators: Some(self.administrators) }
    }

    fn add(&mut self, person: Person, why: String) {
        if person.active().is_empty() && person.has_unsigned_key() {
            self.notes.push(format!(
                "left out: {}: only the node says that their key is theirs; it shows no transaction by which their account registered it",
                person.who
            ));
        }
        self.people.push(Reader { person, why });
    }

    fn leave_out(&mut self, who: &Principal, why: &str) {
        self.notes.push(format!("left out: {who}, {why}"));
    }
}

impl<H: Http> Desk<H> {
    /// The same desk, which judges by this clock how old a state is.
    #[must_use]
    pub fn with_age(self, age: Age) -> Self {
        Self { age, ..self }
    }

    /// Refuses to seal by what a node says that has stopped, or that is far from this clock.
    ///
    /// # Errors
    /// [`Error::Age`], and what asking says.
    pub(super) async fn expect_fresh(&self) -> Result<()> {
        let block = self.node().newest_block().await?;
        let (off, tolerance) = (self.age.off(block.time), i64::from(self.age.tolerance));
        let max = if off < 0 { AHEAD_SECONDS_MAX } else { AGE_SECONDS_MAX };
        if off.saturating_abs() > max.saturating_add(tolerance) {
            return Err(Error::Age { height: block.height, off, max: max.saturating_add(tolerance) });
        }
        Ok(())
    }

    /// The administrators for whom something may be sealed; all but `except`.
    pub(super) async fn appointed(
        &self,
        history: &History,
        except: Option<&Principal>,
    ) -> Result<(Audience, BTreeSet<Principal>)> {
        let deployer = Principal::from(self.contract().deployer);
        let mut appointed = BTreeMap::from([(deployer, None)]);
        // The oldest first: whoever appoints somebody was appointed before.
        for Appointment { whom, by, call, txid } in &history.appointments {
            if appointed.contains_key(by)
                && !appointed.contains_key(whom)
                && self.signed(*txid, by, call).await?
            {
                appointed.insert(whom.clone(), Some(by));
            }
        }
        let (mut audience, administrators) = (Audience::default(), self.administrators(history).await?);
        let known =
            administrators.iter().map(|person| person.who.clone()).filter(|who| appointed.contains_key(who));
        audience.administrators = known.collect();
        for missing in self.missing_administrators(&audience.administrators) {
            audience.notes.push(format!(
                "left out: {missing}, an administrator when this home last wrote here, and none any more by the node's word"
            ));
        }
        for person in administrators {
            if Some(&person.who) == except {
                continue;
            }
            if let Some(by) = appointed.get(&person.who) {
                let why = by.map_or_else(
                    || "who deployed the contract".to_owned(),
                    |by| format!("administrator, by {by}"),
                );
                audience.add(person, why);
            } else {
                audience.leave_out(
                    &person.who,
                    "whom the node calls an administrator: it shows no transaction by which an administrator or owner made them one",
                );
            }
        }
        Ok((audience, appointed.into_keys().collect()))
    }

    /// Leaves a line for everyone but the writer for whom this home never sealed before.
    pub(super) fn name_new_readers(&self, audience: &mut Audience, me: &Principal) {
        for Reader { person, why } in &audience.people {
            if person.who != *me && !person.active().is_empty() && self.is_new_reader(&person.who) {
                audience.notes.push(format!("new reader: {}, {why}", person.who));
            }
        }
    }

    /// For whom an answer or a note in a ticket is sealed, beside its writer.
    pub(super) async fn audience_of(
        &self,
        id: TicketId,
        head: &Ticket,
        internal: bool,
        history: &History,
    ) -> Result<Audience> {
        // A note is kept from the ticket's customer even where they are staff by now.
        let outsider = internal.then_some(&head.owner);
        let (mut audience, appointed) = self.appointed(history, outsider).await?;
        if let Some(agent) = head.assignee.as_ref().filter(|agent| Some(*agent) != outsider) {
            let assignments = history.assignments.iter().rev();
            let mut named = assignments.filter(|one| one.ticket == id.number() && one.agent == *agent);
            let signed_by = match named.next() {
                Some(Assignment { by, txid, .. }) if appointed.contains(by) => {
                    let call = Request::AssignTicket { ticket: id.number(), agent: agent.clone() };
                    self.signed(*txid, by, &call).await?.then_some(by)
                }
                _ => None,
            };
            match signed_by {
                Some(by) => audience.add(self.person(agent, history).await?, format!("to whom {id} is assigned, by {by}")),
                None => audience.leave_out(
                    agent,
                    &format!("to whom {id} is assigned by the node's word: it shows no transaction by which an administrator did that"),
                ),
            }
        }
        let customer = self.person(&head.owner, history).await?;
        let wrote_it = wrote_it(self, id, head, &customer).await?;
        if wrote_it {
            self.remember_ticket(id, head)?;
        }
        if !internal {
            match wrote_it {
                true => audience.add(customer, format!("who wrote {id}")),
                false => audience.leave_out(
                    &head.owner,
                    &format!("called the customer of {id} by the node: none of their keys signed its text"),
                ),
            }
        }
        Ok(audience)
    }

    /// Whether a transaction is this call of the contract, signed by this account. A contract wallet calls through a contract of its own;
    /// no signature says for whom.
    pub(super) async fn signed(&self, id: TxId, by: &Principal, call: &Request) -> Result<bool> {
        let (Principal::Standard(address), Some(bytes)) = (by, self.node().transaction(id).await?) else {
            return Ok(false);
        };
        let transaction = Transaction::decode(&bytes).ok().and_then(|transaction| transaction.verify().ok());
        let call = Payload::Call(call.to_call(self.contract())?);
        Ok(transaction.is_some_and(|transaction| {
            let terms = transaction.terms();
            terms.origin == *address && terms.network == self.network() && terms.payload == call
        }))
    }
}
