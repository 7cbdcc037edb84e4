//! Who is on the staff: appointing, letting in, and what somebody leaves behind.

use std::collections::BTreeSet;
use std::future::Future;

use sealdesk_client::Error;
use sealdesk_client::messages::{GrantAllReport, Progress};
use sealdesk_client::node::Page;
use sealdesk_client::offboarding::Held;
use sealdesk_client::outcome::{Outcome, Tally, Vote};
use sealdesk_client::reassign::{ReassignProgress, Reassigned, Reassigning};
use sealdesk_client::roster::StaffMember;
use sealdesk_client::view::Idle;
use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::messages::AssignableRole;
use serde::Serialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::{Desk, Done, done};
use crate::error::{failed, of_client};
use crate::identity::Identity;
use crate::value::to_js;

#[derive(Serialize)]
struct Member {
    address: String,
    role: &'static str,
    state: &'static str,
    active_keys: usize,
    counts: bool,
    appointed_by: Option<String>,
    tickets: usize,
    former: bool,
    idle: Option<Idle>,
}

impl Member {
    fn of(member: &StaffMember) -> Self {
        let StaffMember { address, role, standing, counts, appointed_by, tickets, is_former } = member;
        Self {
            address: address.to_string(),
            role: role.name(),
            state: standing.member.state.name(),
            active_keys: standing.active_keys,
            counts: *counts,
            appointed_by: appointed_by.clone(),
            tickets: *tickets,
            former: *is_former,
            idle: standing.idle(),
        }
    }
}

#[derive(Serialize)]
struct Standing {
    role: Option<&'static str>,
    state: &'static str,
    in_circle: bool,
    active_keys: usize,
    /// Whether signatures say that they are on the staff.
    counts: bool,
}

/// A change of a role, and of an administrator's what became of the vote.
#[derive(Serialize)]
struct Voted {
    #[serde(flatten)]
    done: Done,
    vote_applied: Option<bool>,
    votes: Option<(usize, usize)>,
}

impl Voted {
    fn of(outcome: &Outcome) -> Self {
        let votes = match outcome.vote {
            Some(Vote::Open { tally }) => tally.map(|Tally { votes, members }| (votes, members)),
            Some(Vote::Decided) | None => None,
        };
        let vote_applied = outcome.vote.map(|vote| vote == Vote::Decided);
        Self { done: Done::of(outcome), vote_applied, votes }
    }
}

/// What was opened to somebody.
#[derive(Serialize)]
struct LetIn {
    tickets: usize,
    messages: usize,
    opens: usize,
    refused: Vec<(String, String)>,
    doubtful: usize,
    unproven: usize,
    stopped: Option<String>,
    whole: bool,
}

impl LetIn {
    fn of(report: GrantAllReport) -> Self {
        let GrantAllReport { refused, unproven, doubtful, access, stopped, .. } = report;
        let whole = access.is_whole() && refused.is_empty() && stopped.is_none() && unproven == 0;
        Self {
            tickets: access.tickets,
            messages: access.messages,
            opens: access.opens,
            refused: refused.into_iter().map(|(ticket, why)| (ticket.to_string(), why)).collect(),
            doubtful: doubtful.len(),
            unproven,
            stopped: stopped.map(|(_, error)| error.to_string()),
            whole,
        }
    }
}

#[derive(Serialize)]
struct Holding {
    assigned: Vec<String>,
    helps: Vec<String>,
    resolved: usize,
    is_last_administrator: bool,
    votes: usize,
    appointed: Vec<String>,
}

impl Holding {
    fn of(held: &Held) -> Self {
        Self {
            assigned: held.assigned.iter().map(|ticket| ticket.id.to_string()).collect(),
            helps: names(&held.helps),
            resolved: held.resolved.len(),
            is_last_administrator: held.is_last_administrator,
            votes: held.votes.len(),
            appointed: held.appointed.iter().map(Address::to_string).collect(),
        }
    }
}

#[derive(Serialize)]
struct PassedOn {
    passed: Vec<String>,
    helps: Vec<String>,
    failed: Vec<(String, String)>,
    left: Option<Vec<String>>,
    doubtful: usize,
    unproven: usize,
    stopped: Option<String>,
    whole: bool,
}

impl PassedOn {
    fn of(report: &Reassigned) -> Self {
        Self {
            passed: names(&report.passed),
            helps: names(&report.helps),
            failed: report.failed.iter().map(|(ticket, why)| (ticket.to_string(), why.clone())).collect(),
            left: report.left.as_deref().map(names),
            doubtful: report.doubtful.len(),
            unproven: report.unproven,
            stopped: report.stopped.as_ref().map(|(_, error)| error.to_string()),
            whole: report.is_whole() && report.unproven == 0,
        }
    }
}

