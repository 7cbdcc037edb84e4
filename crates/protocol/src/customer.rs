//! What a customer and a ticket may have more of: tickets, files, responses. Arithmetic on proven records and parameters. The machine
//! refuses by it, and a program that is about to bring files foretells by it what the ledger would say.

use crate::attachment::{Attachment, attached_bytes};
use crate::codes::{Moment, SupportError};
use crate::limits::{DAY_SECONDS, HOUR_SECONDS, RESPONSES_STAFF_SHARE};
use crate::params::Params;
use crate::wire::sealdesk::ledger::v1::{AttachedHour, CustomerRecord};

/// Whether the customer may create a ticket now.
///
/// # Errors
/// [`SupportError`], as the ledger refuses it.
pub fn check_create(record: &CustomerRecord, params: &Params, now: i64) -> Result<(), SupportError> {
    check_open(record.open_tickets.saturating_add(1), params)?;
    check_cooldown(record, params, now)?;
    let recent: Vec<i64> = recent(record, now).collect();
    let value = params.max_tickets_per_customer_per_day;
    let most = usize::try_from(value).unwrap_or(usize::MAX);
    let Some(excess) = recent.len().checked_sub(most) else { return Ok(()) };
    let next = recent.get(excess).map_or(now, |created| created.saturating_add(DAY_SECONDS));
    let next = format!("the next ticket is allowed at {}", Moment(next));
    Err(SupportError::RateLimit { limit: "max_tickets_per_customer_per_day", value, next })
}

/// Whether a ticket of the customer may be reopened now. One that is only resolved is among their open tickets already.
///
/// # Errors
/// [`SupportError`], as the ledger refuses it.
pub fn check_reopen(
    record: &CustomerRecord,
    was_closed: bool,
    params: &Params,
    now: i64,
) -> Result<(), SupportError> {
    check_open(record.open_tickets.saturating_add(u32::from(was_closed)), params)?;
    check_cooldown(record, params, now)
}

fn check_open(open: u32, params: &Params) -> Result<(), SupportError> {
    let value = params.max_open_tickets_per_customer;
    if open <= value {
        return Ok(());
    }
    let next = "the next is allowed when one of the customer's open tickets is closed".to_owned();
    Err(SupportError::RateLimit { limit: "max_open_tickets_per_customer", value, next })
}

fn check_cooldown(record: &CustomerRecord, params: &Params, now: i64) -> Result<(), SupportError> {
    let value = params.ticket_cooldown_seconds;
    let next = record.last_created_at.saturating_add(i64::from(value));
    if record.last_created_at == 0 || now >= next {
        return Ok(());
    }
    let next = format!("the next ticket is allowed at {}", Moment(next));
    Err(SupportError::RateLimit { limit: "ticket_cooldown_seconds", value, next })
}

/// What the limits remember after a create: this creation, and of earlier ones only those of the last day.
pub fn after_create(record: &CustomerRecord, now: i64) -> CustomerRecord {
    CustomerRecord {
        open_tickets: record.open_tickets,
        last_created_at: now,
        created_at: recent(record, now).chain([now]).collect(),
        attached: record.attached.clone(),
    }
}

/// Whether a message may have files of these padded sizes, in bytes: what one may have, and together what its customer may attach in a
/// day. Staff have no record, and no such day.
///
/// # Errors
/// [`SupportError`], as the ledger refuses it.
pub fn check_attachments(
    record: Option<&CustomerRecord>,
    sizes: &[u64],
    params: &Params,
    now: i64,
) -> Result<(), SupportError> {
    let value = params.max_attachment_bytes;
    if sizes.is_empty() {
        return Ok(());
    }
    if value == 0 {
        return Err(SupportError::AttachmentsOff);
    }
    if let Some(found) = sizes.iter().copied().find(|size| *size > u64::from(value)) {
        return Err(SupportError::AttachmentTooLarge { found, value });
    }
    let Some(record) = record else { return Ok(()) };
    let value = params.max_attachment_bytes_per_customer_per_day;
    let sum = sizes.iter().fold(0, |sum: u64, size| sum.saturating_add(*size));
    let (mut sum, most) = (sum, u64::from(value));
    // The newest hours first: the one that is too much is the one that has to go by.
    for hour in attached(record, now).collect::<Vec<_>>().into_iter().rev() {
        if sum > most {
            break;
        }
        sum = sum.saturating_add(hour.bytes);
        if sum > most {
            let next = hour.from.saturating_add(HOUR_SECONDS).saturating_add(DAY_SECONDS);
            return Err(too_many_bytes(value, format!("these are allowed at {}", Moment(next))));
        }
    }
    if sum > most {
        return Err(too_many_bytes(value, "these are more than a day allows: attach less".to_owned()));
    }
    Ok(())
}

fn too_many_bytes(value: u32, next: String) -> SupportError {
    SupportError::RateLimit { limit: "max_attachment_bytes_per_customer_per_day", value, next }
}

/// What the limits remember of a customer's files: those of the last day, counted by the hour, so that a record stays small.
pub fn after_attaching(record: &CustomerRecord, files: &[Attachment], now: i64) -> CustomerRecord {
    let (bytes, from) = (attached_bytes(files), now.saturating_sub(now.rem_euclid(HOUR_SECONDS)));
    let mut hours: Vec<AttachedHour> = attached(record, now).cloned().collect();
    match hours.last_mut() {
        _ if bytes == 0 => {}
        Some(last) if last.from == from => last.bytes = last.bytes.saturating_add(bytes),
        _ => hours.push(AttachedHour { from, bytes }),
    }
    CustomerRecord { attached: hours, ..record.clone() }
}

/// The hours that are not all more than a day ago.
fn attached(record: &CustomerRecord, now: i64) -> impl Iterator<Item = &AttachedHour> {
    let since = now.saturating_sub(DAY_SECONDS).saturating_sub(HOUR_SECONDS);
    record.attached.iter().filter(move |hour| hour.from > since)
}

fn recent(record: &CustomerRecord, now: i64) -> impl Iterator<Item = i64> + '_ {
    let since = now.saturating_sub(DAY_SECONDS);
    record.created_at.iter().copied().filter(move |created| *created > since)
}

/// Whether a ticket with `count` responses may have one more.
///
/// # Errors
/// [`SupportError`], as the ledger refuses it.
pub fn check_response(count: u32, by_customer: bool, params: &Params) -> Result<(), SupportError> {
    let value = params.max_responses_per_ticket;
    let reserved = value / RESPONSES_STAFF_SHARE;
    let most = if by_customer { value.saturating_sub(reserved) } else { value };
    if count < most {
        return Ok(());
    }
    Err(SupportError::TooManyResponses { limit: "max_responses_per_ticket", value, reserved })
}
