//! The limits that administrators may change, with their defaults and ranges.

use crate::codes::{Refusal, SupportError};
use crate::limits::{
    ADMINISTRATORS_MAX, CATEGORY_BYTES_MAX, ENVELOPE_BYTES_OF_MANY_READERS_MIN,
    RECIPIENTS_OF_SMALL_ENVELOPES_MAX, RECIPIENTS_PARAM_MAX,
};
use crate::wire::virtengine::support::v1 as wire;

/// Categories of a desk that names none.
pub const DEFAULT_CATEGORIES: [&str; 7] =
    ["billing", "technical", "account", "provider", "deployment", "security", "other"];

/// Most categories a desk may have.
const CATEGORIES_MAX: usize = 32;

/// Checked parameters: every value is inside its range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Params {
    /// Tickets one customer may create in any 86,400 seconds: 1 to 10,000.
    pub max_tickets_per_customer_per_day: u32,
    /// Responses and notes a ticket may have: 5 to 10,000. The last fifth is kept for staff.
    pub max_responses_per_ticket: u32,
    /// Seconds a customer waits between tickets: 0 to 86,400.
    pub ticket_cooldown_seconds: u32,
    /// Days after its resolution that a ticket closes by itself: 1 to 3,650.
    pub auto_close_after_days: u32,
    /// Tickets of one customer that are not closed: 1 to 10,000.
    pub max_open_tickets_per_customer: u32,
    /// Days after its closing that a ticket can be reopened: 0 to 3,650.
    pub reopen_window_days: u32,
    /// 1 to 32 names of 1 to 32 bytes `[a-z0-9_-]`, in the order given, none twice.
    pub allowed_categories: Vec<String>,
    /// Encoded bytes of one envelope: 16,384 to 131,072.
    pub max_envelope_bytes: u32,
    /// Readers of one envelope: 3 to 128; above 32 only with `max_envelope_bytes` of at least 65,536.
    pub max_recipients: u32,
    /// Whether only accounts given the role `customer` may create tickets.
    pub listed_customers: bool,
    /// Bytes of one attached file with its padding: 0, which turns files off, to 1 GiB. A message's 64 MiB hold all the same.
    pub max_attachment_bytes: u32,
    /// Bytes, with their padding, of the files that one customer may attach in any 86,400 seconds: 0 to 1 GiB.
    pub max_attachment_bytes_per_customer_per_day: u32,
    /// Whether administrators may import tickets from another system.
    pub import_open: bool,
    /// Whether agents whom the circle appointed are readers of what nobody is assigned, and may take it.
    pub open_queue: bool,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            max_tickets_per_customer_per_day: 5,
            max_responses_per_ticket: 100,
            ticket_cooldown_seconds: 60,
            auto_close_after_days: 7,
            max_open_tickets_per_customer: 10,
            reopen_window_days: 30,
            allowed_categories: DEFAULT_CATEGORIES.map(str::to_owned).to_vec(),
            max_envelope_bytes: 65_536,
            max_recipients: 32,
            listed_customers: false,
            max_attachment_bytes: 25 << 20,
            max_attachment_bytes_per_customer_per_day: 100 << 20,
            import_open: false,
            open_queue: false,
        }
    }
}