fn names(tickets: &[TicketId]) -> Vec<String> {
    tickets.iter().map(TicketId::to_string).collect()
}

/// Most members of a role that are listed.
const MEMBERS_MAX: u32 = 100;

/// Tells a page how far something has come. What a page's own function throws is its own affair.
fn tell(progress: &js_sys::Function, done: usize, total: usize) {
    let number = |count: usize| JsValue::from(u32::try_from(count).unwrap_or(u32::MAX));
    let _ = progress.call2(&JsValue::NULL, &number(done), &number(total));
}

#[wasm_bindgen]
impl Desk {
    /// Who has a role, by the node's word, the first hundred. Whoever a ticket is given to is proven before anything is sealed for them.
    ///
    /// # Errors
    /// Where the node cannot be reached.
    #[wasm_bindgen(unchecked_return_type = "string[]")]
    pub async fn members(&self, role: String) -> Result<JsValue, JsValue> {
        let role = AssignableRole::named(&role).map_err(|refusal| failed(&refusal))?;
        let page = Page { limit: MEMBERS_MAX, ..Page::default() };
        let told = self.0.node().role_members(role, &page).await.map_err(|error| of_client(&error.into()))?;
        let addresses: Vec<String> = told.0.into_iter().map(|member| member.address).collect();
        to_js(&addresses)
    }

    /// The administrators, then the agents whom the node lists, each proven.
    ///
    /// # Errors
    /// Where the node cannot be reached or contradicts what is known.
    #[wasm_bindgen(unchecked_return_type = "import(\"../views.js\").StaffMember[]")]
    pub async fn roster(&self) -> Result<JsValue, JsValue> {
        let roster = self.0.roster().await.map_err(|error| of_client(&error))?;
        to_js(&roster.iter().map(Member::of).collect::<Vec<_>>())
    }

    /// What an account may do, proven.
    ///
    /// # Errors
    /// As [`Desk::roster`]; and where it is not an address.
    #[wasm_bindgen(unchecked_return_type = "import(\"../views.js\").Standing")]
    pub async fn standing(&self, address: String) -> Result<JsValue, JsValue> {
        let address = self.address(&address)?;
        let found = self.0.standing(&address).await.map_err(|error| of_client(&error))?;
        let counts = self.0.is_believed_staff(&address).await.map_err(|error| of_client(&error))?;
        to_js(&Standing {
            role: found.member.role.map(AssignableRole::name),
            state: found.member.state.name(),
            in_circle: found.in_circle,
            active_keys: found.active_keys,
            counts,
        })
    }

    /// Gives an account a role; for an administrator it is a vote, which may not decide yet.
    ///
    /// # Errors
    /// As [`Desk::create_ticket`].
    #[wasm_bindgen(js_name = assignRole, unchecked_return_type = "import(\"../views.js\").Voted")]
    pub async fn assign_role(
        &self,
        me: &Identity,
        address: String,
        role: String,
    ) -> Result<JsValue, JsValue> {
        let (address, role) = self.whose_role(&address, &role)?;
        voted(self.0.assign_role(me.actor(), &address, role)).await
    }

    /// Takes a role from an account; an administrator's by a vote.
    ///
    /// # Errors
    /// As [`Desk::create_ticket`].
    #[wasm_bindgen(js_name = revokeRole, unchecked_return_type = "import(\"../views.js\").Voted")]
    pub async fn revoke_role(
        &self,
        me: &Identity,
        address: String,
        role: String,
    ) -> Result<JsValue, JsValue> {
        let (address, role) = self.whose_role(&address, &role)?;
        voted(self.0.revoke_role(me.actor(), &address, role)).await
    }

    /// Suspends, restores or ends an account. The reason is public.
    ///
    /// # Errors
    /// As [`Desk::create_ticket`].
    #[wasm_bindgen(js_name = setAccountState, unchecked_return_type = "import(\"../views.js\").Done")]
    pub async fn set_account_state(
        &self,
        me: &Identity,
        address: String,
        state: String,
        reason: String,
    ) -> Result<JsValue, JsValue> {
        let address = self.address(&address)?;
        let state = AccountState::parse(&state)
            .ok_or_else(|| failed(&"an account is active, suspended or terminated"))?;
        done(self.0.set_account_state(me.actor(), &address, state, &reason).await)
    }

