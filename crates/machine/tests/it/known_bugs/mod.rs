//! Bugs that systems like this one have had, each as a sentence that would be false with it. The number is the one of
//! docs/known-bugs.md.

mod atomicity;
mod authentication;
mod bounded_work;
mod circle;
mod envelopes;
mod export;
mod life;
mod parameters;
mod time;
mod validators;

use prost::Message as _;
use sealdesk_machine::{BlockContext, Executed};
use sealdesk_protocol::envelope::Kind;
use sealdesk_protocol::genesis::{Genesis, GenesisError};
use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::limits::DAY_SECONDS;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::params::Params;
use sealdesk_protocol::state::{side, tree};
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::wire::virtengine::encryption::v1 as encryption;
use sealdesk_protocol::wire::virtengine::roles::v1 as roles;
use sealdesk_protocol::wire::virtengine::support::v1 as wire;
use sealdesk_store::{KeyRange, State};
use sealdesk_testkit::desk::{Desk, GENESIS_TIME};
use sealdesk_testkit::forge::{self, Place};
use sealdesk_testkit::people::Person;
use sealdesk_testkit::scenario::{
    Cast, assign, assign_role, cast, close, create, create_at, grant, note, priority, register, reopen,
    resolve, respond, respond_wire, revoke_key, revoke_role, set_state, status, targeted, ticket_id,
    update_params,
};
use sealdesk_testkit::transaction::{Options, transaction};
use sealdesk_testkit::trust::complete;

fn code(executed: &Executed) -> (&str, u32) {
    (executed.codespace.as_str(), executed.code)
}

/// The block after the last, no later than it.
fn next(desk: &Desk) -> BlockContext {
    BlockContext { height: desk.height + 1, time: desk.time }
}

fn status_of(desk: &Desk, number: u64) -> wire::SupportTicket {
    let request = wire::QueryTicketRequest { ticket_id: ticket_id(number) };
    desk.machine.ticket(&desk.snapshot(), &request).unwrap().ticket.unwrap()
}
