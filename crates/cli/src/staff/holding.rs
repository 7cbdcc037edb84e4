//! What somebody holds who is about to leave the staff, in words and for a program.

use std::time::Duration;

use sealdesk_client::can_open::{Leaving, ONLY_READER_PATIENCES, OnlyReader};
use sealdesk_client::desk::Desk;
use sealdesk_client::offboarding::Held;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::text::line;
use sealdesk_protocol::ticket::Status;
use serde_json::{Value, json};
use tonic::transport::Channel;

use super::Leaver;
use crate::access_report::list;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::count;

/// What was found, or why it could not be looked up. Whoever takes a stolen key out must be able to, whatever a node keeps back.
pub(crate) struct Holding {
    held: Result<Held, String>,
    alone: Result<OnlyReader, String>,
    /// Whose key acts.
    from: Option<String>,
    /// Whether whoever leaves is an administrator, who can let another one in.
    in_circle: bool,
}

impl Holding {
    /// Looks. With `--yes` for one patience of the node at most, since nobody is asked: a stolen key is taken out soon.
    pub(crate) async fn look(
        context: &Context,
        desk: &Desk<Channel>,
        Leaver { who: _, address, me }: Leaver<'_>,
    ) -> Result<Self, Failure> {
        let (output, from) = (context.output(), context.settings().from.clone());
        let standing = desk.standing(address).await?;
        let patience = context.settings().patience;
        let limit = match context.settings().yes {
            true => patience,
            false => patience.saturating_mul(ONLY_READER_PATIENCES),
        };
        let began = std::time::Instant::now();
        let held = match tokio::time::timeout(limit, desk.held(address)).await {
            Ok(held) => held.map_err(|error| Failure::from(error).to_string()),
            Err(_) => Err(format!("the node took longer than {} seconds", limit.as_secs())),
        };
        let mut progress = |done: u64, total: u64| {
            if total > 1 {
                output.progress(&format!("who can open what: {done} of {total} tickets "));
            }
        };
        // Only who is on the staff is a reader beside the customer.
        let reads = standing.in_circle || standing.member.role.is_some();
        let left = limit.saturating_sub(began.elapsed()).max(Duration::from_millis(1));
        let alone = match reads {
            false => Ok(OnlyReader::default()),
            true => {
                desk.only_reader_within(left, Leaving { leaver: address, own: me.as_slice() }, &mut progress)
                    .await
            }
        };
        output.progress("");
        let alone = alone.map_err(|error| Failure::from(error).to_string());
        Ok(Self { held, alone, from, in_circle: standing.in_circle })
    }

    /// In lines; empty where they hold nothing.
    pub(crate) fn text(&self, context: &Context, who: &str) -> String {
        let name = |address: &str| line(&context.named(address));
        let mut lines = match &self.held {
            Ok(held) => in_lines(held, who, name),
            Err(why) => vec![format!("  what {who} holds could not be checked: {}", line(why))],
        };
        match &self.alone {
            Ok(alone) => {
                let can_let_in = self.in_circle.then(|| self.from.as_deref().unwrap_or(who));
                lines.extend(alone_in_lines(alone, who, can_let_in));
            }
            Err(why) => {
                lines.push(format!("  which tickets only {who} can open could not be checked: {}", line(why)))
            }
        }
        if !lines.is_empty() {
            lines.insert(0, format!("{who} holds:"));
        }
        lines.join("\n")
    }

    /// For a program; null for what could not be looked up.
    pub(crate) fn as_json(&self) -> Value {
        let names = |ids: &[TicketId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
        let mut value = self.held.as_ref().map_or(Value::Null, |held| {
            let of = |status| names(&held.in_state(status).collect::<Vec<_>>());
            let votes = held
                .votes
                .iter()
                .map(|vote| json!({ "address": vote.address, "change": change(vote.removes) }));
            json!({
                "assigned": of(Status::Assigned),
                "in_progress": of(Status::InProgress),
                "pending_customer": of(Status::PendingCustomer),
                "snoozed": names(&held.snoozed),
                "helps": names(&held.helps),
                "resolved": names(&held.resolved),
                "last_administrator": held.is_last_administrator,
                "votes": votes.collect::<Value>(),
                "appointed": held.appointed.iter().map(ToString::to_string).collect::<Vec<_>>(),
            })
        });
        if let (Value::Object(fields), Ok(alone)) = (&mut value, &self.alone) {
            fields.insert("alone".to_owned(), names(&alone.tickets).into());
            fields.insert("withheld".to_owned(), names(&alone.withheld).into());
            fields.insert("not_looked_at".to_owned(), alone.unseen.into());
        }
        value
    }
}

fn change(removes: bool) -> &'static str {
    if removes { "remove" } else { "add" }
}