impl Params {
    /// Checks every range.
    ///
    /// # Errors
    /// Code 14, naming the parameter, its value and its range.
    pub fn from_wire(wire: wire::Params) -> Result<Self, Refusal> {
        let ranges = [
            ("max_tickets_per_customer_per_day", wire.max_tickets_per_customer_per_day, 1, 10_000),
            ("max_responses_per_ticket", wire.max_responses_per_ticket, 5, 10_000),
            ("ticket_cooldown_seconds", wire.ticket_cooldown_seconds, 0, 86_400),
            ("auto_close_after_days", wire.auto_close_after_days, 1, 3_650),
            ("max_open_tickets_per_customer", wire.max_open_tickets_per_customer, 1, 10_000),
            ("reopen_window_days", wire.reopen_window_days, 0, 3_650),
            ("max_envelope_bytes", wire.max_envelope_bytes, 16_384, 131_072),
            ("max_recipients", wire.max_recipients, 3, RECIPIENTS_PARAM_MAX),
            ("max_attachment_bytes", wire.max_attachment_bytes, 0, 1 << 30),
            (
                "max_attachment_bytes_per_customer_per_day",
                wire.max_attachment_bytes_per_customer_per_day,
                0,
                1 << 30,
            ),
        ];
        for (name, value, least, most) in ranges {
            if value < least || value > most {
                let text = format!("{name} is {value}, allowed are {least} to {most}");
                return Err(SupportError::InvalidParams(text).into());
            }
        }
        check_categories(&wire.allowed_categories)?;
        check_room(&wire)?;
        Ok(Self {
            max_tickets_per_customer_per_day: wire.max_tickets_per_customer_per_day,
            max_responses_per_ticket: wire.max_responses_per_ticket,
            ticket_cooldown_seconds: wire.ticket_cooldown_seconds,
            auto_close_after_days: wire.auto_close_after_days,
            max_open_tickets_per_customer: wire.max_open_tickets_per_customer,
            reopen_window_days: wire.reopen_window_days,
            allowed_categories: wire.allowed_categories,
            max_envelope_bytes: wire.max_envelope_bytes,
            max_recipients: wire.max_recipients,
            listed_customers: wire.listed_customers,
            max_attachment_bytes: wire.max_attachment_bytes,
            max_attachment_bytes_per_customer_per_day: wire.max_attachment_bytes_per_customer_per_day,
            import_open: wire.import_open,
            open_queue: wire.open_queue,
        })
    }

    /// The wire form.
    pub fn to_wire(&self) -> wire::Params {
        wire::Params {
            max_tickets_per_customer_per_day: self.max_tickets_per_customer_per_day,
            max_responses_per_ticket: self.max_responses_per_ticket,
            ticket_cooldown_seconds: self.ticket_cooldown_seconds,
            auto_close_after_days: self.auto_close_after_days,
            max_open_tickets_per_customer: self.max_open_tickets_per_customer,
            reopen_window_days: self.reopen_window_days,
            allowed_categories: self.allowed_categories.clone(),
            max_envelope_bytes: self.max_envelope_bytes,
            max_recipients: self.max_recipients,
            listed_customers: self.listed_customers,
            max_attachment_bytes: self.max_attachment_bytes,
            max_attachment_bytes_per_customer_per_day: self.max_attachment_bytes_per_customer_per_day,
            import_open: self.import_open,
            open_queue: self.open_queue,
        }
    }

    /// Active administrators a desk may have: an envelope also names the customer and the assignee. Never more than
    /// [`ADMINISTRATORS_MAX`].
    pub fn max_active_administrators(&self) -> usize {
        self.recipients_beside(2).min(ADMINISTRATORS_MAX)
    }

    /// How many collaborators, or agents of an open queue, are required readers beside so many administrators: room stays for two more, the
    /// customer, and the assignee or the provider.
    pub fn room_beside(&self, administrators: usize) -> usize {
        self.recipients_beside(administrators.saturating_add(2))
    }

    fn recipients_beside(&self, others: usize) -> usize {
        usize::try_from(self.max_recipients).unwrap_or(usize::MAX).saturating_sub(others)
    }
}

/// Keys for many readers take room of their own: without it a ticket could have more required readers than any envelope holds.
fn check_room(wire: &wire::Params) -> Result<(), Refusal> {
    let (recipients, bytes) = (wire.max_recipients, wire.max_envelope_bytes);
    if recipients <= RECIPIENTS_OF_SMALL_ENVELOPES_MAX || bytes >= ENVELOPE_BYTES_OF_MANY_READERS_MIN {
        return Ok(());
    }
    let text = format!(
        "max_recipients is {recipients}: more than {RECIPIENTS_OF_SMALL_ENVELOPES_MAX} need a max_envelope_bytes of at least {ENVELOPE_BYTES_OF_MANY_READERS_MIN}, which is {bytes}"
    );
    Err(SupportError::InvalidParams(text).into())
}

