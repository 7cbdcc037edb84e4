//! Documents to begin with.

/// A document that an administrator can begin with, by its name; none where service levels are not counted by it.
pub fn example(name: &str) -> Option<&'static str> {
    match name {
        "sla" => Some(include_str!("example/sla.json")),
        "office-hours" => Some(include_str!("example/office-hours.json")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use sealdesk_protocol::document::{DocumentName, SERVICE_DOCUMENTS, check_public_body};

    use super::super::check_document;
    use super::*;

    #[test]
    fn every_example_can_be_published_as_it_is() {
        for name in SERVICE_DOCUMENTS {
            let body = example(name).unwrap().as_bytes();
            assert_eq!(check_public_body(body), Ok(()), "{name}");
            assert_eq!(check_document(&DocumentName::parse(name).unwrap(), body), Ok(()), "{name}");
        }
        assert_eq!(example("replies"), None);
    }
}
