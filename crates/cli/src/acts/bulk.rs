//! One act on several tickets: a line that says how far it is, and a summary that is true of each.

use std::time::Instant;

use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::text;
use serde_json::{Value, json};

use super::tickets::Chosen;
use crate::access_report::list;
use crate::context::Context;
use crate::failure::Failure;
use crate::outcome::Answer;
use crate::table::count;

/// An act in words: what is being done to tickets, and what was done, as it stands before their number.
#[derive(Clone, Copy)]
pub(super) struct Words {
    /// `closing`
    pub(super) doing: &'static str,
    /// `closed`
    pub(super) done: &'static str,
}

/// What came of several.
#[derive(Default)]
struct Summary {
    /// What was done and is proven.
    done: Vec<(TicketId, Value)>,
    /// What the node says was done, and the ledger does not prove, or not whole.
    doubtful: Vec<(TicketId, Value)>,
    refused: Vec<(TicketId, Failure)>,
    /// What was not tried, because nothing would have come of it.
    not_tried: Vec<TicketId>,
}

/// Does it to each, one transaction after the other. One ticket is told of as ever; of several there is one summary, and the process
/// fails if any was refused.
pub(super) async fn each(
    context: &Context,
    chosen: Chosen,
    words: Words,
    mut act: impl AsyncFnMut(TicketId) -> Result<Answer, Failure>,
) -> Result<(), Failure> {
    if let ([only], false) = (&chosen.tickets[..], chosen.is_bulk) {
        return act(*only).await?.tell(context);
    }
    let (mut summary, total, begun) = (Summary::default(), chosen.tickets.len(), Instant::now());
    let mut tickets = chosen.tickets.into_iter();
    for (number, ticket) in (1..).zip(tickets.by_ref()) {
        context.output().progress(&format!("{} {ticket}: {number} of {total}", words.doing));
        match act(ticket).await {
            Ok(answer) if answer.is_success() => summary.done.push((ticket, answer.value())),
            Ok(answer) => summary.doubtful.push((ticket, answer.value())),
            Err(failure) => {
                let is_hopeless = summary.repeats(&failure);
                summary.refused.push((ticket, failure));
                if is_hopeless {
                    break;
                }
            }
        }
    }
    summary.not_tried = tickets.collect();
    context.output().progress("");
    let seconds = begun.elapsed().as_secs();
    context.output().done(&summary.as_json(), || summary.text(context, words, seconds))?;
    if summary.is_whole() { Ok(()) } else { Err(Failure::Quiet(1)) }
}

impl Summary {
    fn is_whole(&self) -> bool {
        self.doubtful.is_empty() && self.refused.is_empty() && self.not_tried.is_empty()
    }

    /// Whether the ticket before ended in the same way, without the ledger having judged it: the next would, too.
    fn repeats(&self, failure: &Failure) -> bool {
        let judged = |failure: &Failure| matches!(failure, Failure::Refused { .. });
        let last = self.refused.last().map(|(_, last)| last);
        last.is_some_and(|last| !judged(failure) && last.to_string() == failure.to_string())
    }

    fn text(&self, context: &Context, words: Words, seconds: u64) -> String {
        let ids = |done: &[(TicketId, Value)]| done.iter().map(|(id, _)| *id).collect::<Vec<_>>();
        let total = self.done.len() + self.doubtful.len() + self.refused.len() + self.not_tried.len();
        if total == 0 {
            return "nothing to do: the ticket does not exist".to_owned();
        }
        let took = if seconds > 1 { format!(", in {seconds} s") } else { String::new() };
        let mut lines =
            vec![format!("{} {} of {}{took}", words.done, self.done.len(), count(total, "ticket"))];
        if !self.done.is_empty() {
            lines.push(format!("  {}", list(&ids(&self.done))));
        }
        if !self.doubtful.is_empty() {
            lines.push(format!("not proven, or not whole: {}", list(&ids(&self.doubtful))));
        }
        if !self.refused.is_empty() {
            lines.push(format!("refused: {}", self.refused.len()));
        }
        for (ticket, failure) in &self.refused {
            let hint = failure.hint().map(|hint| format!(" ({hint})")).unwrap_or_default();
            let said = crate::failure::with_names(&format!("{failure}{hint}"), context.people());
            lines.push(format!("  {ticket}: {}", text::line(&said)));
        }
        if !self.not_tried.is_empty() {
            lines.push(format!("not tried: {}", list(&self.not_tried)));
        }
        lines.join("\n")
    }

    fn as_json(&self) -> Value {
        let told = |(ticket, value): &(TicketId, Value)| {
            let mut value = value.clone();
            value["ticket_id"] = ticket.to_string().into();
            value
        };
        let refused = |(ticket, failure): &(TicketId, Failure)| {
            let (code, codespace) = failure.code();
            json!({
                "ticket_id": ticket.to_string(),
                "code": code,
                "codespace": codespace,
                "message": failure.to_string(),
                "hint": failure.hint().unwrap_or_default(),
            })
        };
        json!({
            "done": self.done.iter().map(told).collect::<Vec<_>>(),
            "not_proven": self.doubtful.iter().map(told).collect::<Vec<_>>(),
            "refused": self.refused.iter().map(refused).collect::<Vec<_>>(),
            "not_tried": self.not_tried.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "whole": self.is_whole(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hostile::context;

    const WORDS: Words = Words { doing: "closing", done: "closed" };

    fn id(number: u64) -> TicketId {
        TicketId::new(number).unwrap()
    }

    fn refusal(message: &str) -> Failure {
        let (codespace, hint) = ("support".to_owned(), Some("nothing to do".into()));
        Failure::Refused { code: 8, codespace, message: message.to_owned(), hint, proven: true }
    }

    #[test]
    fn a_summary_tells_of_each_ticket_once_and_is_whole_only_where_all_was_done() {
        let mut summary =
            Summary { done: vec![(id(1), json!({})), (id(2), json!({}))], ..Summary::default() };
        assert!(summary.is_whole());
        summary.refused.push((id(3), refusal("TKT-00000003 is closed\nhint: send money")));
        summary.not_tried.push(id(4));
        let text = summary.text(&context(), WORDS, 5);
        assert_eq!(
            text,
            "closed 2 of 4 tickets, in 5 s\n  TKT-00000001, TKT-00000002\nrefused: 1\n  TKT-00000003: TKT-00000003 is closed\\nhint: send money (nothing to do)\nnot tried: TKT-00000004"
        );
        let value = summary.as_json();
        assert_eq!((&value["whole"], &value["refused"][0]["code"]), (&json!(false), &json!(8)));
        assert_eq!(value["done"][1]["ticket_id"], "TKT-00000002");
    }

    #[test]
    fn what_the_ledger_judges_does_not_end_the_others_and_a_silent_node_does() {
        let mut summary = Summary::default();
        for failure in [refusal("is closed"), refusal("is closed")] {
            assert!(!summary.repeats(&failure));
            summary.refused.push((id(1), failure));
        }
        let silent = || Failure::new("the node does not answer");
        assert!(!summary.repeats(&silent()));
        summary.refused.push((id(2), silent()));
        assert!(summary.repeats(&silent()));
    }
}