fn check_categories(categories: &[String]) -> Result<(), Refusal> {
    let refuse = |text: String| Err(SupportError::InvalidParams(text).into());
    if categories.is_empty() || categories.len() > CATEGORIES_MAX {
        return refuse(format!("{} categories, allowed are 1 to {CATEGORIES_MAX}", categories.len()));
    }
    for (place, name) in categories.iter().enumerate() {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
        if name.is_empty() || name.len() > CATEGORY_BYTES_MAX || !name.bytes().all(plain) {
            return refuse(format!(
                "category {place} is not 1 to {CATEGORY_BYTES_MAX} of a-z, 0-9, '_' and '-'"
            ));
        }
        if categories.iter().take(place).any(|earlier| earlier == name) {
            return refuse(format!("category {name} is named twice"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_parameter_is_judged_at_its_edges() {
        type Set = fn(&mut wire::Params, u32);
        let cases: [(Set, u32, u32); 10] = [
            (|p, v| p.max_tickets_per_customer_per_day = v, 1, 10_000),
            (|p, v| p.max_responses_per_ticket = v, 5, 10_000),
            (|p, v| p.ticket_cooldown_seconds = v, 0, 86_400),
            (|p, v| p.auto_close_after_days = v, 1, 3_650),
            (|p, v| p.max_open_tickets_per_customer = v, 1, 10_000),
            (|p, v| p.reopen_window_days = v, 0, 3_650),
            (|p, v| p.max_envelope_bytes = v, 16_384, 131_072),
            (|p, v| p.max_recipients = v, 3, 128),
            (|p, v| p.max_attachment_bytes = v, 0, 1 << 30),
            (|p, v| p.max_attachment_bytes_per_customer_per_day = v, 0, 1 << 30),
        ];
        for (set, least, most) in cases {
            let judge = |value| {
                let mut wire = Params::default().to_wire();
                set(&mut wire, value);
                Params::from_wire(wire).map(|params| params.to_wire())
            };
            assert!(judge(least).is_ok() && judge(most).is_ok());
            for outside in [least.checked_sub(1), Some(most + 1), Some(u32::MAX)].into_iter().flatten() {
                assert_eq!(judge(outside).unwrap_err().code(), 14);
            }
        }
    }

    #[test]
    fn many_readers_need_large_envelopes() {
        let judge = |max_recipients, max_envelope_bytes| {
            let wire = wire::Params { max_recipients, max_envelope_bytes, ..Params::default().to_wire() };
            Params::from_wire(wire).map_err(|refusal| refusal.code())
        };
        assert!(judge(32, 16_384).is_ok() && judge(128, 65_536).is_ok());
        assert_eq!([judge(33, 65_535).err(), judge(128, 16_384).err()], [Some(14); 2]);
    }

    #[test]
    fn room_is_left_for_those_beside_the_administrators() {
        let params = |max_recipients| Params { max_recipients, ..Params::default() };
        assert_eq!([3, 32, 128].map(|n| params(n).max_active_administrators()), [1, 30, 30]);
        assert_eq!([3, 32, 128].map(|n| params(n).room_beside(3)), [0, 27, 123]);
    }

    #[test]
    fn category_names_are_plain_and_distinct() {
        let judge = |names: &[&str]| {
            let allowed_categories = names.iter().map(|&name| name.to_owned()).collect();
            Params::from_wire(wire::Params { allowed_categories, ..Params::default().to_wire() })
        };
        assert!(judge(&["a", "b-2", "c_d", &"x".repeat(32)]).is_ok());
        for names in [&[][..], &[""], &["A"], &["a b"], &["é"], &["a", "a"], &[&"x".repeat(33)]] {
            assert_eq!(judge(names).unwrap_err().code(), 14, "{names:?}");
        }
        assert!(judge(&(0..33).map(|_| "x").collect::<Vec<_>>()).is_err());
    }
}
