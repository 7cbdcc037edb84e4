//! Who may do what: the one permission table. docs/permissions.md is generated from it.

use sealdesk_protocol::document::ShelfKind;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::messages::{AssignRole, AssignableRole, Message, PutDocument, RevokeRole};
use sealdesk_protocol::named_values;
use sealdesk_protocol::params::Params;
use sealdesk_protocol::ticket::{Action, Ticket};

use crate::errors::Fatal;
use crate::state::{Member, StateView};

named_values! {
    /// Who acts, as the table knows them, with its column's title. A ticket's customer keeps their rights on it when they have
    /// become staff.
    pub(crate) enum Actor {
        /// An account that is suspended or terminated, whatever its role.
        Inactive = "account not active",
        /// The ticket's customer.
        TicketCustomer = "the ticket's customer",
        /// The ticket's customer, a support agent by now.
        TicketCustomerNowAgent = "the ticket's customer, now agent",
        /// The ticket's customer, an administrator by now.
        TicketCustomerNowAdministrator = "the ticket's customer, now administrator",
        /// A customer, and not this ticket's.
        Customer = "another customer",
        /// The same, not on the list of a desk that lists its customers.
        UnlistedCustomer = "unlisted customer, where customers are listed",
        /// A support agent to whom this ticket is assigned, or who works on it beside them.
        Assignee = "the assignee, or a collaborator",
        /// An agent whom the circle appointed, and a ticket of others, where the parameter `open_queue` is true.
        QueueAgent = "an appointed agent, where the queue is open",
        /// Any other support agent.
        Agent = "another agent",
        /// A program that takes mail.
        Gateway = "gateway",
        /// An administrator, whether this ticket is assigned to them or not.
        Administrator = "administrator",
    }
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Act {
    /// Create a ticket.
    Create,
    /// Tell a ticket from another system.
    Import,
    /// Act on a ticket that exists.
    On(Action),
    /// Give or take the role `customer`.
    ListCustomers,
    /// Give or take another role.
    ManageRoles,
    /// Set another account's state.
    SetAccountState,
    /// Change the parameters.
    UpdateParams,
    /// Write or remove an own document.
    PutOwnDocument,
    /// Write or remove a document for the staff.
    PutStaffDocument,
    /// The same of one whose name begins with `admin.`.
    PutAdministratorsDocument,
    /// Write or remove a public document.
    PutPublicDocument,
    /// Vote for a validator.
    ProposeValidator,
    /// Vote that this ledger continues another.
    ContinueLedger,
    /// Register an own key.
    RegisterKey,
    /// Revoke an own key.
    RevokeOwnKey,
    /// Revoke the key of somebody who is or was staff, and is not in the circle.
    RevokeStaffKey,
}

/// The permission table.
pub(crate) fn may(actor: Actor, act: Act) -> bool {
    use Act::{Create, ListCustomers, On, PutOwnDocument, PutStaffDocument, RegisterKey, RevokeOwnKey};
    use Action as A;
    use Actor as W;
    match (actor, act) {
        (W::Inactive, _) => false,
        (_, RegisterKey | RevokeOwnKey | PutOwnDocument) => true,
        (W::Agent | W::Assignee | W::QueueAgent | W::TicketCustomerNowAgent, PutStaffDocument) => true,
        (W::Gateway, ListCustomers) => true,
        (W::Customer | W::TicketCustomer, Create) => true,
        (_, Create) => false,
        // Staff never rate, not even what they wrote as customers.
        (W::TicketCustomer, On(A::Rate)) => true,
        (_, On(A::Rate)) => false,
        // What they opened stays theirs to read, respond to, close and reopen; notes on it are kept from them.
        (
            W::TicketCustomer | W::TicketCustomerNowAgent | W::TicketCustomerNowAdministrator,
            On(A::RespondAsCustomer | A::Close | A::Reopen | A::Grant),
        ) => true,
        (W::TicketCustomerNowAdministrator, On(A::RespondAsStaff | A::Note | A::Link)) => false,
        (
            W::Assignee,
            On(
                A::StartWork
                | A::AwaitCustomer
                | A::RespondAsStaff
                | A::Note
                | A::SetPriority
                | A::Resolve
                | A::Snooze
                | A::Link,
            ),
        ) => true,
        (W::QueueAgent, On(A::Take)) => true,
        (W::Administrator, On(A::RespondAsCustomer)) => false,
        (W::Administrator | W::TicketCustomerNowAdministrator, _) => true,
        (
            W::TicketCustomer
            | W::TicketCustomerNowAgent
            | W::Customer
            | W::UnlistedCustomer
            | W::Assignee
            | W::Agent
            | W::QueueAgent
            | W::Gateway,
            _,
        ) => false,
    }
}

impl Actor {
    /// Who a member is to the desk as a whole.
    pub(crate) fn of_member(member: &Member, params: &Params) -> Self {
        match (member.is_active(), member.role) {
            (false, _) => Self::Inactive,
            (true, Some(AssignableRole::Administrator)) => Self::Administrator,
            (true, Some(AssignableRole::SupportAgent)) => Self::Agent,
            (true, Some(AssignableRole::Customer)) => Self::Customer,
            (true, Some(AssignableRole::Gateway)) => Self::Gateway,
            (true, None) if params.listed_customers => Self::UnlistedCustomer,
            (true, None) => Self::Customer,
        }
    }

    /// Who a member is to a ticket. An assignee who has lost the role is not one any more.
    pub(crate) fn on_ticket(address: &Address, member: &Member, ticket: &Ticket) -> Self {
        let own = ticket.customer == *address;
        match (member.is_active(), own, member.staff_role()) {
            (false, _, _) => Self::Inactive,
            (true, true, Some(AssignableRole::Administrator)) => Self::TicketCustomerNowAdministrator,
            (true, true, Some(_)) => Self::TicketCustomerNowAgent,
            (true, true, None) => Self::TicketCustomer,
            (true, false, Some(AssignableRole::Administrator)) => Self::Administrator,
            (true, false, Some(_)) if ticket.is_worked_on_by(address) => Self::Assignee,
            (true, false, Some(_)) => Self::Agent,
            (true, false, None) => Self::Customer,
        }
    }

    /// Who a member could be to a ticket that exists or may exist by the next block, whichever it is.
    fn on_any_ticket(member: &Member) -> &'static [Self] {
        match (member.is_active(), member.staff_role()) {
            (false, _) => &[Self::Inactive],
            (true, Some(AssignableRole::Administrator)) => {
                &[Self::Administrator, Self::TicketCustomerNowAdministrator]
            }
            (true, Some(_)) => &[Self::Agent, Self::Assignee, Self::QueueAgent, Self::TicketCustomerNowAgent],
            (true, None) => &[Self::Customer, Self::TicketCustomer],
        }
    }

    /// Whether they are in the circle.
    pub(crate) fn is_administrator(self) -> bool {
        matches!(self, Self::Administrator | Self::TicketCustomerNowAdministrator)
    }

    /// Whether they respond as the ticket's customer, and not as staff.
    pub(crate) fn is_ticket_customer(self) -> bool {
        matches!(
            self,
            Self::TicketCustomer | Self::TicketCustomerNowAgent | Self::TicketCustomerNowAdministrator
        )
    }
}

