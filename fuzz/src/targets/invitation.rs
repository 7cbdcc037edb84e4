//! What people copy from mails into the program: the line of an invitation, and names of people.

use sealdesk_client::contacts::ContactName;
use sealdesk_client::invite_link::InviteLink;
use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::ids::{ChainId, Prefix};
use sealdesk_protocol::text::deceives;

use super::{choose, chosen};
use crate::{Outcome, Target};

pub(super) fn targets() -> Vec<Target> {
    vec![Target { name: "invitation", bytes_max: 1_100, run, seeds, contains_panics: false }]
}

/// `line or name ‖ text`. A line that was taken is written again and read as the same; a name hides nothing.
fn run(data: &[u8]) -> Outcome {
    let Some((choice, rest)) = choose(data, 2) else { return Outcome::Refused };
    let Ok(text) = str::from_utf8(rest) else { return Outcome::Refused };
    if choice == 0 {
        let Ok(link) = InviteLink::parse(text) else { return Outcome::Refused };
        // Percent-encoding has more than one spelling, so that a line of the greatest length may be written longer.
        if let Ok(line) = link.to_line() {
            let again = InviteLink::parse(&line).expect("what was written is read");
            assert_eq!(format!("{again:?}"), format!("{link:?}"), "what was read is written otherwise");
        }
        return Outcome::Accepted;
    }
    let Ok(name) = ContactName::parse(text) else { return Outcome::Refused };
    assert!(!name.as_str().chars().any(deceives) && name.as_str() == text.trim_matches(' '));
    Outcome::Accepted
}

fn seeds() -> Vec<Vec<u8>> {
    let link = InviteLink {
        node: "https://desk.example:8443".to_owned(),
        chain_id: ChainId::parse("desk-1").expect("a name"),
        identity: Identity([7; 32]),
        prefix: Prefix::parse("acme").expect("a prefix"),
        invited: ContactName::parse("Zo\u{eb} M").ok(),
        inviter: None,
        code: None,
    };
    let line = link.to_line().expect("a line");
    vec![chosen(0, line.as_bytes()), chosen(1, "Zo\u{eb} M\u{fc}ller".as_bytes()), chosen(1, b"bob-2")]
}
