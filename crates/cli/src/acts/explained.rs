//! A refusal in the words of what it is about: which ticket, who has it, and what to do instead. The ledger's text names an address and an
//! act; here the ticket's proven record and the member's role say why. Where they cannot be had, the ledger's text stays.

use sealdesk_client::desk::Desk;
use sealdesk_client::verify::Member;
use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::ticket::Status;
use sealdesk_protocol::wire::virtengine::support::v1::SupportTicket;
use tonic::transport::Channel;

use crate::args::Ledger;
use crate::context::Context;
use crate::failure::Failure;
use crate::staff::with_article;

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    Assign,
    Take,
    Reply,
    Note,
    StartWork,
    AwaitCustomer,
    SetPriority,
    Resolve,
    Close,
    Reopen,
}

impl Asked {
    /// As it stands behind "can".
    fn phrase(self) -> &'static str {
        match self {
            Self::Assign => "assign it",
            Self::Take => "take it",
            Self::Reply => "reply to it",
            Self::Note => "leave notes in it",
            Self::StartWork | Self::AwaitCustomer => "say where it stands",
            Self::SetPriority => "change its priority",
            Self::Resolve => "resolve it",
            Self::Close => "close it",
            Self::Reopen => "reopen it",
        }
    }
}

/// Codes of the support module that a ticket's record explains.
mod code {
    pub(super) const INVALID_STATUS: u32 = 4;
    pub(super) const UNAUTHORIZED: u32 = 7;
    pub(super) const CLOSED: u32 = 8;
    pub(super) const NOT_ASSIGNED: u32 = 9;
    pub(super) const ALREADY_ASSIGNED: u32 = 10;
    pub(super) const RATE_LIMIT: u32 = 12;
    pub(super) const RESOLVED: u32 = 15;
    pub(super) const CANNOT_REOPEN: u32 = 16;
}

/// Words for a refusal: why, and what to do.
type Words = (String, String);

/// Explains refusals to whoever acts.
pub(crate) struct Explaining<'a> {
    context: &'a Context,
    desk: &'a Desk<Channel>,
    me: Address,
    /// To whom a ticket was to go, and who was to help.
    assignees: Vec<Address>,
}

impl<'a> Explaining<'a> {
    pub(crate) fn new(context: &'a Context, desk: &'a Desk<Channel>, me: Address) -> Self {
        Self { context, desk, me, assignees: Vec::new() }
    }

    /// The same, of a ticket that was to go to these.
    pub(crate) fn assigning(self, assignees: Vec<Address>) -> Self {
        Self { assignees, ..self }
    }

    /// The same refusal, explained as far as the ledger's records explain it.
    pub(crate) async fn refusal(&self, asked: Asked, ticket: TicketId, failure: Failure) -> Failure {
        let Some(code) = support_code(&failure) else { return failure };
        let Ok(record) = self.desk.ticket(ticket).await else { return failure };
        let words = match code {
            code::UNAUTHORIZED => match self.desk.member(&self.me).await {
                Ok(member) if asked == Asked::Assign && is_administrator(&member) => {
                    self.not_staff().await.or_else(|| self.not_theirs(asked, ticket, &record, &member))
                }
                Ok(member)
                    if asked == Asked::Take && is_of_staff(&member) && record.assigned_to.is_empty() =>
                {
                    self.not_from_queue(ticket, &record, &member).await
                }
                Ok(member) => self.not_theirs(asked, ticket, &record, &member),
                Err(_) => None,
            },
            code::RATE_LIMIT if asked == Asked::Reopen => not_yet(ticket, &failure.to_string()),
            code => self.not_now(asked, code, ticket, &record),
        };
        reworded(failure, words)
    }

