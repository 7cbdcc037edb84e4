//! Which tickets a command is for: one, several, or every one of a view of the inbox.

use sealdesk_client::Error as ClientError;
use sealdesk_client::inbox::InboxAsk;
use sealdesk_client::node::TicketsBy;
use sealdesk_client::view::{Inbox, Ticket};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::named_values;
use sealdesk_protocol::ticket::Status;

use crate::args::Ledger;
use crate::context::Context;
use crate::failure::Failure;
use crate::parse;
use crate::table::count;

/// Most tickets that one command takes on.
const TICKETS_MAX: usize = 1_000;

named_values! {
    /// A list of tickets, named as the inbox shows it.
    pub(crate) enum View {
        /// Of staff, what is assigned to them; of a customer, their own; nothing that is over.
        Mine = "mine",
        /// What nobody has who could go on with it.
        Unassigned = "unassigned",
        /// Of those that are theirs, what waits for its customer.
        Waiting = "waiting",
        /// What is resolved and not closed: of an administrator the desk's, of others theirs.
        Resolved = "resolved",
    }
}

/// Reads a view.
pub(crate) fn view(name: &str) -> Result<View, String> {
    let named = View::ALL.into_iter().find(|view| view.name() == name.to_ascii_lowercase());
    named.ok_or_else(|| "use mine, unassigned, waiting or resolved".to_owned())
}

/// Tickets, as many as are named.
#[derive(Debug, clap::Args)]
pub(crate) struct Tickets {
    /// Which ticket, as 12 or TKT-12; or several
    #[arg(value_name = "TKT", value_parser = parse::ticket, value_delimiter = ',', num_args = 1.., required_unless_present = "all_of")]
    tickets: Vec<TicketId>,
    /// Instead of naming them, every ticket of a view: mine, unassigned, waiting or resolved
    #[arg(long, value_name = "VIEW", value_parser = view, conflicts_with = "tickets")]
    all_of: Option<View>,
}

/// Tickets where something else follows on the command line: several are written with commas between them.
#[derive(Debug, clap::Args)]
pub(crate) struct TicketsInOneWord {
    /// Which ticket, as 12 or TKT-12; or several, separated by commas
    #[arg(
        value_name = "TKT",
        value_parser = parse::ticket,
        value_delimiter = ',',
        action = clap::ArgAction::Set,
        num_args = 1,
        required_unless_present = "all_of"
    )]
    tickets: Vec<TicketId>,
    /// Instead of naming them, every ticket of a view: mine, unassigned, waiting or resolved
    #[arg(long, value_name = "VIEW", value_parser = view, conflicts_with = "tickets")]
    all_of: Option<View>,
}

impl From<TicketsInOneWord> for Tickets {
    fn from(TicketsInOneWord { tickets, all_of }: TicketsInOneWord) -> Self {
        Self { tickets, all_of }
    }
}

/// The tickets of one command.
pub(crate) struct Chosen {
    /// Each once.
    pub(crate) tickets: Vec<TicketId>,
    /// Whether it is told of each what became of it, as one list.
    pub(crate) is_bulk: bool,
}

impl Tickets {
    /// These, or those of a view.
    pub(crate) fn named(tickets: Vec<TicketId>, all_of: Option<View>) -> Self {
        Self { tickets, all_of }
    }

    /// Looks up which they are. Every one is judged by the ledger afterwards, whatever put it on a list.
    pub(super) async fn choose(&self, context: &Context) -> Result<Chosen, Failure> {
        let Some(view) = self.all_of else {
            let mut tickets = Vec::new();
            for ticket in &self.tickets {
                if !tickets.contains(ticket) {
                    tickets.push(*ticket);
                }
            }
            let is_bulk = tickets.len() > 1;
            return Ok(Chosen { tickets, is_bulk });
        };
        if context.ledger() == Ledger::Stacks {
            return Err(one_at_a_time());
        }
        Ok(Chosen { tickets: of_view(context, view).await?, is_bulk: true })
    }

