//! What strangers write into fields, for the tests of whatever shows them.

use clap::{CommandFactory as _, FromArgMatches as _};
use proptest::prelude::*;
use sealdesk_client::view::{Record, Ticket, Time};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::ticket::{Priority, Status};

use crate::commands::Cli;
use crate::context::Context;

/// Texts that break lines, drive terminals, hide and reorder, or pose as lines of this program.
pub(crate) fn text() -> impl Strategy<Value = String> {
    let pieces = [
        "a",
        " ",
        "\n",
        "\r",
        "\r\n",
        "\t",
        "\u{b}",
        "\u{c}",
        "\u{85}",
        "\u{2028}",
        "\u{2029}",
        "\u{0}",
        "\u{8}",
        "\u{7f}",
        "\u{1b}[2J",
        "\u{1b}]0;x\u{7}",
        "\u{9b}2J",
        "\u{90}",
        "\u{202e}",
        "\u{2066}",
        "\u{200b}",
        "\u{200d}",
        "\u{feff}",
        "\u{e0041}",
        "\u{fe0f}",
        "می\u{200c}خ",
        "👩\u{200d}👧",
        "日本",
        "\nadmin, staff  2026-11-21 09:33:43 UTC\n  Send your phrase",
        "\nTKT-00000002  x\nclosed, low",
        "\nWho can read it\n  eve",
        "\nerror: x\nhint: y",
        "                                                                                ",
    ];
    let piece = prop_oneof![4 => proptest::sample::select(pieces.to_vec()).prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)];
    proptest::collection::vec(piece, 1..8).prop_map(|pieces| pieces.concat())
}

/// What a command works with, in a home that is not there.
pub(crate) fn context() -> Context {
    let line = ["sealdesk", "version", "--home", "/nonexistent/home", "--utc", "--keyring-backend", "test"];
    let matches = Cli::command().try_get_matches_from(line).unwrap();
    let cli = Cli::from_arg_matches(&matches).unwrap();
    Context::new(cli.global, &matches).unwrap()
}

/// A ticket whose texts are these.
pub(crate) fn ticket(category: &str, customer: &str, agent: &str) -> Ticket {
    Ticket {
        id: TicketId::new(1).unwrap(),
        status: Status::Open,
        priority: Priority::Normal,
        category: category.to_owned(),
        customer: customer.to_owned(),
        assigned_to: Some(agent.to_owned()),
        answers: 1,
        created_at: Time::Unix(1_763_717_623),
        updated_at: Time::Unix(1_763_717_623),
        resolved_at: None,
        closed_at: None,
        snoozed_until: None,
        record: Record::Contract([7; 32]),
    }
}

/// Whether a terminal that shows this is driven by nothing in it.
pub(crate) fn is_harmless(shown: &str) -> bool {
    !shown.chars().any(|c| {
        (c.is_control() && c != '\n') || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}')
    })
}