    /// The same of a new ticket.
    pub(crate) async fn refusal_of_new(&self, failure: Failure) -> Failure {
        if support_code(&failure) != Some(code::UNAUTHORIZED) {
            return failure;
        }
        let Ok(member) = self.desk.member(&self.me).await else { return failure };
        let me = self.context.name_of(self.me.as_str());
        let words = inactive(&member, &me).unwrap_or_else(|| match member.role {
            Some(AssignableRole::Customer) | None => (
                "this desk takes tickets from listed customers only".to_owned(),
                format!(
                    "ask its administrator to list you: `sealdesk tx roles assign-role {} customer`",
                    self.me
                ),
            ),
            Some(role) => (
                format!("only customers write tickets, and {me} is {}", with_article(role)),
                "use a key without a role: `sealdesk keys add NAME` makes one, --from NAME acts with it"
                    .to_owned(),
            ),
        });
        reworded(failure, Some(words))
    }

    /// Of those to whom a ticket was to go, the first who cannot have it.
    async fn not_staff(&self) -> Option<Words> {
        for (place, address) in self.assignees.iter().enumerate() {
            let member = self.desk.member(address).await.ok()?;
            let who = self.context.name_of(address.as_str());
            match member.role {
                _ if is_of_staff(&member) && member.state != AccountState::Active => {
                    let (text, _) = inactive(&member, &who)?;
                    return Some((
                        text,
                        format!("`sealdesk tx roles set-account-state {who} active` ends that"),
                    ));
                }
                Some(AssignableRole::SupportAgent) => {}
                Some(AssignableRole::Administrator) if place == 0 => {}
                Some(AssignableRole::Administrator) => {
                    return Some((
                        format!("{who} is an administrator, and collaborators are support agents"),
                        "leave them out: administrators read every ticket, and work on any".to_owned(),
                    ));
                }
                _ => {
                    return Some((
                        format!("{who} is not on the staff, so no ticket can be assigned to them"),
                        format!("`sealdesk staff add NAME {who}` makes them a support agent, called NAME"),
                    ));
                }
            }
        }
        None
    }

    /// An agent, and a ticket that nobody has.
    async fn not_from_queue(&self, id: TicketId, ticket: &SupportTicket, member: &Member) -> Option<Words> {
        let me = self.context.name_of(self.me.as_str());
        if inactive(member, &me).is_some() || ticket.customer_address == self.me.as_str() {
            return self.not_theirs(Asked::Take, id, ticket, member);
        }
        let number = id.number();
        let is_open = self.desk.params().await.ok()?.open_queue;
        let assigns = format!("an administrator assigns: `sealdesk assign {number} {me}`");
        Some(match is_open {
            false => (format!("the queue of this desk is closed, so nobody can take {id} from it"), assigns),
            true => (
                format!("{me} was not appointed by a current administrator, so {me} cannot take tickets"),
                format!(
                    "an administrator appoints them again: `sealdesk tx roles assign-role {me} support_agent`"
                ),
            ),
        })
    }

    /// Who asked, and whose it is. `None` where the ledger's words say it.
    fn not_theirs(
        &self,
        asked: Asked,
        id: TicketId,
        ticket: &SupportTicket,
        member: &Member,
    ) -> Option<Words> {
        let me = self.context.name_of(self.me.as_str());
        if let Some(words) = inactive(member, &me) {
            return Some(words);
        }
        let is_own = ticket.customer_address == self.me.as_str();
        let works = ticket.assigned_to == self.me.as_str()
            || ticket.collaborators.iter().any(|one| one == self.me.as_str());
        let (can, number) = (asked.phrase(), id.number());
        Some(match member.role {
            Some(AssignableRole::SupportAgent) if !is_own && !works => self.of_colleague(asked, id, ticket),
            Some(AssignableRole::SupportAgent | AssignableRole::Administrator) if is_own => (
                format!(
                    "{id} is your own ticket, from before you were staff: you reply to it as its customer"
                ),
                format!("reply with `sealdesk reply {number}`; a colleague does the rest"),
            ),
            _ if is_own => (
                format!("{id} is your own ticket, and only staff can {can}"),
                format!("reply with `sealdesk reply {number}`, or close it with `sealdesk close {number}`"),
            ),
            Some(AssignableRole::SupportAgent | AssignableRole::Administrator) => match asked {
                Asked::Take if ticket.assigned_to == self.me.as_str() => {
                    (format!("{id} is yours already"), "nothing to do".to_owned())
                }
                Asked::Assign | Asked::Take | Asked::Close | Asked::Reopen => {
                    self.of_colleague(asked, id, ticket)
                }
                _ => return None,
            },
            Some(AssignableRole::Customer | AssignableRole::Gateway) | None => {
                (format!("{id} is not your ticket"), "`sealdesk inbox` lists yours".to_owned())
            }
        })
    }