impl Act {
    /// What a message does, as far as that does not depend on what the state says of its ticket or its key.
    fn of(message: &Message) -> Option<Self> {
        Some(match message {
            Message::CreateTicket(_) => Self::Create,
            Message::ImportTicket(_) => Self::Import,
            Message::AssignTicket(message) if message.takes() => Self::On(Action::Take),
            Message::AssignTicket(_) => Self::On(Action::Assign),
            Message::UpdateTicketStatus(message) => Self::On(message.status.action()),
            Message::UpdateTicketPriority(_) => Self::On(Action::SetPriority),
            Message::ResolveTicket(_) => Self::On(Action::Resolve),
            Message::CloseTicket(_) => Self::On(Action::Close),
            Message::ReopenTicket(_) => Self::On(Action::Reopen),
            Message::GrantAccess(_) => Self::On(Action::Grant),
            Message::TransferTicket(_) => Self::On(Action::Transfer),
            Message::RateTicket(_) => Self::On(Action::Rate),
            Message::LinkTickets(_) => Self::On(Action::Link),
            Message::SnoozeTicket(_) => Self::On(Action::Snooze),
            Message::AssignRole(AssignRole { role, .. }) | Message::RevokeRole(RevokeRole { role, .. }) => {
                Self::of_role(*role)
            }
            Message::SetAccountState(_) => Self::SetAccountState,
            Message::UpdateParams(_) => Self::UpdateParams,
            Message::PutDocument(message) => Self::of_document(message),
            Message::ProposeValidator(_) => Self::ProposeValidator,
            Message::ContinueLedger(_) => Self::ContinueLedger,
            Message::RegisterKey(_) => Self::RegisterKey,
            Message::RespondToTicket(_) | Message::RevokeKey(_) => return None,
        })
    }

