//! What came of letting somebody in, in words: counted from what the ledger proves, not from what was sent.

use sealdesk_client::access::{Access, AccessTotal, Lack};
use sealdesk_client::stacks::Granted as GrantedByCalls;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::text;
use serde_json::{Value, json};

use crate::table::count;

/// Most tickets that one line names.
const NAMED_MAX: usize = 10;

/// What came of an act that lets somebody in.
pub(crate) struct AccessReport<'a> {
    /// Who was let in, as they were named on the command line.
    pub(crate) who: &'a str,
    /// Of what they are told how much they can open.
    pub(crate) of: &'a str,
    /// What they can open afterwards, by proof.
    pub(crate) access: &'a AccessTotal,
    /// Where whoever lets them in looks for them to go on.
    pub(crate) again: &'a str,
    /// What ended it before everything was sent.
    pub(crate) stopped: Option<&'a str>,
    /// What the ledger refused.
    pub(crate) refused: &'a [(TicketId, String)],
}

impl AccessReport<'_> {
    /// Whether they can open all that they may have.
    pub(crate) fn is_whole(&self) -> bool {
        self.access.is_whole() && self.stopped.is_none() && self.refused.is_empty()
    }

    /// What they can open, and why not the rest.
    pub(crate) fn text(&self) -> String {
        let Self { who, of, access, again, stopped, refused } = self;
        let AccessTotal { tickets, messages, opens, lacks, not_later, uncounted } = access;
        let mut lines = Vec::new();
        if *tickets > 0 {
            lines.push(format!("{who} can open {opens} of {} of {of}", count(*messages, "message")));
        }
        for (lack, (missing, tickets)) in lacks {
            lines.push(format!("  {missing} not, {}{}", why(*lack, who, again), named(tickets)));
        }
        if !not_later.is_empty() {
            lines.push(format!(
                "  later messages are not sealed for {who}, because they have no valid grant: an administrator runs `{again}`{}",
                named(not_later)
            ));
        }
        if !uncounted.is_empty() {
            lines.push(format!(
                "  what {who} can open could not be checked: check with `{again}`, which grants nothing twice{}",
                named(uncounted)
            ));
        }
        let refused =
            refused.iter().map(|(ticket, why)| format!("  refused for {ticket}: {}", text::line(why)));
        lines.extend(refused);
        if let Some(why) = stopped {
            lines.push(format!("  it was stopped: {}", text::line(why)));
            lines.push(format!("  what was granted until then stays; continue with `{again}`"));
        }
        lines.join("\n")
    }

    /// The same for a program.
    pub(crate) fn put(&self, value: &mut Value) {
        let Self { who: _, of: _, access, again: _, stopped, refused } = self;
        let AccessTotal { tickets: _, messages, opens, lacks, not_later, uncounted } = access;
        let names = |tickets: &[TicketId]| tickets.iter().map(ToString::to_string).collect::<Vec<_>>();
        let lack = |(lack, (missing, tickets)): (&Lack, &(usize, Vec<TicketId>))| json!({ "why": name(*lack), "messages": missing, "tickets": names(tickets) });
        value["may_open"] = (*messages).into();
        value["opens"] = (*opens).into();
        value["lacks"] = lacks.iter().map(lack).collect();
        value["not_later"] = names(not_later).into();
        value["uncounted"] = names(uncounted).into();
        value["stopped"] = json!(stopped);
        let refused = refused.iter();
        let refused = refused.map(|(ticket, why)| json!({ "ticket_id": ticket.to_string(), "message": why }));
        value["refused"] = refused.collect();
        value["whole"] = self.is_whole().into();
    }
}

/// One ticket's count as that of many.
pub(crate) fn of_one(ticket: TicketId, access: Option<Access>) -> AccessTotal {
    let mut total = AccessTotal::default();
    total.add(ticket, access);
    total
}

/// Why somebody cannot open something, and what to do about it.
fn why(lack: Lack, who: &str, again: &str) -> String {
    match lack {
        Lack::NoKey => format!(
            "because they have published no key: once they have (`sealdesk keys register {who}`), run `{again}`"
        ),
        Lack::NotOpened => {
            "because you cannot open it either: someone who can must give them access".to_owned()
        }
        Lack::NoRoom => "because the ledger takes no more grants of it: repeat it in a new reply".to_owned(),
        Lack::Withheld => "because the node withholds its text: name another node with --node".to_owned(),
        Lack::Marked => {
            "because it is marked and was left out: `sealdesk read` says why, --grant-marked grants it"
                .to_owned()
        }
        Lack::NotGranted => format!("because it is not granted: run `{again}`"),
    }
}

