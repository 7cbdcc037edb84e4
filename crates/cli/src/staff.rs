//! What is said of tickets whose assignee cannot act, and of tickets that nobody else could open once somebody leaves.

use sealdesk_client::desk::Desk;
use sealdesk_client::staff::OnlyReader;
use sealdesk_client::view::{Idle, Stranded, Ticket};
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::text::line;
use tonic::transport::Channel;

use crate::context::Context;
use crate::failure::Failure;
use crate::letting_in::list;
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
}

/// Says which tickets nobody else on the staff can open once somebody is gone, and asks. `question` is what is asked in any case.
pub(crate) async fn ask_before_leaving(
    context: &Context,
    desk: &Desk<Channel>,
    leaver: Leaver<'_>,
    question: Option<&str>,
) -> Result<(), Failure> {
    let Leaver { who, address } = leaver;
    let output = context.output();
    // A stolen key is taken out at once: the look may take as long as a node likes, and --yes has answered what it is for.
    if context.settings().yes {
        output.note(&format!("with --yes it was not looked up which tickets {who} alone can open"));
        return Ok(());
    }
    let mut progress = |done: u64, total: u64| {
        if total > 1 {
            output.progress(&format!("who can open what: {done} of {total} tickets "));
        }
    };
    let standing = desk.standing(address).await?;
    let reads = standing.in_circle || standing.member.role.is_some();
    let found = match reads {
        true => desk.only_reader(address, &mut progress).await.map_err(Failure::from),
        false => Ok(OnlyReader::default()),
    };
    output.progress("");
    // Whoever takes a stolen key out must be able to, whatever a node keeps back.
    let told = match found {
        Ok(found) => alone(&found, who, context.settings().from.as_deref()),
        Err(failure) => Some(format!("Which tickets {who} alone can open could not be looked up: {failure}")),
    };
    match (told, question) {
        (Some(told), question) => {
            output.note(&told);
            let question = question.unwrap_or("Do it all the same?");
            prompt::confirm(output, false, question)
        }
        (None, Some(question)) => prompt::confirm(output, false, question),
        (None, None) => Ok(()),
    }
}

/// What only one person on the staff can open, if anything.
fn alone(found: &OnlyReader, who: &str, from: Option<&str>) -> Option<String> {
    let OnlyReader { tickets, withheld, unseen } = found;
    let mut lines = Vec::new();
    if !tickets.is_empty() {
        let (many, names) = (count(tickets.len(), "ticket"), list(tickets));
        lines.push(format!("Nobody else on the staff can open all of {many} that {who} can open: {names}"));
        let from = from.unwrap_or(who);
        lines.push(format!(
            "  let another administrator in first: `sealdesk tx support grant-all NAME --from {who}`{}",
            if from == who { "" } else { " (with their key)" }
        ));
    }
    if !withheld.is_empty() {
        lines.push(format!(
            "Of {} the node keeps something back: {}",
            count(withheld.len(), "ticket"),
            list(withheld)
        ));
    }
    if *unseen > 0 {
        lines.push(format!("{} were not looked at", count(*unseen, "older ticket")));
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// The tickets that are still assigned to somebody who cannot act by now.
pub(crate) struct Left {
    tickets: Option<Vec<TicketId>>,
    why: Idle,
}

/// Looks for what is still assigned to somebody; nothing where they can act.
pub(crate) async fn left(desk: &Desk<Channel>, address: &Address) -> Option<Left> {
    let why = desk.standing(address).await.ok()?.idle()?;
    let tickets = desk.unfinished_of(address).await.ok();
    let tickets = tickets.map(|tickets| tickets.iter().map(|ticket| ticket.id).collect());
    Some(Left { tickets, why })
}

impl Left {
    /// In words, as lines after what was done; empty where nothing is left.
    pub(crate) fn text(&self, who: &str) -> String {
        let Some(tickets) = &self.tickets else {
            return format!(
                "\n  what is still assigned to {who} could not be looked up: see `sealdesk inbox`"
            );
        };
        if tickets.is_empty() {
            return String::new();
        }
        let (are, why) = (if tickets.len() == 1 { "is" } else { "are" }, why(self.why));
        format!(
            "\n  {} {are} still assigned to {who}, {why}: {}\n  give each to somebody who can: `sealdesk tx support assign-ticket TKT ADDR|NAME`",
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
    (said, format!("sealdesk tx support assign-ticket {id} ADDR|NAME"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(count: u64) -> Vec<TicketId> {
        (1..=count).filter_map(TicketId::new).collect()
    }

    #[test]
    fn each_thing_that_a_leaver_takes_along_is_said() {
        let found = |tickets, withheld, unseen| OnlyReader { tickets, withheld, unseen };
        assert_eq!(alone(&found(vec![], vec![], 0), "bob", None), None);
        let told = alone(&found(ids(12), ids(1), 3), "bob", Some("admin")).unwrap();
        for words in [
            "all of 12 tickets that bob can open: TKT-00000001, ",
            " and 2 more",
            "grant-all NAME --from bob` (with their key)",
            "Of 1 ticket the node keeps something back",
            "3 older tickets were not looked at",
        ] {
            assert!(told.contains(words), "{words} is not in\n{told}");
        }
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
            assert!(told.contains("assign-ticket") && left.ids().len() == 2, "{told}");
            assert_eq!(Left { tickets: Some(Vec::new()), why }.text("bob"), "");
            assert!(Left { tickets: None, why }.text("bob").contains("could not be looked up"));
        }
    }
}