    /// Opens to somebody on the staff what they may have by their role: all tickets to an administrator, to an agent those that nobody has,
    /// where the queue is open. Null where nothing is to be opened. `progress` hears how many of how many tickets were gone through.
    ///
    /// # Errors
    /// As [`Desk::create_ticket`]. What was granted until then stays, and doing it again goes on.
    #[wasm_bindgen(js_name = letIn, unchecked_return_type = "import(\"../views.js\").LetIn | null")]
    pub async fn let_in(
        &self,
        me: &Identity,
        address: String,
        role: String,
        progress: js_sys::Function,
    ) -> Result<JsValue, JsValue> {
        self.check_agreed()?;
        let (address, role) = (self.address(&address)?, role_of(&role)?);
        let mut told = |at: &Progress| tell(&progress, at.done, at.total);
        let report = match role {
            AssignableRole::Administrator => {
                self.0.grant_all(me.actor(), &address, None, &mut told).await.map(Some)
            }
            _ => self.0.let_in_to_queue(me.actor(), &address, &mut told).await,
        };
        to_js(&report.map_err(|error| of_client(&error))?.map(LetIn::of))
    }

    /// The staff's documents of which somebody is no reader, by name, as the ledger proves it.
    ///
    /// # Errors
    /// As [`Desk::roster`].
    #[wasm_bindgen(js_name = staffDocumentsWithout)]
    pub async fn staff_documents_without(&self, address: String) -> Result<Vec<String>, JsValue> {
        let address = self.address(&address)?;
        let without = self.0.staff_documents_without(&address).await.map_err(|error| of_client(&error))?;
        Ok(without.iter().map(|place| place.name.to_string()).collect())
    }

    /// What somebody holds who leaves.
    ///
    /// # Errors
    /// As [`Desk::roster`].
    #[wasm_bindgen(unchecked_return_type = "import(\"../views.js\").Holding")]
    pub async fn held(&self, address: String) -> Result<JsValue, JsValue> {
        let held = self.0.held(&self.address(&address)?).await.map_err(|error| of_client(&error))?;
        to_js(&Holding::of(&held))
    }

    /// Passes on everything that somebody has in work, and lets the new person in.
    ///
    /// # Errors
    /// As [`Desk::create_ticket`], before anything was done; what comes later stands in what is returned.
    #[wasm_bindgen(unchecked_return_type = "import(\"../views.js\").PassedOn")]
    pub async fn reassign(
        &self,
        me: &Identity,
        from: String,
        to: String,
        progress: js_sys::Function,
    ) -> Result<JsValue, JsValue> {
        self.check_agreed()?;
        let (from, to) = (self.address(&from)?, self.address(&to)?);
        let reassigning = Reassigning { from: &from, to: &to, only: &BTreeSet::new() };
        let mut told = |at: ReassignProgress| tell(&progress, at.done, at.total);
        let report = self.0.reassign(me.actor(), reassigning, &mut told).await;
        to_js(&PassedOn::of(&report.map_err(|error| of_client(&error))?))
    }

    /// Lets those of these accounts in anew whom no grant that counts lets into what they work on or own. Tells of how many tickets it was, of
    /// which it could not be, and who else is let in by nobody.
    ///
    /// # Errors
    /// As [`Desk::create_ticket`].
    #[wasm_bindgen(js_name = renewGrants, unchecked_return_type = "import(\"../views.js\").RenewedGrants")]
    pub async fn renew_grants(&self, me: &Identity, keep: Vec<String>) -> Result<JsValue, JsValue> {
        self.check_agreed()?;
        let ended = self.0.ended_grants().await.map_err(|error| of_client(&error))?;
        let (mut renewed, mut failures, mut not_kept) = (0_usize, Vec::new(), Vec::new());
        for one in ended {
            let ticket = one.ticket.to_string();
            if !keep.contains(&one.assignee) {
                not_kept.push((ticket, one.assignee));
                continue;
            }
            match self.0.renew_grant(me.actor(), one).await {
                Ok(done) if done.granted.access.as_ref().is_some_and(|access| access.later) => renewed += 1,
                Ok(_) => failures.push((ticket, "not everything of it could be opened".to_owned())),
                Err(error) => failures.push((ticket, error.to_string())),
            }
        }
        to_js(&RenewedGrants { renewed, failed: failures, not_kept })
    }

    /// Whose role of which one is changed, at a desk whose words were compared.
    fn whose_role(&self, address: &str, role: &str) -> Result<(Address, AssignableRole), JsValue> {
        self.check_agreed()?;
        Ok((self.address(address)?, role_of(role)?))
    }

    pub(super) fn address(&self, text: &str) -> Result<Address, JsValue> {
        Address::parse(self.0.prefix(), text.trim()).map_err(|error| failed(&error))
    }
}

#[derive(Serialize)]
struct RenewedGrants {
    renewed: usize,
    failed: Vec<(String, String)>,
    /// Tickets, and who is let into them by nobody by now.
    not_kept: Vec<(String, String)>,
}

async fn voted(work: impl Future<Output = Result<Outcome, Error>>) -> Result<JsValue, JsValue> {
    to_js(&Voted::of(&work.await.map_err(|error| of_client(&error))?))
}

fn role_of(name: &str) -> Result<AssignableRole, JsValue> {
    AssignableRole::named(name).map_err(|refusal| failed(&refusal))
}
