//! What docs/spec/desk.md says of a message whatever the state is: ids, names, lengths and ranges.

use sealdesk_protocol::wire::virtengine::support::v1::Params;
use sealdesk_testkit::prefix;

use super::desk::{Refused, support};
use super::files;
use super::plan::{Create, GrantPlan, KeyFlaw, Op, Step};

const PRIORITIES: [&str; 4] = ["low", "normal", "high", "urgent"];

/// The first thing wrong with a message's own form.
pub fn flaw(step: &Step) -> Option<Refused> {
    match &step.op {
        Op::Create(create) => created(create),
        Op::Assign { ticket, to, with, .. } => {
            id(ticket).or_else(|| address(to, "support", 6)).or_else(|| helpers(to, with))
        }
        Op::Respond { ticket, files, .. } => id(ticket).or_else(|| files::flaw(files)),
        Op::Grant { ticket, agent, grants } => {
            let named = || (!agent.is_empty()).then(|| address(agent, "support", 6)).flatten();
            id(ticket).or(listed_badly(grants).then_some(("sdk", 18))).or_else(named)
        }
        Op::Status { ticket, status } => id(ticket)
            .or((!["in_progress", "pending_customer"].contains(&status.as_str())).then(|| support(4))),
        Op::Priority { ticket, priority, reason } => id(ticket)
            .or_else(|| public(reason))
            .or((!PRIORITIES.contains(&priority.as_str())).then(|| support(5))),
        Op::Resolve { ticket, reference: text }
        | Op::Close { ticket, reason: text }
        | Op::Reopen { ticket, reason: text } => id(ticket).or_else(|| public(text)),
        Op::Transfer { ticket, to, reason, .. } => {
            id(ticket).or_else(|| address(to, "support", 6)).or_else(|| public(reason))
        }
        Op::Rate { ticket, score, .. } => id(ticket).or((!(1..=5).contains(score)).then(|| support(55))),
        Op::Link { ticket, other, kind, .. } => {
            let known = ["related", "duplicate_of", "follows_up"].contains(&kind.as_str());
            id(ticket).or_else(|| id(other)).or((ticket == other || !known).then(|| support(56)))
        }
        Op::Snooze { ticket, until } => {
            id(ticket).or((!(0..=253_402_300_799).contains(until)).then_some(("sdk", 18)))
        }
        Op::Params(params) => out_of_range(params).then(|| support(14)),
        Op::Register { label, flaw, .. } => public(label).or(match flaw {
            KeyFlaw::Algorithm => Some(("encryption", 4)),
            KeyFlaw::Length => Some(("encryption", 2)),
            _ => None,
        }),
        Op::Revoke { fingerprint, owner } => {
            let digits = fingerprint.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
            let named = || (!owner.is_empty()).then(|| address(owner, "encryption", 1)).flatten();
            (fingerprint.len() != 40 || !digits).then_some(("encryption", 2)).or_else(named)
        }
        Op::AssignRole { address: who, role, ballot } | Op::RevokeRole { address: who, role, ballot } => {
            let known = ["administrator", "support_agent", "customer", "gateway"].contains(&role.as_str());
            let given = matches!(step.op, Op::AssignRole { .. });
            let votes =
                role == "administrator" || given && ["support_agent", "gateway"].contains(&role.as_str());
            address(who, "roles", 1)
                .or((!known).then_some(("roles", 2)))
                .or((votes && ballot.is_none()).then_some(("roles", 15)))
                .or((!votes && ballot.is_some()).then_some(("sdk", 18)))
        }
        Op::Import(plan) => plan.flaw(),
        Op::Continue => None,
        Op::Put(put) => put.flaw(),
        Op::SetState { address: who, state, reason } => {
            let known = ["active", "suspended", "terminated"].contains(&state.as_str());
            address(who, "roles", 1).or_else(|| public(reason)).or((!known).then_some(("roles", 3)))
        }
        Op::Propose { key, power, moniker } => public(moniker)
            .or((key.len() != 32 || key[..] == [0; 32]).then_some(("sdk", 18)))
            .or((!(0..=1_000_000_000).contains(power)).then_some(("sdk", 18))),
    }
}

