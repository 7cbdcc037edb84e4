//! Plain HTTP, over which whoever stands between sees who asks for what and can withhold: to this computer, and elsewhere only on purpose.

use std::net::IpAddr;

use crate::failure::Failure;

/// Refuses an address over plain HTTP that leads to another machine, unless somebody said that it may.
pub(crate) fn check(url: &str, insecure: bool) -> Result<(), Failure> {
    let Some((scheme, rest)) = url.split_once("://") else { return Ok(()) };
    if !scheme.eq_ignore_ascii_case("http") || insecure || is_own(rest.split('/').next().unwrap_or(rest)) {
        return Ok(());
    }
    Err(Failure::usage(
        format!("{url} is another machine, and plain HTTP shows everyone on the way who requests what"),
        "write https:// where it speaks TLS, reach it through a tunnel (`ssh -L 9090:127.0.0.1:9090 HOST`, then http://127.0.0.1:9090), or add --insecure; contents stay sealed in any case",
    ))
}

/// Whether a host and port are of this computer.
fn is_own(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(rest),
        None => authority.rsplit_once(':').map_or(authority, |(host, _)| host),
    };
    let is_own = |ip: IpAddr| ip.to_canonical().is_loopback() || ip.is_unspecified();
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(is_own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_machine_is_reached_over_plain_http_on_purpose_only() {
        let own = [
            "http://127.0.0.1:9090",
            "http://localhost:1/",
            "http://[::1]:9090",
            "http://127.8.8.8:1",
            "http://0.0.0.0:1",
        ];
        for url in own.into_iter().chain(["https://desk.example:443", "nonsense"]) {
            assert!(check(url, false).is_ok(), "{url}");
        }
        let others = [
            "http://desk.example:9090",
            "HTTP://desk.example:9090",
            "http://10.0.0.1:1",
            "http://[2001:db8::1]:1",
            "http://localhost.example:1",
            "http://127.0.0.1.example:1",
            "http://127.0.0.1@evil.example:1",
        ];
        for url in others {
            assert!(check(url, false).is_err() && check(url, true).is_ok(), "{url}");
        }
    }
}