    /// The one ticket of a contract call.
    pub(super) fn only(&self) -> Result<TicketId, Failure> {
        match self.tickets[..] {
            [only] => Ok(only),
            _ => Err(one_at_a_time()),
        }
    }
}

/// Each call of a contract is shown with its fee and paid for.
fn one_at_a_time() -> Failure {
    Failure::usage("a contract takes one ticket at a time, since each is paid for", "name one ticket")
}

/// The tickets of a view. This is the only place that knows the inbox's lists. What is beyond the most that are taken at once is said.
async fn of_view(context: &Context, view: View) -> Result<Vec<TicketId>, Failure> {
    let inbox = context.inbox(&InboxAsk { most: TICKETS_MAX, ..InboxAsk::default() }, true).await?;
    if view == View::Resolved {
        return resolved(context, &inbox).await;
    }
    let is_staff = matches!(inbox.role, AssignableRole::Administrator | AssignableRole::SupportAgent);
    let mine = if is_staff { &inbox.assigned } else { &inbox.own };
    let stranded = inbox.stranded.iter().map(|stranded| &stranded.ticket);
    let more = match view {
        View::Unassigned => inbox.more.open,
        _ if is_staff => inbox.more.assigned,
        _ => inbox.more.own,
    };
    if more > 0 {
        context.output().note(&format!("{TICKETS_MAX} are taken at once; run it again for the rest"));
    }
    let tickets: Vec<&Ticket> = match view {
        View::Unassigned => inbox.open.iter().chain(stranded).collect(),
        View::Waiting => mine.iter().filter(|ticket| ticket.status == Status::PendingCustomer).collect(),
        View::Mine | View::Resolved => mine.iter().filter(|ticket| ticket.is_unfinished()).collect(),
    };
    Ok(tickets.into_iter().map(|ticket| ticket.id).collect())
}

/// The node says which there are, and each is looked up: only what is proven to be resolved, and theirs, is taken.
async fn resolved(context: &Context, inbox: &Inbox) -> Result<Vec<TicketId>, Failure> {
    let (status, me) = (Status::Resolved, context.own_address()?);
    let by = match inbox.role {
        AssignableRole::Administrator => TicketsBy::Status(status),
        AssignableRole::SupportAgent => TicketsBy::Agent(me.clone(), Some(status)),
        AssignableRole::Customer | AssignableRole::Gateway => TicketsBy::Customer(me.clone(), Some(status)),
    };
    let mut listed = context.node().await?.all_tickets(&by, TICKETS_MAX.saturating_add(1)).await?;
    if listed.len() > TICKETS_MAX {
        listed.truncate(TICKETS_MAX);
        context.output().note(&format!("{TICKETS_MAX} are taken at once; run it again for the rest"));
    }
    let (desk, mut proven, mut others) = (context.desk().await?, Vec::new(), 0_usize);
    for id in listed.iter().filter_map(|ticket| TicketId::parse(&ticket.ticket_id).ok()) {
        if proven.contains(&id) {
            continue;
        }
        let is_meant = match desk.ticket(id).await {
            Ok(head) => {
                let is_theirs = match inbox.role {
                    AssignableRole::Administrator => true,
                    AssignableRole::SupportAgent => head.assigned_to == me.as_str(),
                    AssignableRole::Customer | AssignableRole::Gateway => {
                        head.customer_address == me.as_str()
                    }
                };
                is_theirs && Status::from_wire(head.status) == Some(status)
            }
            Err(ClientError::NoSuchTicket(_)) => false,
            Err(error) => return Err(error.into()),
        };
        if is_meant {
            proven.push(id);
        } else {
            others = others.saturating_add(1);
        }
    }
    if others > 0 {
        context.output().note(&format!(
            "left out {} that the node named: by proof not resolved, or not of this list",
            count(others, "ticket")
        ));
    }
    Ok(proven)
}
