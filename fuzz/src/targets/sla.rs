//! What an administrator publishes for service levels, and everyone counts by.

use sealdesk_client::sla::{Kind, OfficeHours, ServiceLevels, example};
use sealdesk_protocol::ticket::Priority;

use super::{choose, chosen};
use crate::{Outcome, Target};

/// A time at which clocks are changed in many zones, and two weeks around it.
const FROM: i64 = 1_774_200_000;
const UNTIL: i64 = FROM + 14 * 86_400;

pub(super) fn targets() -> Vec<Target> {
    vec![Target {
        name: "service_levels",
        bytes_max: 16_384,
        run: service_levels,
        seeds,
        contains_panics: false,
    }]
}

/// `document ‖ JSON`. Office hours that were taken can be counted, and what is due is the first second at which so much has counted.
fn service_levels(data: &[u8]) -> Outcome {
    let Some((choice, body)) = choose(data, 2) else { return Outcome::Refused };
    if choice == 0 {
        let levels = ServiceLevels::parse(body);
        if let Ok(levels) = &levels {
            let promise = levels.promise(Kind::Resolution, Priority::Urgent, "billing");
            assert!(promise.is_none_or(|promise| promise.seconds > 0), "nothing can be late at once");
        }
        return Outcome::from(&levels);
    }
    let hours = OfficeHours::parse(body);
    if let Ok(hours) = &hours {
        let worked = hours.worked(FROM, UNTIL);
        assert!((0..=UNTIL - FROM).contains(&worked), "more counts than there is");
        let due = hours.reach(FROM, worked).expect("it was counted within two weeks");
        assert_eq!(hours.worked(FROM, due), worked);
    }
    Outcome::from(&hours)
}

fn seeds() -> Vec<Vec<u8>> {
    let of = |name| example(name).expect("service levels are counted by it").as_bytes();
    vec![chosen(0, of("sla")), chosen(1, of("office-hours"))]
}
