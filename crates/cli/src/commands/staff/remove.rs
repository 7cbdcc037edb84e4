//! `sealdesk staff remove NAME`.

use std::collections::BTreeSet;

use sealdesk_client::actor::Actor;
use sealdesk_client::desk::Desk;
use sealdesk_client::reassign::{ReassignProgress, Reassigned, Reassigning};
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::messages::AssignableRole;
use serde_json::{Value, json};
use tonic::transport::Channel;

use super::keeping::{KeepArgs, Keeping};
use crate::access_report::{AccessReport, list};
use crate::context::Context;
use crate::failure::Failure;
use crate::outcome::{self, End, as_json, of_vote};
use crate::parse::Person;
use crate::staff::{self, Leaver};
use crate::table::count;

/// Options of `staff remove`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "You are first shown what they hold, and asked about it. Then, in this order: their role goes, so they can do nothing more, and the staff's \
    documents are sealed without them; their keys are revoked, so nothing new is sealed for them; of the agents whom they appointed, and of \
    those to whom their grants gave access, the ones whom you keep get yours instead; their tickets go to --reassign-to. It can be stopped and run again.\n\
    What was sealed for them before they can open as long as they have their phrase. For example:\n  sealdesk staff remove bob --reassign-to carol"
)]
pub(crate) struct Args {
    /// Who leaves
    #[arg(value_name = "ADDR|NAME")]
    person: Person,
    /// The agent or administrator who gets their tickets; without it the tickets stay where they are, and `inbox` lists them
    #[arg(long, value_name = "ADDR|NAME")]
    reassign_to: Option<Person>,
    #[command(flatten)]
    keep: KeepArgs,
}

/// What was done, and what could not be, a line each.
#[derive(Default)]
struct Removed {
    done: Vec<String>,
    /// What lacks, which makes it no success.
    lacks: Vec<String>,
    revoked_keys: usize,
    appointed: Vec<String>,
    /// Whom they had appointed or let in, and for whom nobody signed anew.
    not_kept: BTreeSet<String>,
    reassigned: Option<Reassigned>,
    unproven: usize,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let address = context.address(&args.person)?;
    let to = args.reassign_to.as_ref().map(|to| context.address(to)).transpose()?;
    let (desk, me) = super::acting(context).await?;
    if desk.address_of(&me) == address {
        return Err(Failure::usage(
            "you cannot remove yourself: someone who has left can hand nothing over",
            "another administrator can do it; `sealdesk tx roles revoke-role` gives up a role of your own",
        ));
    }
    if to.as_ref() == Some(&address) {
        return Err(Failure::usage(
            "the person who leaves cannot get the tickets",
            "name someone else with --reassign-to",
        ));
    }
    let who: &str = &args.person;
    let mut keeping = Keeping::new(context, who, &args.keep)?;
    let before = desk.held(&address).await?;
    let question = format!("Remove {who} from the staff?");
    let leaver = Leaver { who, address: &address, me: Some(&me) };
    let held = staff::ask_before_leaving(context, &desk, leaver, Some(&question)).await?;
    let mut removed = Removed::default();
    let role = match (before.standing.in_circle, before.standing.member.role) {
        (true, _) => Some(AssignableRole::Administrator),
        (false, role) => role.filter(|role| *role == AssignableRole::SupportAgent),
    };
    if let Some(role) = role {
        let outcome = desk.revoke_role(&me, &address, role).await?;
        if outcome.is_open_vote() {
            let text = format!(
                "{}\n  once it is decided, run this again: keys and tickets of {who} are left alone until then",
                of_vote(&outcome, "")
            );
            return outcome::done_with(context, &outcome, &[("held", held)], || text);
        }
        removed.unproven += usize::from(!outcome.proven);
        removed.done.push(format!("{who} is no longer {}", super::in_words(role)));
    }
    revoke_keys(&desk, &me, leaver, &mut removed).await;
    let appointed: Vec<Address> = before.appointed;
    hand_on(&desk, &me, &appointed, &mut keeping, &mut removed).await;
    if let Some(to) = &to {
        let all = BTreeSet::new();
        let reassigning = Reassigning { from: &address, to, only: &all };
        pass_on(context, &desk, &me, reassigning, &mut removed).await;
    }
    report(context, &desk, &args, Told { address: &address, held, removed }).await
}

