//! `sealdesk tx support update-params`.

use sealdesk_protocol::params::Params;
use sealdesk_protocol::wire::virtengine::support::v1 as wire;

use crate::commands::tx::{Memo, acting_openly, done};
use crate::context::Context;
use crate::failure::Failure;

/// Options of `update-params`. What is not named stays as it is.
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "sealdesk tx support update-params [OPTIONS] --LIMIT VALUE [--LIMIT VALUE]... --from NAME",
    after_help = "Limits that are not named stay as they are. New values hold from the next block on.\n\
    `sealdesk query support params` shows the present ones. For example:\n  \
    sealdesk tx support update-params --from admin --ticket-cooldown-seconds 10 --allowed-categories billing,technical,other"
)]
pub(crate) struct Args {
    #[command(flatten)]
    limits: Limits,
    #[command(flatten)]
    memo: Memo,
}

/// The limits that can be changed.
#[derive(Debug, Default, PartialEq, Eq, clap::Args)]
struct Limits {
    /// Tickets of one customer in any 24 hours: 1 to 10,000
    #[arg(long, value_name = "N")]
    max_tickets_per_customer_per_day: Option<u32>,
    /// Replies and notes in one ticket, the last fifth kept for staff: 5 to 10,000
    #[arg(long, value_name = "N")]
    max_responses_per_ticket: Option<u32>,
    /// Seconds between two tickets of one customer: 0 to 86,400
    #[arg(long, value_name = "SECONDS")]
    ticket_cooldown_seconds: Option<u32>,
    /// Days after which a resolved ticket closes automatically: 1 to 3,650
    #[arg(long, value_name = "DAYS")]
    auto_close_after_days: Option<u32>,
    /// Tickets of one customer that are not closed: 1 to 10,000
    #[arg(long, value_name = "N")]
    max_open_tickets_per_customer: Option<u32>,
    /// Days in which a closed ticket can be reopened: 0 to 3,650
    #[arg(long, value_name = "DAYS")]
    reopen_window_days: Option<u32>,
    /// Categories, separated by commas; PUBLIC
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    allowed_categories: Option<Vec<String>>,
    /// Bytes of one sealed content: 16,384 to 131,072
    #[arg(long, value_name = "BYTES")]
    max_envelope_bytes: Option<u32>,
    /// Readers of one sealed content: 3 to 128; more than 32 only with --max-envelope-bytes of 65,536 or more
    #[arg(long, value_name = "N")]
    max_recipients: Option<u32>,
    /// Whether only accounts with the role customer may create tickets
    #[arg(long, value_name = "true|false")]
    listed_customers: Option<bool>,
    /// Bytes of one attached file with its padding, 0 to 1,073,741,824; 0 takes no files
    #[arg(long, value_name = "BYTES")]
    max_attachment_bytes: Option<u32>,
    /// Bytes, with their padding, of the files that a customer may attach in a day, 0 to 1,073,741,824
    #[arg(long, value_name = "BYTES")]
    max_attachment_bytes_per_customer_per_day: Option<u32>,
    /// Whether administrators may import tickets from another system
    #[arg(long, value_name = "true|false")]
    import_open: Option<bool>,
    /// Whether appointed agents can read unassigned tickets and take them
    #[arg(long, value_name = "true|false")]
    open_queue: Option<bool>,
}

impl Limits {
    fn apply(self, params: &mut wire::Params) {
        fn set<T>(place: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *place = value;
            }
        }
        set(&mut params.max_tickets_per_customer_per_day, self.max_tickets_per_customer_per_day);
        set(&mut params.max_responses_per_ticket, self.max_responses_per_ticket);
        set(&mut params.ticket_cooldown_seconds, self.ticket_cooldown_seconds);
        set(&mut params.auto_close_after_days, self.auto_close_after_days);
        set(&mut params.max_open_tickets_per_customer, self.max_open_tickets_per_customer);
        set(&mut params.reopen_window_days, self.reopen_window_days);
        set(&mut params.allowed_categories, self.allowed_categories);
        set(&mut params.max_envelope_bytes, self.max_envelope_bytes);
        set(&mut params.max_recipients, self.max_recipients);
        set(&mut params.listed_customers, self.listed_customers);
        set(&mut params.max_attachment_bytes, self.max_attachment_bytes);
        set(
            &mut params.max_attachment_bytes_per_customer_per_day,
            self.max_attachment_bytes_per_customer_per_day,
        );
        set(&mut params.import_open, self.import_open);
        set(&mut params.open_queue, self.open_queue);
    }
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if args.limits == Limits::default() {
        return Err(Failure::usage(
            "name a limit to change",
            "name one, as in --ticket-cooldown-seconds 10; --help lists them, `sealdesk query support params` their values",
        ));
    }
    let (desk, me) = acting_openly(context, &args.memo).await?;
    let mut wire = desk.params().await?.to_wire();
    args.limits.apply(&mut wire);
    let params = Params::from_wire(wire)?;
    let outcome = desk.update_params(me.author(), &params).await?;
    done(context, &outcome, || "the limits are changed, from the next block on".to_owned())
}
