//! What is changed in an export before another ledger begins with it: changes of the administrators that it lacks, and its time.

use std::collections::BTreeMap;

use super::{AttachedHour, CircleChange, Genesis, GenesisError, Member, Ticket};
use crate::account::AccountState;
use crate::limits::{DAY_SECONDS, HOUR_SECONDS};
use crate::messages::AssignableRole;
use crate::wire::sealdesk::ledger::v1 as wire;

impl Genesis {
    /// Adds the changes of the administrators that come after the document's last one, so that no older copy brings somebody back
    /// who was removed since. Gives how many. [`Genesis::check`] judges their votes.
    ///
    /// # Errors
    /// [`GenesisError::Invalid`] for a time outside the years 1970 to 9999.
    pub fn add_changes(&mut self, known: &[wire::CircleChange]) -> Result<usize, GenesisError> {
        let mut time = self.time()?;
        let mut added = 0;
        let state = &mut self.app_state;
        let mut members: BTreeMap<String, Member> =
            std::mem::take(&mut state.members).into_iter().map(|one| (one.address.clone(), one)).collect();
        for change in known {
            let next = state.circle.last().map(|last| last.position.saturating_add(1));
            if next != Some(change.position) {
                continue;
            }
            let known = members.remove(&change.address);
            members.insert(change.address.clone(), after_change(change, known.as_ref()));
            time = time.max(change.changed_at);
            state.circle.push(CircleChange::from(change));
            added += 1;
        }
        state.members = members.into_values().collect();
        self.set_time(time)?;
        Ok(added)
    }

    /// Lets the ledger begin at this time, in Unix seconds. Whatever the document says happened later, by a clock that was ahead,
    /// happened then, so that no limit and no deadline waits for a time that is far away.
    ///
    /// # Errors
    /// [`GenesisError::Invalid`] for a time outside the years 1970 to 9999.
    pub fn begin_at(&mut self, seconds: i64) -> Result<(), GenesisError> {
        self.set_time(seconds)?;
        let back = |time: &mut i64| *time = (*time).min(seconds);
        let state = &mut self.app_state;
        for member in &mut state.members {
            let times = [&mut member.assigned_at, &mut member.suspended_at, &mut member.last_appointed_at];
            times.into_iter().for_each(back);
        }
        state.circle.iter_mut().for_each(|change| back(&mut change.changed_at));
        for key in state.keys.iter_mut().flat_map(|of| &mut of.keys) {
            [&mut key.registered_at, &mut key.revoked_at].into_iter().for_each(back);
        }
        for customer in &mut state.customers {
            back(&mut customer.last_created_at);
            customer.created_at.iter_mut().for_each(back);
            hours_back(&mut customer.attached, seconds);
        }
        state.tickets.iter_mut().for_each(|ticket| set_back(ticket, seconds));
        state.documents.iter_mut().for_each(|document| back(&mut document.updated_at));
        let versions = state.published.iter_mut().flat_map(|published| &mut published.versions);
        versions.for_each(|version| back(&mut version.since));
        for writer in &mut state.document_writers {
            let times = [&mut writer.own, &mut writer.staff, &mut writer.public];
            times.into_iter().flatten().for_each(back);
        }
        Ok(())
    }
}

/// As the ledger keeps who joined, or left: what their record said of the past stays. The last vote was the one that decided.
fn after_change(change: &wire::CircleChange, known: Option<&Member>) -> Member {
    let last = change.votes.iter().max_by_key(|vote| vote.made);
    let role = if change.removes { "" } else { AssignableRole::Administrator.name() };
    let assigned_by = last.map(|vote| vote.voter.clone()).filter(|_| !change.removes);
    Member {
        address: change.address.clone(),
        role: role.to_owned(),
        state: AccountState::Active.name().to_owned(),
        assigned_by: assigned_by.unwrap_or_default(),
        assigned_at: if change.removes { 0 } else { change.changed_at },
        suspended_at: 0,
        appointment: None,
        was_staff: change.removes,
        last_appointed_at: known.map_or(0, |known| known.last_appointed_at),
    }
}

/// Bytes of hours that had not begun by then are those of the hour that it is then.
fn hours_back(hours: &mut Vec<AttachedHour>, seconds: i64) {
    let from = seconds.saturating_sub(seconds.rem_euclid(HOUR_SECONDS));
    let late = hours.iter().filter(|hour| hour.from >= from);
    let bytes = late.fold(0_u64, |all, hour| all.saturating_add(hour.bytes));
    hours.retain(|hour| hour.from < from);
    if bytes > 0 {
        hours.push(AttachedHour { from, bytes });
    }
}

/// A resolved ticket closes as many days after its resolution as before. One that was put aside comes back when people said.
fn set_back(ticket: &mut Ticket, seconds: i64) {
    let back = |time: &mut i64| *time = (*time).min(seconds);
    let days = ticket.due_at.saturating_sub(ticket.resolved_at) / DAY_SECONDS;
    for time in
        [&mut ticket.created_at, &mut ticket.updated_at, &mut ticket.resolved_at, &mut ticket.closed_at]
    {
        back(time);
    }
    if ticket.due_at == 0 {
        back(&mut ticket.snoozed_until);
    } else if ticket.snoozed_until == 0 {
        ticket.due_at = ticket.resolved_at.saturating_add(days.saturating_mul(DAY_SECONDS));
    }
    for rating in &mut ticket.ratings {
        [&mut rating.rated_at, &mut rating.resolved_at].into_iter().for_each(back);
    }
    ticket.steps.iter_mut().for_each(|step| back(&mut step.at));
    ticket.payload.grants.iter_mut().for_each(|grant| back(&mut grant.created_at));
    for response in &mut ticket.responses {
        back(&mut response.created_at);
        response.payload.grants.iter_mut().for_each(|grant| back(&mut grant.created_at));
    }
}
