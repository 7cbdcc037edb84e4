//! Who signs the blocks, at a height: of an embedded ledger always the same; of a replicated one CometBFT knows.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use tonic::Status;

use super::Api;
use crate::http::source::Source;

/// Most validators of a page.
pub(crate) const VALIDATORS_MAX: u64 = 100;

/// A validator as it stands in the set of a height.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ValidatorRow {
    /// The first 20 bytes of SHA-256 of its key.
    pub(crate) address: Vec<u8>,
    /// Its ed25519 key.
    pub(crate) key: Vec<u8>,
    /// Its power.
    pub(crate) power: i64,
    /// What decides whose turn it is to propose.
    pub(crate) priority: i64,
}

/// A page of a height's validators.
#[derive(Clone, Debug)]
pub(crate) struct ValidatorPage {
    /// The height.
    pub(crate) height: u64,
    /// In the set's order.
    pub(crate) rows: Vec<ValidatorRow>,
    /// How many there are on all pages.
    pub(crate) total: u64,
}

impl Api {
    /// A page of the validators of a height, which may be the next block's; pages count from 1 and have 1 to [`VALIDATORS_MAX`].
    ///
    /// # Errors
    /// A status for a height or page that is not there, or where CometBFT does not answer.
    pub(crate) async fn validators_at(
        &self,
        source: Source,
        height: u64,
        page: u64,
        length: u64,
    ) -> Result<ValidatorPage, Status> {
        let newest = self.ledger().tip().height;
        // The one that is made next has its validators by then.
        if height == 0 || height > newest.saturating_add(1) {
            let why =
                format!("height {height} is not from 1 to the next block's, {}", newest.saturating_add(1));
            return Err(Status::invalid_argument(why));
        }
        if page == 0 || length == 0 || length > VALIDATORS_MAX {
            let why = format!("pages count from 1 and have 1 to {VALIDATORS_MAX} validators");
            return Err(Status::invalid_argument(why));
        }
        let first = (page - 1).saturating_mul(length);
        let all = match self.ask_comet(source, "validators", asked(height, 1, VALIDATORS_MAX)).await? {
            Some(answer) => read(&answer, height)?,
            None => self.own_validators(height),
        };
        if first >= all.total {
            let last = all.total.div_ceil(length).max(1);
            let why = format!("page should be within [1, {last}] range, given {page}");
            return Err(Status::invalid_argument(why));
        }
        if all.total <= VALIDATORS_MAX {
            let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
            let rows = all.rows.into_iter().skip(number(first)).take(number(length)).collect();
            return Ok(ValidatorPage { rows, ..all });
        }
        let answer = self.ask_comet(source, "validators", asked(height, page, length)).await?;
        read(&answer.ok_or_else(|| Status::unavailable("CometBFT does not answer"))?, height)
    }

    /// Those of an embedded ledger: one, and always the same.
    fn own_validators(&self, height: u64) -> ValidatorPage {
        let set = self.ledger().validators();
        let rows = set.validators().iter().map(|validator| ValidatorRow {
            address: validator.address.as_bytes().to_vec(),
            key: validator.pub_key.to_bytes(),
            power: i64::try_from(validator.power()).unwrap_or(i64::MAX),
            priority: 0,
        });
        let rows: Vec<ValidatorRow> = rows.collect();
        let total = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        ValidatorPage { height, rows, total }
    }
}

/// How CometBFT is asked for a page.
fn asked(height: u64, page: u64, length: u64) -> Value {
    json!({ "height": height.to_string(), "page": page.to_string(), "per_page": length.to_string() })
}

/// Reads CometBFT's answer.
fn read(answer: &Value, height: u64) -> Result<ValidatorPage, Status> {
    let number = |value: &Value| value.as_str().and_then(|text| text.parse::<i64>().ok());
    let row = |validator: &Value| {
        Some(ValidatorRow {
            address: hex::decode(validator["address"].as_str()?).ok()?,
            key: BASE64.decode(validator["pub_key"]["value"].as_str()?).ok()?,
            power: number(&validator["voting_power"])?,
            priority: number(&validator["proposer_priority"])?,
        })
    };
    let rows: Option<Vec<ValidatorRow>> = answer["validators"]
        .as_array()
        .map_or(Some(Vec::new()), |validators| validators.iter().map(row).collect());
    let total = answer["total"].as_str().and_then(|total| total.parse().ok());
    let (rows, total) =
        rows.zip(total).ok_or_else(|| Status::internal("CometBFT's validators cannot be read"))?;
    Ok(ValidatorPage { height, rows, total })
}
