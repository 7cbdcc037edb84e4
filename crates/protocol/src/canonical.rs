//! Canonical protobuf, as Cosmos ADR-027 has it: one encoding for one value, so that one transaction has one hash.

/// Decodes `bytes`, refusing every encoding but the one that this crate would write.
///
/// Encoding again and comparing covers the whole rule: fields out of order or twice, explicit defaults, longer
/// varints, unknown fields and trailing bytes all come out differently. Callers bound the length of `bytes` first;
/// what a decoder allocates is then bounded by a small multiple of it, and prost bounds the depth.
///
/// # Errors
/// What is wrong, in words that may go into a refusal's text.
pub fn decode<M: prost::Message + Default>(bytes: &[u8], what: &str) -> Result<M, String> {
    let message = M::decode(bytes).map_err(|error| fault(what, &error))?;
    if message.encode_to_vec() == bytes {
        Ok(message)
    } else {
        Err(fault(what, &"not canonical protobuf (unknown, repeated, misplaced or default fields)"))
    }
}

/// Beside [`decode`], of which there is a copy for every message.
fn fault(what: &str, why: &dyn std::fmt::Display) -> String {
    format!("{what}: {why}")
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;
    use crate::wire::virtengine::support::v1::MsgAssignTicket;

    #[test]
    fn only_one_encoding_of_a_message_is_read() {
        let message = MsgAssignTicket {
            sender: "a".into(),
            ticket_id: "b".into(),
            assign_to: "c".into(),
            response_count: 1,
            check_count: true,
            collaborators: Vec::new(),
        };
        let bytes = message.encode_to_vec();
        assert_eq!(decode::<MsgAssignTicket>(&bytes, "message"), Ok(message));
        let hostile: [(&str, &[u8]); 8] = [
            ("unknown field", b"\x0a\x01a\x98\x06\x01"),
            ("field twice", b"\x0a\x01a\x0a\x01a"),
            ("out of order", b"\x12\x01b\x0a\x01a"),
            ("explicit default", b"\x0a\x00"),
            ("long varint", b"\x0a\x81\x00a"),
            ("true as 2", b"\xa8\x01\x02"),
            ("truncated", b"\x0a\x05a"),
            ("not text", b"\x0a\x01\xff"),
        ];
        for (why, bytes) in hostile {
            assert!(decode::<MsgAssignTicket>(bytes, "message").is_err(), "{why}");
        }
    }
}