/// Revokes what is left of their keys: after the role, since nobody revokes an administrator's.
async fn revoke_keys(desk: &Desk<Channel>, me: &Actor, leaver: Leaver<'_>, removed: &mut Removed) {
    match desk.revoke_all_keys_of(me, leaver.address).await {
        Ok(outcomes) => {
            removed.revoked_keys = outcomes.len();
            removed.unproven += outcomes.iter().filter(|outcome| !outcome.proven).count();
            if !outcomes.is_empty() {
                removed.done.push(format!("{} of {} revoked", count(outcomes.len(), "key"), leaver.who));
            }
        }
        Err(error) => removed.lacks.push(format!("keys remain: {}", Failure::from(error))),
    }
}

/// Appoints again the agents whom they appointed, and lets in again whom their grants let in, of those who stay.
async fn hand_on(
    desk: &Desk<Channel>,
    me: &Actor,
    appointed: &[Address],
    keeping: &mut Keeping<'_>,
    removed: &mut Removed,
) {
    for agent in appointed {
        if !keeping.keeps(agent.as_str(), "appointed") {
            removed.not_kept.insert(agent.to_string());
            continue;
        }
        match desk.assign_role(me, agent, AssignableRole::SupportAgent).await {
            Ok(outcome) => {
                removed.unproven += usize::from(!outcome.proven);
                removed.appointed.push(agent.to_string());
            }
            Err(error) => {
                removed.lacks.push(format!("{agent} is not appointed again: {}", Failure::from(error)))
            }
        }
    }
    if !removed.appointed.is_empty() {
        let many = count(removed.appointed.len(), "agent");
        removed.done.push(format!("{many} whom they had appointed, appointed by you"));
    }
    let_in_again(desk, me, keeping, removed).await;
}

/// Lets those in again who stay, and whom no grant that counts lets in by now.
async fn let_in_again(desk: &Desk<Channel>, me: &Actor, keeping: &mut Keeping<'_>, removed: &mut Removed) {
    let ended = match desk.ended_grants().await {
        Ok(ended) => ended,
        Err(error) => {
            removed
                .lacks
                .push(format!("it is not known who reads by their grants: {}", Failure::from(error)));
            return;
        }
    };
    let mut renewed = 0_usize;
    for ended in ended {
        let ticket = ended.ticket;
        if !keeping.keeps(&ended.assignee, &format!("or someone before them gave access to {ticket}:")) {
            removed.not_kept.insert(ended.assignee);
            continue;
        }
        match desk.renew_grant(me, ended).await {
            Ok(done) if done.granted.access.as_ref().is_some_and(|access| access.later) => renewed += 1,
            Ok(_) => removed.lacks.push(format!("the assignee of {ticket} reads nothing new")),
            Err(error) => {
                removed
                    .lacks
                    .push(format!("the assignee of {ticket} reads nothing new: {}", Failure::from(error)));
            }
        }
    }
    if renewed > 0 {
        removed
            .done
            .push(format!("{} whose assignees read by a grant of yours again", count(renewed, "ticket")));
    }
}

/// Passes their tickets on.
async fn pass_on(
    context: &Context,
    desk: &Desk<Channel>,
    me: &Actor,
    reassigning: Reassigning<'_>,
    removed: &mut Removed,
) {
    let output = context.output();
    let mut progress = |progress: ReassignProgress| {
        output.progress(&format!("handed over: {} of {} tickets ", progress.done, progress.total));
    };
    let report = desk.reassign(me, reassigning, &mut progress).await;
    output.progress("");
    match report {
        Ok(report) => removed.reassigned = Some(report),
        Err(error) => removed.lacks.push(format!("no ticket was handed over: {}", Failure::from(error))),
    }
}

/// What is told at the end.
struct Told<'a> {
    address: &'a Address,
    held: Value,
    removed: Removed,
}

