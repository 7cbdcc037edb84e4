//! When whoever is sent away may come back: in the words of the answer, in the metadata `retry-after`, in seconds, and as
//! `google.rpc.RetryInfo` in the details of an error, for the programs that read those.

use prost::{Message as _, Name};
use prost_types::Any;
use sealdesk_protocol::wire::google::rpc;
use tonic::metadata::MetadataMap;
use tonic::{Code, Status};

/// The metadata that names the seconds.
const RETRY_AFTER: &str = "retry-after";
/// What comes before the name of a detail's type.
const TYPE_URLS: &str = "type.googleapis.com";
/// Seconds after which whoever is told that this node is busy should ask again.
pub(crate) const BUSY_SECONDS: u32 = 5;

/// "Not now", and nothing was done: why, and when to come back.
pub(crate) fn busy(why: &str) -> Status {
    let words = format!("the node is busy: {why}; try again in {BUSY_SECONDS} seconds");
    with_retry(Code::ResourceExhausted, words, BUSY_SECONDS)
}

/// "Not now" for an answer that there is. What was asked for may have been done, so that the code is the one for an outcome that is
/// not known.
pub(crate) fn busy_answering(why: &str) -> Status {
    let words = format!("the node is busy: {why}; ask again in {BUSY_SECONDS} seconds");
    with_retry(Code::Unavailable, words, BUSY_SECONDS)
}

/// An error that says when to come back.
pub(crate) fn with_retry(code: Code, words: String, seconds: u32) -> Status {
    let delay = prost_types::Duration { seconds: seconds.into(), nanos: 0 };
    let info = rpc::RetryInfo { retry_delay: Some(delay) };
    let mut status = with_details(code, words, &info);
    come_back(status.metadata_mut(), seconds);
    status
}

/// An error with a detail, as gRPC carries them.
pub(crate) fn with_details<M: Name>(code: Code, words: String, detail: &M) -> Status {
    let type_url = format!("{TYPE_URLS}{}", M::type_url());
    let details = vec![Any { type_url, value: detail.encode_to_vec() }];
    let details = rpc::Status { code: code.into(), message: words.clone(), details };
    Status::with_details(code, words, details.encode_to_vec().into())
}

/// Says in metadata when to come back.
pub(crate) fn come_back(metadata: &mut MetadataMap, seconds: u32) {
    metadata.insert(RETRY_AFTER, seconds.into());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_when_to_come_back_in_each_of_three_ways() {
        for status in [busy("why"), busy_answering("why")] {
            assert!(status.message().contains("5 seconds"), "{status}");
            assert_eq!(status.metadata().get(RETRY_AFTER).unwrap(), "5");
            let details = rpc::Status::decode(status.details()).unwrap();
            assert_eq!((details.code, details.message.as_str()), (status.code() as i32, status.message()));
            let [info] = details.details.as_slice() else { panic!("{details:?}") };
            assert_eq!(info.type_url, "type.googleapis.com/google.rpc.RetryInfo");
            let info = rpc::RetryInfo::decode(info.value.as_slice()).unwrap();
            assert_eq!(info.retry_delay.unwrap().seconds, 5);
        }
        assert_ne!(busy("w").code(), busy_answering("w").code());
    }
}
