//! `sealdesk documents renew`.

use sealdesk_protocol::document::DocumentPlace;
use serde_json::json;

use crate::context::Context;
use crate::failure::Failure;
use crate::outcome::{self, End};
use crate::table::count;

/// Options of `documents renew`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(super) async fn run(context: &Context, Args {}: Args) -> Result<(), Failure> {
    let (desk, me) = super::acting(context).await?;
    let renewed = desk.renew_documents(&me).await?;
    let names = |places: &[DocumentPlace]| places.iter().map(ToString::to_string).collect::<Vec<_>>();
    let (done, unproven, unopened) =
        (names(&renewed.done), names(&renewed.unproven), names(&renewed.unopened));
    let value = json!({ "renewed": done, "unproven": unproven, "unopened": unopened });
    let many = |names: &[String]| count(u64::try_from(names.len()).unwrap_or(u64::MAX), "document");
    if !unproven.is_empty() {
        let said = format!("{} sealed for the staff as it is now: {}", many(&unproven), unproven.join(", "));
        let said = match done.is_empty() {
            true => said,
            false => format!("{said}\n  of {} the ledger proves it", many(&done)),
        };
        let end = End { proven: false, whole: unopened.is_empty() };
        return outcome::ended(context, value, end, || said);
    }
    outcome::report(context, value, true, || {
        if done.is_empty() && unopened.is_empty() {
            return "the staff has no documents".to_owned();
        }
        format!("{} sealed for the staff as it is now", many(&done))
    })?;
    if unopened.is_empty() {
        return Ok(());
    }
    Err(Failure::hinted(
        format!("you cannot open {}", unopened.join(", ")),
        "someone who can, such as another administrator, runs the same command",
    ))
}
