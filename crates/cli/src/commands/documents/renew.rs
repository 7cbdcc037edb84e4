//! `sealdesk documents renew`.

use sealdesk_protocol::document::DocumentPlace;
use serde_json::json;

use crate::context::Context;
use crate::failure::Failure;
use crate::table::count;

/// Options of `documents renew`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(super) async fn run(context: &Context, Args {}: Args) -> Result<(), Failure> {
    let (desk, me) = super::acting(context).await?;
    let renewed = desk.renew_documents(&me).await?;
    let names = |places: &[DocumentPlace]| places.iter().map(ToString::to_string).collect::<Vec<_>>();
    let (done, unopened) = (names(&renewed.done), names(&renewed.unopened));
    let value = json!({ "renewed": done, "unopened": unopened });
    context.output().done(&value, || {
        if done.is_empty() && unopened.is_empty() {
            return "the staff has no documents".to_owned();
        }
        let many = count(u64::try_from(done.len()).unwrap_or(u64::MAX), "document");
        format!("{many} sealed for the staff as it is now")
    })?;
    if unopened.is_empty() {
        return Ok(());
    }
    Err(Failure::hinted(
        format!("you cannot open {}", unopened.join(", ")),
        "whoever can, as another administrator, runs the same command",
    ))
}
