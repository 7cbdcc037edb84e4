//! `sealdesk tx support renew-grants`.

use sealdesk_client::Error;
use sealdesk_client::actor::Actor;
use sealdesk_client::desk::Desk;
use sealdesk_client::messages::Granted;
use sealdesk_client::outcome::Outcome;
use sealdesk_client::renewals::Renewed;
use sealdesk_client::trust::Doubtful;
use sealdesk_client::view::EndedGrant;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::text::line;
use serde_json::{Value, json};
use tonic::transport::Channel;

use crate::access_report::list;
use crate::acts::granted::Marked;
use crate::commands::tx::{Memo, acting, as_json};
use crate::context::Context;
use crate::failure::Failure;
use crate::outcome::{self, End};
use crate::parse;
use crate::table::count;

/// Options of `renew-grants`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "An assignee reads new messages only while an administrator's grant counts: it ends when the key that signed it is revoked, \
    or when its administrator is one no more. Any administrator who can open the ticket makes it again."
)]
pub(crate) struct Args {
    /// Only of this ticket
    #[arg(value_name = "TKT", value_parser = parse::ticket)]
    ticket: Option<TicketId>,
    #[command(flatten)]
    marked: Marked,
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    args.memo.one_of_several(context, renewing(context, &args).await)
}

async fn renewing(context: &Context, args: &Args) -> Result<(), Failure> {
    let (desk, me) = acting(context, &args.memo).await?;
    let desk = args.marked.ask(context, desk);
    let mut ended = desk.ended_grants().await?;
    ended.retain(|ended| args.ticket.is_none_or(|ticket| ticket == ended.ticket));
    if ended.is_empty() {
        let value = json!({ "code": 0, "tickets": 0, "renewed": [] });
        return context.output().answer(&value, || "every assignee can read what is new".to_owned());
    }
    let report = renew(context, &desk, &me, ended).await?;
    let mut value = report.last.as_ref().map_or_else(|| json!({ "code": 0 }), as_json);
    report.put(&mut value);
    context.say_left_out(&report.left);
    let end = End { proven: report.proven, whole: report.is_whole() };
    outcome::ended(context, value, end, || report.text())
}

/// Makes one grant after the other anew. Where an error ends it after something was done, the report says so, and what was done.
async fn renew(
    context: &Context,
    desk: &Desk<Channel>,
    me: &Actor,
    ended: Vec<EndedGrant>,
) -> Result<Report, Failure> {
    let (total, mut report) = (ended.len(), Report { proven: true, ..Report::default() });
    for (done, ended) in ended.into_iter().enumerate() {
        let ticket = ended.ticket;
        match desk.renew_grant(me, ended).await {
            Ok(came) => report.add(came),
            Err(Error::Refused(outcome)) => report.refused.push((ticket, outcome.log)),
            Err(error) if done == 0 || matches!(error, Error::Unsigned(_)) => return Err(error.into()),
            Err(error) => report.stopped = Some((ticket, Failure::from(error).to_string())),
        }
        context.output().note(&format!("{ticket}  {} of {total} tickets", done + 1));
        if report.stopped.is_some() {
            break;
        }
    }
    Ok(report)
}

/// What came of all of it.
#[derive(Debug, Default)]
struct Report {
    /// Whose assignees read again, which is what the ledger proves, whatever was sent.
    renewed: Vec<(TicketId, String)>,
    /// Whose assignees do not.
    lacking: Vec<TicketId>,
    /// Of which that could not be looked up.
    uncounted: Vec<TicketId>,
    /// What the ledger refused.
    refused: Vec<(TicketId, String)>,
    /// What ended it before everything was sent, and at which ticket.
    stopped: Option<(TicketId, String)>,
    left: Vec<Doubtful>,
    last: Option<Outcome>,
    proven: bool,
}

impl Report {
    fn add(&mut self, came: Renewed) {
        let EndedGrant { ticket, assignee } = came.of;
        let Granted { outcomes, granted: _, unopened: _, no_room: _, access, stopped, doubtful } =
            came.granted;
        self.proven &= outcomes.iter().all(|outcome| outcome.proven);
        self.left.extend(doubtful);
        self.last = outcomes.into_iter().next_back().or(self.last.take());
        self.stopped = stopped.map(|error| (ticket, Failure::from(error).to_string()));
        match access {
            Some(access) if access.later => self.renewed.push((ticket, assignee)),
            Some(_) => self.lacking.push(ticket),
            None => self.uncounted.push(ticket),
        }
    }