    /// An agent, in a ticket that is not theirs.
    fn of_colleague(&self, asked: Asked, id: TicketId, ticket: &SupportTicket) -> Words {
        let can = asked.phrase();
        let administrator = "`sealdesk query roles members administrator` shows who is one".to_owned();
        match (asked, ticket.assigned_to.as_str()) {
            (Asked::Assign, _) => (format!("only an administrator can {can}"), administrator),
            (Asked::Close | Asked::Reopen, _) => (
                format!("only the customer of {id}, or an administrator, can {can}"),
                "if it is yours, resolve it: it closes automatically after a while".to_owned(),
            ),
            (_, "") => (
                format!("{id} is not assigned to anyone"),
                format!(
                    "ask an administrator to assign it to you; if the queue is open, take it: `sealdesk take {}`",
                    id.number()
                ),
            ),
            (Asked::Take, who) => (
                format!("{id} is assigned to {} already", self.context.name_of(who)),
                "only an administrator can assign it to someone else".to_owned(),
            ),
            (_, who) => (
                format!(
                    "{id} is assigned to {}: only they, or an administrator, can {can}",
                    self.context.name_of(who)
                ),
                "ask an administrator to assign it to you, or to make you a collaborator".to_owned(),
            ),
        }
    }

    /// The state that it is in.
    fn not_now(&self, asked: Asked, code: u32, id: TicketId, ticket: &SupportTicket) -> Option<Words> {
        let number = id.number();
        let reopen = format!("reopen it first: `sealdesk reopen {number}`");
        let nothing = "nothing to do".to_owned();
        let status = Status::from_wire(ticket.status)?;
        let has = match ticket.assigned_to.as_str() {
            "" => String::new(),
            who => format!(", assigned to {}", self.context.name_of(who)),
        };
        Some(match (code, asked, status) {
            (code::CLOSED, Asked::Close, _) => (format!("{id} is closed already"), nothing),
            (code::CLOSED, _, _) => (format!("{id} is closed"), reopen),
            (code::RESOLVED, Asked::Resolve, _) => (format!("{id} is resolved already"), nothing),
            (code::RESOLVED, _, _) => (format!("{id} is resolved"), reopen),
            (code::CANNOT_REOPEN, _, Status::Resolved | Status::Closed) => return None,
            (code::CANNOT_REOPEN, _, _) => (
                format!("{id} is still open ({}{has})", status.name()),
                format!("reply to it: `sealdesk reply {number}`"),
            ),
            (code::NOT_ASSIGNED, _, _) => (
                format!("{id} is not assigned yet"),
                format!(
                    "an administrator has to assign it first: `sealdesk assign {number} NAME`; in an open queue, an agent can take it: `sealdesk take {number}`"
                ),
            ),
            (code::INVALID_STATUS, Asked::StartWork, Status::InProgress) => {
                (format!("work on {id} has already begun"), nothing)
            }
            (code::INVALID_STATUS, Asked::AwaitCustomer, Status::PendingCustomer) => {
                (format!("{id} is already waiting for its customer"), nothing)
            }
            (code::INVALID_STATUS, Asked::AwaitCustomer, Status::Assigned) => (
                format!("work on {id} has not begun"),
                format!("reply and wait in one step: `sealdesk reply {number} --wait`"),
            ),
            (code::ALREADY_ASSIGNED, Asked::Take, _) if ticket.assigned_to == self.me.as_str() => {
                (format!("{id} is yours already"), nothing)
            }
            (code::ALREADY_ASSIGNED, Asked::Take, _) => (
                format!("{id} is{} already", has.trim_start_matches(',')),
                "only an administrator can assign it to someone else".to_owned(),
            ),
            (code::ALREADY_ASSIGNED, Asked::Assign, _) => {
                (format!("{id} is{} already", has.trim_start_matches(',')), nothing)
            }
            _ => return None,
        })
    }
}

