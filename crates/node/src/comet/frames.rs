//! Messages on the socket: a length as a protobuf varint, then so many bytes.

use prost::Message;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// Longest message, in bytes: CometBFT's own bound. A genesis of a large desk comes in one.
pub const FRAME_BYTES_MAX: u64 = 104_857_600;
/// Bytes of the longest varint.
const VARINT_BYTES_MAX: u32 = 10;

/// Why a message could not be read.
#[derive(Debug, Error)]
pub enum FrameError {
    /// The connection failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The length is no number, or more than is allowed.
    #[error("a message of {0} bytes, at most {FRAME_BYTES_MAX}")]
    Length(u64),
    /// The bytes are no message of this kind.
    #[error("not a message: {0}")]
    Decode(#[from] prost::DecodeError),
}

/// Reads a message; `None` where the peer has ended the connection between two. Memory grows with what has arrived, not with the
/// length that was announced.
///
/// # Errors
/// [`FrameError`]; the connection is of no more use then.
pub async fn read_frame<M: Message + Default>(
    reader: &mut (impl AsyncRead + Unpin),
) -> Result<Option<M>, FrameError> {
    let Some(length) = read_length(reader).await? else { return Ok(None) };
    if length > FRAME_BYTES_MAX {
        return Err(FrameError::Length(length));
    }
    let mut bytes = Vec::new();
    let read = reader.take(length).read_to_end(&mut bytes).await?;
    if u64::try_from(read).ok() != Some(length) {
        return Err(FrameError::Io(std::io::ErrorKind::UnexpectedEof.into()));
    }
    Ok(Some(M::decode(bytes::Bytes::from(bytes))?))
}

async fn read_length(reader: &mut (impl AsyncRead + Unpin)) -> Result<Option<u64>, FrameError> {
    let mut length = 0u64;
    for place in 0..VARINT_BYTES_MAX {
        let byte = match reader.read_u8().await {
            Ok(byte) => byte,
            Err(error) if place == 0 && error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let bits = u64::from(byte & 0x7f).checked_shl(7 * place).ok_or(FrameError::Length(u64::MAX))?;
        length |= bits;
        if byte & 0x80 == 0 {
            return Ok(Some(length));
        }
    }
    Err(FrameError::Length(u64::MAX))
}

/// Writes a message; it may wait in a buffer until that is flushed.
///
/// # Errors
/// [`std::io::Error`] of the connection.
pub async fn write_frame(
    writer: &mut (impl AsyncWrite + Unpin),
    message: &impl Message,
) -> std::io::Result<()> {
    writer.write_all(&message.encode_length_delimited_to_vec()).await
}

#[cfg(test)]
mod tests {
    use tendermint_proto::v0_38::abci::{Request, RequestEcho, request};

    use super::*;

    fn echo(message: &str) -> Request {
        Request { value: Some(request::Value::Echo(RequestEcho { message: message.to_owned() })) }
    }

    #[tokio::test]
    async fn messages_come_out_as_they_went_in() {
        let mut wire = Vec::new();
        for text in ["", "a", &"long".repeat(50_000)] {
            write_frame(&mut wire, &echo(text)).await.unwrap();
        }
        let mut reader = wire.as_slice();
        for text in ["", "a", &"long".repeat(50_000)] {
            assert_eq!(read_frame::<Request>(&mut reader).await.unwrap(), Some(echo(text)));
        }
        assert_eq!(read_frame::<Request>(&mut reader).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_length_past_the_bound_is_refused_before_anything_is_read() {
        let mut long = Vec::new();
        prost::encoding::encode_varint(FRAME_BYTES_MAX + 1, &mut long);
        let endless = vec![0xff; 20];
        for bytes in [long, endless] {
            let error = read_frame::<Request>(&mut bytes.as_slice()).await.unwrap_err();
            assert!(matches!(error, FrameError::Length(_)), "{error}");
        }
    }

    #[tokio::test]
    async fn a_message_that_ends_early_is_an_error_and_takes_no_memory_for_what_it_announced() {
        let mut bytes = Vec::new();
        prost::encoding::encode_varint(FRAME_BYTES_MAX, &mut bytes);
        bytes.extend_from_slice(&[1, 2, 3]);
        let error = read_frame::<Request>(&mut bytes.as_slice()).await.unwrap_err();
        assert!(matches!(error, FrameError::Io(_)), "{error}");
    }

    #[tokio::test]
    async fn bytes_that_are_no_message_are_refused() {
        let error = read_frame::<Request>(&mut [2u8, 0xff, 0xff].as_slice()).await.unwrap_err();
        assert!(matches!(error, FrameError::Decode(_)), "{error}");
    }
}