    fn is_whole(&self) -> bool {
        let Self { renewed: _, lacking, uncounted, refused, stopped, left, last: _, proven: _ } = self;
        let none = lacking.is_empty() && uncounted.is_empty() && refused.is_empty();
        none && stopped.is_none() && left.is_empty()
    }

    fn text(&self) -> String {
        let Self { renewed, lacking, uncounted, refused, stopped, .. } = self;
        let renewed = count(renewed.len(), "ticket");
        let mut lines = vec![format!("the assignees of {renewed} can read what is new again")];
        if !lacking.is_empty() {
            lines.push(format!("not those of these, which you may not be able to open: {}", list(lacking)));
        }
        if !uncounted.is_empty() {
            let uncounted = list(uncounted);
            lines.push(format!("whether those of these can could not be checked: {uncounted}"));
        }
        let refused = refused.iter();
        lines.extend(refused.map(|(ticket, why)| format!("refused for {ticket}: {}", line(why))));
        if let Some((ticket, why)) = stopped {
            lines.push(format!("it was stopped at {ticket}: {}", line(why)));
            lines.push(
                "what was granted until then stays; continue with `sealdesk tx support renew-grants`".into(),
            );
        }
        lines.join("\n")
    }

    /// The same for a program.
    fn put(&self, value: &mut Value) {
        let Self { renewed, lacking, uncounted, refused, stopped, .. } = self;
        let names = |ids: &[TicketId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
        let refusal =
            |(ticket, why): &(TicketId, String)| json!({ "ticket_id": ticket.to_string(), "message": why });
        let of =
            |(ticket, who): &(TicketId, String)| json!({ "ticket_id": ticket.to_string(), "assignee": who });
        value["renewed"] = renewed.iter().map(of).collect();
        value["not_renewed"] = names(lacking).into();
        value["uncounted"] = names(uncounted).into();
        value["refused"] = refused.iter().map(refusal).collect();
        value["stopped"] = stopped.as_ref().map(refusal).into();
        value["tickets"] = renewed.len().into();
    }
}

#[cfg(test)]
mod tests {
    use sealdesk_client::access::Access;

    use super::*;

    fn came(number: u64, access: Option<Access>, stopped: Option<Error>) -> Renewed {
        let of = EndedGrant { ticket: TicketId::new(number).unwrap(), assignee: "bob".into() };
        Renewed { of, granted: Granted { access, stopped, ..Granted::default() } }
    }

    fn access(later: bool) -> Option<Access> {
        let ticket = TicketId::new(1).unwrap();
        Some(Access { ticket, messages: 1, opens: 1, lacks: Vec::new(), later })
    }

    #[test]
    fn nothing_that_lacks_is_swallowed_and_nothing_unknown_is_called_unopened() {
        let id = |number| TicketId::new(number).unwrap();
        let stop = || Some(Error::NoSuchTicket(id(9)));
        let cases: [(Renewed, &[&str], bool); 4] = [
            (came(1, access(true), None), &["of 1 ticket can read"], true),
            (came(2, access(false), None), &["of 0 tickets", "able to open: TKT-00000002"], false),
            (came(3, None, None), &["of 0 tickets", "could not be checked: TKT-00000003"], false),
            (
                came(4, access(true), stop()),
                &["of 1 ticket can", "stopped at TKT-00000004: ticket TKT-00000009", "renew-grants`"],
                false,
            ),
        ];
        for (came, words, whole) in cases {
            let (mut report, mut value) = (Report::default(), json!({}));
            report.add(came);
            report.put(&mut value);
            let text = report.text();
            assert_eq!(report.is_whole(), whole, "{text}");
            assert_eq!(value["stopped"].is_null(), report.stopped.is_none(), "{value}");
            assert!(words.iter().all(|word| text.contains(word)), "{text}");
            assert!(!report.lacking.is_empty() || !text.contains("able to open"), "{text}");
        }
        let refused = Report { refused: vec![(id(5), "too\nold".into())], ..Report::default() };
        assert!(!refused.is_whole() && refused.text().contains("refused for TKT-00000005: too\\nold"));
    }
}
