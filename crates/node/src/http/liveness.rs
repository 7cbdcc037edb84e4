//! Whether a peer is still there, asked by the system's TCP: over HTTP/1.1 a subscriber who has gone without a word would otherwise
//! keep their place until something happens that they could be told.

use std::time::Duration;

use rustix::net::sockopt;
use tokio::net::TcpStream;

/// Silence after which a peer is asked, how long until it is asked again, and how often.
const ASK_AFTER: Duration = Duration::from_secs(60);
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(15);
const ASK_TIMES: u32 = 3;

/// Has the system ask.
///
/// # Errors
/// [`std::io::Error`] where the peer has gone already.
pub(crate) fn watch(stream: &TcpStream) -> std::io::Result<()> {
    sockopt::set_tcp_keepidle(stream, ASK_AFTER)?;
    sockopt::set_tcp_keepintvl(stream, ASK_AGAIN_AFTER)?;
    sockopt::set_tcp_keepcnt(stream, ASK_TIMES)?;
    Ok(sockopt::set_socket_keepalive(stream, true)?)
}