/// What changes hands or ends, a line each.
fn in_lines(held: &Held, who: &str, name: impl Fn(&str) -> String) -> Vec<String> {
    let Held { standing: _, assigned, snoozed, helps, resolved, is_last_administrator, votes, appointed } =
        held;
    let mut lines = Vec::new();
    let states = [
        (Status::Assigned, "not begun"),
        (Status::InProgress, "in progress"),
        (Status::PendingCustomer, "waiting for the customer"),
    ];
    if !assigned.is_empty() {
        lines.push(format!("  {} in progress", count(assigned.len(), "ticket")));
    }
    for (status, words) in states {
        let ids: Vec<TicketId> = held.in_state(status).collect();
        if !ids.is_empty() {
            lines.push(format!("    {} {words}: {}", ids.len(), list(&ids)));
        }
    }
    if !snoozed.is_empty() {
        lines.push(format!("    {} of these put aside: {}", snoozed.len(), list(snoozed)));
    }
    if !helps.is_empty() {
        lines.push(format!("  a hand in {} of others: {}", count(helps.len(), "ticket"), list(helps)));
    }
    if !resolved.is_empty() {
        let come = if resolved.len() == 1 { "comes" } else { "come" };
        lines.push(format!(
            "  {}, which {come} back to {who} if the customer replies: {}",
            count(resolved.len(), "resolved ticket"),
            list(resolved)
        ));
    }
    if *is_last_administrator {
        lines.push("  the role of the only administrator, which the last one keeps".to_owned());
    }
    if !votes.is_empty() {
        let what = votes.iter().map(|vote| format!("{} {}", change(vote.removes), name(&vote.address)));
        let what = what.collect::<Vec<_>>().join(", ");
        lines.push(format!(
            "  {} for changes of the administrators, which end: {what}",
            count(votes.len(), "vote")
        ));
    }
    if !appointed.is_empty() {
        let names: Vec<String> = appointed.iter().map(|agent| name(agent.as_str())).collect();
        lines.push(format!(
            "  the appointment of {}, which ends unless another administrator renews it: {}",
            count(appointed.len(), "agent"),
            names.join(", ")
        ));
    }
    lines
}

/// What only one person on the staff can open, if anything. `from` acts for an administrator who leaves; an agent lets nobody in.
fn alone_in_lines(found: &OnlyReader, who: &str, from: Option<&str>) -> Vec<String> {
    let OnlyReader { tickets, withheld, unseen } = found;
    let mut lines = Vec::new();
    if !tickets.is_empty() {
        let (many, names) = (count(tickets.len(), "ticket"), list(tickets));
        lines.push(format!(
            "  Nobody else on the staff is known to open all of {many} that {who} is named for: {names}"
        ));
        lines.push(match from {
            Some(from) => format!(
                "    give another administrator access first: `sealdesk tx support grant-all NAME --from {who}`{}",
                if from == who { "" } else { " (with their key)" }
            ),
            None => "    only their customers can give an administrator access: `sealdesk tx support grant-access TKT NAME --from CUSTOMER`".to_owned(),
        });
    }
    if !withheld.is_empty() {
        let many = count(withheld.len(), "ticket");
        lines.push(format!("  The node withholds part of {many}: {}", list(withheld)));
    }
    if *unseen > 0 {
        let many = count(*unseen, "older ticket");
        lines.push(format!("  {many} were not checked, so it is not known who can open them"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use sealdesk_client::offboarding::CastVote;
    use sealdesk_client::staff::Standing;
    use sealdesk_client::verify::Member;
    use sealdesk_protocol::ids::{Address, Prefix};

    use super::*;

    fn ids(count: u64) -> Vec<TicketId> {
        (1..=count).filter_map(TicketId::new).collect()
    }

    fn nothing() -> Held {
        let member = Member::NOBODY;
        Held {
            standing: Standing { member, in_circle: false, active_keys: 0 },
            assigned: Vec::new(),
            snoozed: Vec::new(),
            helps: Vec::new(),
            resolved: Vec::new(),
            is_last_administrator: false,
            votes: Vec::new(),
            appointed: Vec::new(),
        }
    }

    #[test]
    fn each_thing_that_a_leaver_takes_along_is_said() {
        let found = |tickets, withheld, unseen| OnlyReader { tickets, withheld, unseen };
        assert!(alone_in_lines(&found(vec![], vec![], 0), "bob", None).is_empty());
        // An agent grants nothing: a hint that says so would be refused.
        let told = alone_in_lines(&found(ids(1), vec![], 0), "bob", None).join("\n");
        assert!(
            told.contains("grant-access TKT NAME --from CUSTOMER") && !told.contains("grant-all"),
            "{told}"
        );
        let told = alone_in_lines(&found(ids(12), ids(1), 3), "bob", Some("admin")).join("\n");
        for words in [
            "all of 12 tickets that bob is named for: TKT-00000001, ",
            " and 2 more",
            "grant-all NAME --from bob` (with their key)",
            "The node withholds part of 1 ticket: TKT-00000001",
            "3 older tickets were not checked",
        ] {
            assert!(told.contains(words), "{words} is not in\n{told}");
        }
    }

    #[test]
    fn what_ends_with_an_administrator_is_said() {
        assert!(in_lines(&nothing(), "bob", str::to_owned).is_empty());
        let agent = Address::of_public_key(&Prefix::parse(Prefix::DEFAULT).unwrap(), &[2; 33]);
        let held = Held {
            helps: ids(1),
            resolved: ids(2),
            is_last_administrator: true,
            votes: vec![CastVote { address: "dora".to_owned(), removes: true }],
            appointed: vec![agent],
            ..nothing()
        };
        let told = in_lines(&held, "bob", |_| "NAME\u{202e}".to_owned()).join("\n");
        for words in [
            "a hand in 1 ticket of others: TKT-00000001",
            "2 resolved tickets, which come back to bob",
            "only administrator",
            "1 vote for changes of the administrators, which end: remove NAME",
            "the appointment of 1 agent",
        ] {
            assert!(told.contains(words), "{words} is not in\n{told}");
        }
        let holding =
            Holding { held: Ok(held), alone: Err("no answer".to_owned()), from: None, in_circle: true };
        let value = holding.as_json();
        assert!(value["last_administrator"] == true && value["votes"][0]["change"] == "remove", "{value}");
        assert!(value["alone"].is_null() && value["helps"][0] == "TKT-00000001", "{value}");
    }
}