/// What a stranger is told who reads a ticket: whether there is something that an administrator could do.
pub(crate) async fn of_read(context: &Context, ticket: TicketId) -> Option<Words> {
    if context.ledger() == Ledger::Stacks {
        return None;
    }
    let (desk, me) = (context.desk().await.ok()?, context.own_address().ok()?);
    let (record, member) = (desk.ticket(ticket).await.ok()?, desk.member(&me).await.ok()?);
    let staff = matches!(member.role, Some(AssignableRole::Administrator | AssignableRole::SupportAgent));
    let works =
        record.assigned_to == me.as_str() || record.collaborators.iter().any(|one| one == me.as_str());
    if works || record.customer_address == me.as_str() || member.role == Some(AssignableRole::Administrator) {
        let grant = format!(
            "ask an administrator who can read it to give you access: `sealdesk tx support grant-access {ticket} NAME`"
        );
        return Some((format!("nothing of {ticket} was sealed for you"), grant));
    }
    Some(match (staff, record.assigned_to.as_str()) {
        (false, _) => (
            format!("{ticket} is not your ticket, and not sealed for you"),
            "`sealdesk inbox` lists yours".to_owned(),
        ),
        (true, "") => (
            format!("{ticket} is not assigned to you, and not sealed for you"),
            format!("ask an administrator to give you access: `sealdesk assign {} NAME`", ticket.number()),
        ),
        (true, who) => (
            format!("{ticket} is assigned to {}, and not sealed for you", context.name_of(who)),
            "ask an administrator to assign it to you, or to make you a collaborator".to_owned(),
        ),
    })
}

/// What is allowed to a customer again, and when: reopening counts as another ticket.
fn not_yet(id: TicketId, said: &str) -> Option<Words> {
    let (_, at) = said.split_once("the next ticket is allowed at ")?;
    Some((
        format!("{id} can be reopened at {at} or later: reopening counts as a new ticket, and the last one was just written"),
        "nothing was changed; if it is urgent, write in one of your open tickets, which `sealdesk inbox` lists".to_owned(),
    ))
}

fn is_administrator(member: &Member) -> bool {
    member.role == Some(AssignableRole::Administrator)
}

fn is_of_staff(member: &Member) -> bool {
    matches!(member.role, Some(AssignableRole::Administrator | AssignableRole::SupportAgent))
}

fn inactive(member: &Member, me: &str) -> Option<Words> {
    let state = match member.state {
        AccountState::Active => return None,
        state => state.name(),
    };
    Some((
        format!("the account of {me} is {state}: it can read, but do nothing else"),
        "ask an administrator of the desk".to_owned(),
    ))
}

fn support_code(failure: &Failure) -> Option<u32> {
    match failure {
        Failure::Refused { code, codespace, .. } if codespace == "support" => Some(*code),
        _ => None,
    }
}

fn reworded(failure: Failure, words: Option<Words>) -> Failure {
    match (failure, words) {
        (Failure::Refused { code, codespace, proven, .. }, Some((message, hint))) => {
            Failure::Refused { code, codespace, message, hint: Some(hint.into()), proven }
        }
        (failure, _) => failure,
    }
}