fn name(lack: Lack) -> &'static str {
    match lack {
        Lack::NoKey => "no_key",
        Lack::NotOpened => "not_opened",
        Lack::NoRoom => "no_room",
        Lack::Withheld => "withheld",
        Lack::Marked => "marked",
        Lack::NotGranted => "not_granted",
    }
}

/// The tickets of a line, where there is more than one.
fn named(tickets: &[TicketId]) -> String {
    if tickets.len() < 2 {
        return String::new();
    }
    format!(" ({})", list(tickets))
}

/// Tickets by name, the first ten of them.
pub(crate) fn list(tickets: &[TicketId]) -> String {
    let names: Vec<String> = tickets.iter().take(NAMED_MAX).map(ToString::to_string).collect();
    let more = match tickets.len().saturating_sub(NAMED_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", names.join(", "))
}

/// What calls of a contract granted, which nothing proves: what they lack, and whether that is nothing.
pub(crate) fn by_calls(who: &str, granted: &GrantedByCalls) -> (String, bool) {
    let GrantedByCalls { outcomes: _, granted: _, unopened, has_no_key } = granted;
    match (has_no_key, unopened.len()) {
        (true, _) => (format!("\n  {who} has published no key yet, and cannot read it"), false),
        (false, 0) => (String::new(), true),
        (false, n) => (format!("\n  neither you nor {who} can open {}", count(n, "message")), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sealdesk_protocol::messages::GrantTarget;

    fn ticket() -> TicketId {
        TicketId::new(7).unwrap()
    }

    fn access(lacks: &[Lack]) -> Access {
        let lacks: Vec<_> =
            (0..).zip(lacks).map(|(index, lack)| (GrantTarget::Response(index), *lack)).collect();
        Access { ticket: ticket(), messages: 4, opens: 4 - lacks.len(), lacks, later: true }
    }

    /// Every partial outcome of an act that lets somebody in: its words, and whether it is a success.
    #[test]
    fn each_partial_outcome_has_its_words_and_is_no_success() {
        let refused = [(ticket(), "suspended\nhint: x".to_owned())];
        let not_later = Access { later: false, ..access(&[]) };
        type Case<'a> = (Option<Access>, Option<&'a str>, &'a [(TicketId, String)], &'a [&'a str]);
        let cases: [Case<'_>; 10] = [
            (
                Some(access(&[Lack::NoKey; 4])),
                None,
                &[],
                &["0 of 4 messages", "published no key", "keys register"],
            ),
            (
                Some(access(&[Lack::NotOpened])),
                None,
                &[],
                &["3 of 4 messages", "1 not", "you cannot open it either"],
            ),
            (Some(access(&[Lack::NoRoom])), None, &[], &["3 of 4", "takes no more grants"]),
            (Some(access(&[Lack::Withheld])), None, &[], &["3 of 4", "withholds its text", "--node"]),
            (Some(access(&[Lack::Marked])), None, &[], &["3 of 4", "--grant-marked"]),
            (Some(access(&[Lack::NotGranted])), None, &[], &["3 of 4", "run `AGAIN`"]),
            (Some(not_later), None, &[], &["4 of 4", "later messages are not sealed for bob"]),
            (None, None, &[], &["could not be checked"]),
            (
                Some(access(&[Lack::NotGranted])),
                Some("no answer\nfor ever"),
                &[],
                &["no answer\\nfor ever", "continue with `AGAIN`"],
            ),
            (Some(access(&[])), None, &refused, &["refused for TKT-00000007: suspended\\nhint: x"]),
        ];
        for (number, (access, stopped, refused, words)) in cases.into_iter().enumerate() {
            let access = of_one(ticket(), access);
            let told =
                AccessReport { who: "bob", of: "TKT-7", access: &access, again: "AGAIN", stopped, refused };
            let text = told.text();
            assert!(!told.is_whole(), "{number}: {text}");
            for word in words {
                assert!(text.contains(word), "{number}: {word} is not in\n{text}");
            }
            let mut value = json!({});
            told.put(&mut value);
            assert_eq!(value["whole"], false, "{value}");
        }
        let all = of_one(ticket(), Some(access(&[])));
        let told =
            AccessReport { who: "bob", of: "TKT-7", access: &all, again: "", stopped: None, refused: &[] };
        assert_eq!((told.text().as_str(), told.is_whole()), ("bob can open 4 of 4 messages of TKT-7", true));
    }
}