/// Says what is so by then, from what the ledger proves.
async fn report(
    context: &Context,
    desk: &Desk<Channel>,
    args: &Args,
    Told { address, held, removed }: Told<'_>,
) -> Result<(), Failure> {
    let Removed { done, mut lacks, revoked_keys, appointed, not_kept, reassigned, unproven } = removed;
    let who: &str = &args.person;
    let standing = desk.standing(address).await?;
    let still = desk.in_work_of(address).await?;
    let still: Vec<TicketId> = still.iter().map(|ticket| ticket.id).collect();
    if standing.in_circle || standing.member.role == Some(AssignableRole::SupportAgent) {
        lacks.push(format!("{who} is still on the staff"));
    }
    if standing.active_keys > 0 {
        lacks.push(format!("{} of {who} still active", count(standing.active_keys, "key")));
    }
    if !standing.in_circle {
        match desk.held(address).await {
            Ok(held) => {
                let not_told = |agent: &Address| {
                    let is_told = not_kept.contains(agent.as_str());
                    !is_told && !lacks.iter().any(|lack| lack.starts_with(agent.as_str()))
                };
                let left: Vec<Address> = held.appointed.into_iter().filter(not_told).collect();
                lacks.extend(left.iter().map(|agent| {
                    format!("{agent} is an agent only by an appointment from {who}, which is no longer valid")
                }));
            }
            Err(error) => {
                lacks.push(format!("it is not known whom {who} appointed: {}", Failure::from(error)))
            }
        }
    }
    let moved = reassigned.as_ref().map(|report| moved_text(args, report));
    let passed_on_whole = reassigned.as_ref().is_none_or(Reassigned::is_whole);
    let whole = lacks.is_empty() && passed_on_whole;
    let names = |ids: &[TicketId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    let last = reassigned.as_ref().and_then(|report| report.last.as_ref());
    let mut value = last.map_or_else(|| json!({ "code": 0 }), as_json);
    value["held"] = held;
    value["revoked_keys"] = revoked_keys.into();
    value["appointed_again"] = appointed.into();
    value["not_kept"] = not_kept.iter().cloned().collect::<Vec<_>>().into();
    value["passed"] = reassigned.as_ref().map_or(Value::Null, |report| names(&report.passed).into());
    value["still_assigned"] = names(&still).into();
    value["lacks"] = lacks.clone().into();
    value["whole"] = whole.into();
    let unproven = unproven + reassigned.as_ref().map_or(0, |report| report.unproven);
    outcome::ended(context, value, End { proven: unproven == 0, whole }, || {
        let mut lines = done;
        lines.extend(not_kept_text(context, &args.person, &not_kept));
        lines.extend(moved);
        if !still.is_empty() {
            lines.push(format!(
                "{} still assigned to {who}: {}\n  hand them to someone who can: `sealdesk reassign --from {who} --to ADDR|NAME`",
                count(still.len(), "ticket"),
                list(&still)
            ));
        }
        lines.extend(lacks.iter().map(|lack| format!("not done: {lack}")));
        lines.push(format!(
            "What was sealed for {who} until now, they can open as long as they have their phrase.\n  Nothing written from now on is sealed for them."
        ));
        lines.join("\n")
    })
}

/// Who was by them, and is not by anybody now.
fn not_kept_text(context: &Context, who: &str, not_kept: &BTreeSet<String>) -> Option<String> {
    let names: Vec<String> = not_kept.iter().map(|address| context.named(address)).collect();
    (!names.is_empty()).then(|| {
        format!(
            "only {who} appointed them and nobody renewed it, so nothing new is sealed for them: {}\n  to keep someone: `sealdesk staff remove {who} --keep NAME`",
            names.join(", ")
        )
    })
}

/// What became of their tickets.
fn moved_text(args: &Args, report: &Reassigned) -> String {
    let to = args.reassign_to.as_ref().map(ToString::to_string).unwrap_or_default();
    let again = format!("sealdesk reassign --from {} --to {to}", args.person);
    let stopped = report.stopped.as_ref().map(|(ticket, error)| format!("at {ticket}, {error}"));
    let letting = AccessReport {
        who: &to,
        of: &count(report.access.tickets, "ticket"),
        access: &report.access,
        again: &again,
        stopped: stopped.as_deref(),
        refused: &report.failed,
    };
    let mut lines = Vec::new();
    if !report.passed.is_empty() {
        let many = count(report.passed.len(), "ticket");
        lines.push(format!("{many} assigned to {to}: {}", list(&report.passed)));
    }
    lines.push(letting.text());
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}
