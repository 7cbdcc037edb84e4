//! What is said of tickets whose assignee cannot act, and of tickets that nobody else could open once somebody leaves.

mod holding;
pub(crate) mod naming;

use holding::Holding;

use sealdesk_client::actor::Actor;
use sealdesk_client::desk::Desk;
use sealdesk_client::view::{Idle, Stranded, Ticket};
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::text::line;
use serde_json::Value;
use tonic::transport::Channel;

use crate::access_report::list;
use crate::context::Context;
use crate::failure::Failure;
use crate::prompt;
use crate::table::count;

/// A role as it stands behind "is": `a support agent`.
pub(crate) fn with_article(role: AssignableRole) -> String {
    let name = role.name().replace('_', " ");
    let article = if name.starts_with('a') { "an" } else { "a" };
    format!("{article} {name}")
}

/// Somebody who leaves the staff: as they were named, and their address.
#[derive(Clone, Copy)]
pub(crate) struct Leaver<'a> {
    pub(crate) who: &'a str,
    pub(crate) address: &'a Address,
    /// Who acts, where their key is here: by it is tried what opens.
    pub(crate) me: Option<&'a Actor>,
}

/// Says what somebody holds who is about to leave the staff, and which tickets nobody else on it can open, and asks where there is
/// anything. `question` is what is asked in any case. What they hold, for a program.
pub(crate) async fn ask_before_leaving(
    context: &Context,
    desk: &Desk<Channel>,
    leaver: Leaver<'_>,
    question: Option<&str>,
) -> Result<Value, Failure> {
    let output = context.output();
    let holding = Holding::look(context, desk, leaver).await?;
    let told = holding.text(context, leaver.who);
    let value = holding.as_json();
    let question = match (told.is_empty(), question) {
        (true, None) => return Ok(value),
        (true, Some(question)) => question,
        (false, question) => {
            output.note(&told);
            question.unwrap_or("Do it anyway?")
        }
    };
    prompt::confirm(output, context.settings().yes, question)?;
    Ok(value)
}

/// The tickets that are still assigned to somebody who cannot act by now.
pub(crate) struct Left {
    tickets: Option<Vec<TicketId>>,
    why: Idle,
}

/// Looks for what is still assigned to somebody; nothing where they can act.
pub(crate) async fn left(desk: &Desk<Channel>, address: &Address) -> Option<Left> {
    let why = desk.standing(address).await.ok()?.idle()?;
    let tickets = desk.in_work_of(address).await.ok();
    let tickets = tickets.map(|tickets| tickets.iter().map(|ticket| ticket.id).collect());
    Some(Left { tickets, why })
}

impl Left {
    /// In words, as lines after what was done; empty where nothing is left.
    pub(crate) fn text(&self, who: &str) -> String {
        let Some(tickets) = &self.tickets else {
            return format!("\n  what is still assigned to {who} could not be checked: see `sealdesk inbox`");
        };
        if tickets.is_empty() {
            return String::new();
        }
        let (are, why) = (if tickets.len() == 1 { "is" } else { "are" }, why(self.why));
        format!(
            "\n  {} {are} still assigned to {who}, {why}: {}\n  hand them to someone who can: `sealdesk reassign --from {who} --to ADDR|NAME`",
            count(tickets.len(), "ticket"),
            list(tickets)
        )
    }

    /// For a program.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.tickets.iter().flatten().map(ToString::to_string).collect()
    }
}

/// Why somebody cannot go on with a ticket, as it follows their name.
fn why(idle: Idle) -> &'static str {
    match idle {
        Idle::NotStaff => "who has left the staff",
        Idle::Suspended => "whose account is suspended",
        Idle::Terminated => "whose account is terminated",
        Idle::NoKey => "who has no active key",
    }
}

/// A ticket whose assignee cannot go on with it: the reason, and the command that mends it.
pub(crate) fn stranded(context: &Context, stranded: &Stranded) -> (String, String) {
    let Stranded { ticket: Ticket { id, assigned_to, .. }, why: idle } = stranded;
    let agent = assigned_to.as_deref().unwrap_or_default();
    let said = format!("{id} is assigned to {}, {}", line(&context.name_of(agent)), why(*idle));
    (said, format!("sealdesk assign {id} ADDR|NAME"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(count: u64) -> Vec<TicketId> {
        (1..=count).filter_map(TicketId::new).collect()
    }

    #[test]
    fn what_is_still_assigned_is_said_with_the_reason_or_that_nobody_knows() {
        let reasons = [
            (Idle::NotStaff, "who has left the staff"),
            (Idle::Suspended, "whose account is suspended"),
            (Idle::Terminated, "whose account is terminated"),
            (Idle::NoKey, "who has no active key"),
        ];
        for (why, words) in reasons {
            let left = Left { tickets: Some(ids(2)), why };
            let told = left.text("bob");
            assert!(told.contains("2 tickets are still assigned to bob") && told.contains(words), "{told}");
            assert!(told.contains("reassign --from bob --to") && left.ids().len() == 2, "{told}");
            assert_eq!(Left { tickets: Some(Vec::new()), why }.text("bob"), "");
            assert!(Left { tickets: None, why }.text("bob").contains("could not be checked"));
        }
    }
}