/// Up to four beside the assignee, each once.
fn helpers(assignee: &str, with: &[String]) -> Option<Refused> {
    let twice = with.iter().enumerate().any(|(n, who)| with[..n].contains(who));
    (with.len() > 4)
        .then(|| support(75))
        .or_else(|| with.iter().find_map(|who| address(who, "support", 6)))
        .or((twice || with.iter().any(|who| who == assignee)).then(|| support(75)))
}

/// One to a hundred grants, and for each reader of a target one.
fn listed_badly(grants: &[GrantPlan]) -> bool {
    let same = |a: &GrantPlan, b: &GrantPlan| a.wire.target == b.wire.target && a.recipient == b.recipient;
    let mut pairs = grants.iter().enumerate().flat_map(|(n, a)| grants[..n].iter().map(move |b| (a, b)));
    !(1..=100).contains(&grants.len()) || pairs.any(|(a, b)| same(a, b))
}

fn created(create: &Create) -> Option<Refused> {
    let provider = if create.provider.is_empty() { None } else { address(&create.provider, "support", 6) };
    let known = create.priority.is_empty() || PRIORITIES.contains(&create.priority.as_str());
    provider
        .or((!known).then(|| support(5)))
        .or_else(|| {
            let (kind, id, _) = create.resource.as_ref()?;
            (!resource(kind, id)).then(|| support(17))
        })
        .or_else(|| files::flaw(&create.files))
}

/// `TKT-` and at least eight digits, none of them a needless zero.
fn id(text: &str) -> Option<Refused> {
    let number = ticket_number(text);
    number.is_none().then(|| support(3))
}

pub fn ticket_number(text: &str) -> Option<u64> {
    let digits = text.strip_prefix("TKT-")?;
    let number = digits.parse().ok().filter(|number| *number > 0)?;
    (super::desk::ticket_text(number) == text).then_some(number)
}

fn address(text: &str, codespace: &'static str, code: u32) -> Option<Refused> {
    sealdesk_protocol::ids::Address::parse(&prefix(), text).is_err().then_some((codespace, code))
}

/// Short texts that everyone can read: 128 bytes, and nothing invisible in them.
fn public(text: &str) -> Option<Refused> {
    let hidden = |c: char| c.is_control() || ['\u{202e}', '\u{200b}', '\u{feff}'].contains(&c);
    (text.len() > 128 || text.chars().any(hidden)).then_some(("sdk", 18))
}

/// As VirtEngine writes them: `owner/dseq/gseq/oseq`, `owner/dseq`, or an address. The campaign uses no other grammar.
fn resource(kind: &str, id: &str) -> bool {
    let slashes = id.matches('/').count();
    match kind {
        "order" | "lease" | "bid" => slashes == 3,
        "deployment" => slashes == 1,
        "provider" => slashes == 0,
        _ => false,
    }
}

fn out_of_range(p: &Params) -> bool {
    let within = (1..=10_000).contains(&p.max_tickets_per_customer_per_day)
        && p.ticket_cooldown_seconds <= 86_400
        && (1..=10_000).contains(&p.max_open_tickets_per_customer)
        && (5..=10_000).contains(&p.max_responses_per_ticket)
        && (1..=3_650).contains(&p.auto_close_after_days)
        && p.reopen_window_days <= 3_650
        && p.max_attachment_bytes <= 1 << 30
        && p.max_attachment_bytes_per_customer_per_day <= 1 << 30
        && (16_384..=131_072).contains(&p.max_envelope_bytes)
        && (3..=128).contains(&p.max_recipients)
        && (p.max_recipients <= 32 || p.max_envelope_bytes >= 65_536)
        && (1..=32).contains(&p.allowed_categories.len());
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
    !within
        || !p.allowed_categories.iter().all(|name| (1..=32).contains(&name.len()) && name.bytes().all(plain))
}