    /// What giving or taking a role is.
    pub(crate) fn of_role(role: AssignableRole) -> Self {
        match role {
            AssignableRole::Customer => Self::ListCustomers,
            AssignableRole::Administrator | AssignableRole::SupportAgent | AssignableRole::Gateway => {
                Self::ManageRoles
            }
        }
    }

    /// What writing or removing a document is.
    pub(crate) fn of_document(message: &PutDocument) -> Self {
        match message.place.shelf.kind() {
            ShelfKind::Own => Self::PutOwnDocument,
            ShelfKind::Staff if message.place.name.is_for_administrators() => Self::PutAdministratorsDocument,
            ShelfKind::Staff => Self::PutStaffDocument,
            ShelfKind::Public => Self::PutPublicDocument,
        }
    }

    fn all() -> Vec<Self> {
        let mut all = vec![Self::Create, Self::Import];
        all.extend(Action::ALL.map(Self::On));
        all.extend([
            Self::ListCustomers,
            Self::ManageRoles,
            Self::SetAccountState,
            Self::UpdateParams,
            Self::PutOwnDocument,
            Self::PutStaffDocument,
            Self::PutAdministratorsDocument,
            Self::PutPublicDocument,
            Self::ProposeValidator,
            Self::ContinueLedger,
            Self::RegisterKey,
            Self::RevokeOwnKey,
            Self::RevokeStaffKey,
        ]);
        all
    }

    /// The action in words, as refusals and the table name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Create => "create-ticket",
            Self::Import => "import-ticket",
            Self::On(action) => action.name(),
            Self::ListCustomers => "list a customer, or take one off the list",
            Self::ManageRoles => "assign or revoke another role",
            Self::SetAccountState => "set an account's state",
            Self::UpdateParams => "update-params",
            Self::PutOwnDocument => "write an own document",
            Self::PutStaffDocument => "write a document for the staff",
            Self::PutAdministratorsDocument => "write a document for the staff named admin.…",
            Self::PutPublicDocument => "write a public document",
            Self::ProposeValidator => "propose a validator",
            Self::ContinueLedger => "vote to continue another ledger",
            Self::RegisterKey => "register an own key",
            Self::RevokeOwnKey => "revoke an own key",
            Self::RevokeStaffKey => "revoke the key of somebody who is or was staff",
        }
    }
}

impl Act {
    /// The act as it stands behind "may" in a sentence of a refusal.
    pub(crate) fn phrase(self) -> &'static str {
        match self {
            Self::Create => "write tickets at this desk",
            Self::On(action) => action.phrase(),
            Self::UpdateParams => "change the desk's limits",
            other => other.name(),
        }
    }
}

/// What the table allows this member on no ticket and under no block that could come next: as they are now, it is refused. `None` where
/// it depends on more than who they are.
pub(crate) fn never_may(member: &Member, params: &Params, message: &Message) -> Option<Act> {
    let act = Act::of(message)?;
    let desk = [Actor::of_member(member, params)];
    let actors = if let Act::On(_) = act { Actor::on_any_ticket(member) } else { &desk[..] };
    let refused = !actors.iter().any(|actor| may(*actor, act));
    refused.then_some(act)
}

/// An action, and who may do it, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// What is done.
    pub action: &'static str,
    /// Who may, as far as it does not depend on the ticket's state, a limit or an envelope.
    pub allowed: Vec<&'static str>,
}

/// The whole table.
pub fn permissions() -> Vec<Permission> {
    let allowed = |act| Actor::ALL.into_iter().filter(move |actor| may(*actor, act)).map(Actor::name);
    Act::all()
        .into_iter()
        .map(|act| Permission { action: act.name(), allowed: allowed(act).collect() })
        .collect()
}

/// The table as docs/permissions.md shows it: a row for each action, a column for each actor.
pub fn permissions_table() -> String {
    let cells = |cells: Vec<&str>| format!("| {} |\n", cells.join(" | "));
    let mut heading = vec!["action"];
    heading.extend(Actor::ALL.map(Actor::name));
    let mut table = cells(heading);
    table.push_str(&format!("|---{}|\n", "|---".repeat(Actor::ALL.len())));
    for Permission { action, allowed } in permissions() {
        let mut row = vec![action];
        row.extend(Actor::ALL.map(|actor| if allowed.contains(&actor.name()) { "yes" } else { "–" }));
        table.push_str(&cells(row));
    }
    table
}

/// Who an address is to a ticket.
pub(crate) fn actor_on_ticket(
    view: &StateView<'_>,
    address: &Address,
    ticket: &Ticket,
) -> Result<Actor, Fatal> {
    Ok(Actor::on_ticket(address, &view.member(address)?, ticket))
}
