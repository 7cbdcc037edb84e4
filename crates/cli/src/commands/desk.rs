//! `sealdesk desk`: the page that this program carries, on this computer, before a node elsewhere.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use sealdesk_node::{page, port};
use sealdesk_protocol::ids::ChainId;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;

use crate::context::Context;
use crate::failure::Failure;
use crate::signals::Signals;

/// The ports of which each node has one of its own: below those that systems give to whoever asks for any.
const PORTS: std::ops::Range<u16> = 20_000..30_000;

/// Options of `desk`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The page is the one that this program carries, whatever page the node serves; the node is asked for the ledger alone. \
        Only this computer reaches it.\n\n\
        A browser keeps what it keeps for one address. So each node has a port of its own, the same every time; if another program has it, \
        any free one is taken, and the browser has to be set up there again.\n\n\
        For example:\n  sealdesk desk --node https://desk.example\n  sealdesk desk --listen 127.0.0.1:8080"
)]
pub(crate) struct Args {
    /// Where to listen on this computer; port 0 takes any that is free [default: 127.0.0.1 and a port by the node]
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = on_loopback)]
    listen: Option<SocketAddr>,
}

/// Reads where to listen: nowhere that other machines reach.
fn on_loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr =
        text.parse().map_err(|_| "write it as 127.0.0.1:8080; port 0 takes any that is free".to_owned())?;
    match address.ip().is_loopback() {
        true => Ok(address),
        false => Err(format!(
            "{} is reached from other machines, and this page is for this one: use 127.0.0.1 or [::1]",
            address.ip()
        )),
    }
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if !page::is_here() {
        return Err(Failure::hinted(
            "this program was built without the page",
            "build it with `make build`, or open the node's address, whose page is the node's",
        ));
    }
    let mut signals = Signals::catch()?;
    let node = tokio::select! {
        node = context.node() => node?,
        () = signals.next() => return Ok(()),
    };
    let status = node.status().await?;
    let ledger = ChainId::parse(&status.chain_id)
        .map_err(|error| Failure::new(format!("the node's ledger: {error}")))?;
    let listeners = listen(context, args.listen, node.address()).await?;
    let served = port::serve_here(listeners, &ledger, node.transport().clone())?;
    greet(context, served.address(), node.address(), &ledger)?;
    signals.next().await;
    context.output().note("Stopping …");
    served.stop().await;
    Ok(())
}

/// Sockets where it was told to listen, or where this node's page is every time.
async fn listen(
    context: &Context,
    told: Option<SocketAddr>,
    node: &str,
) -> Result<Vec<TcpListener>, Failure> {
    let taken = |address: SocketAddr| {
        move |error: std::io::Error| {
            Failure::hinted(
                format!("cannot listen at {address}: {error}"),
                "stop the program that listens there, or name another port with --listen",
            )
        }
    };
    if let Some(address) = told {
        // What is printed says `localhost`, so nobody else may be what a browser finds there.
        let is_localhost = address.ip() == IpAddr::V4(Ipv4Addr::LOCALHOST);
        let listening = if is_localhost { both(address).await } else { alone(address).await };
        return listening.map_err(taken(address));
    }
    let usual = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port_of(node));
    if let Ok(listeners) = both(usual).await {
        return Ok(listeners);
    }
    context.output().note(&format!(
        "note: another program listens at port {}, where this node's page is usually; the browser has to be set up at the new address",
        usual.port()
    ));
    let any = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0);
    both(any).await.map_err(taken(any))
}

/// Listens at one port of both addresses that a browser takes for `localhost`, IPv4 and IPv6, where this computer has both: another program
/// at one of them would get what is meant for this one.
async fn both(address: SocketAddr) -> std::io::Result<Vec<TcpListener>> {
    let own = TcpListener::bind(address).await?;
    let other = SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), own.local_addr()?.port());
    match TcpListener::bind(other).await {
        Ok(other) => Ok(vec![own, other]),
        // A computer without IPv6.
        Err(error) if is_without(&error) => Ok(vec![own]),
        Err(error) => Err(error),
    }
}

async fn alone(address: SocketAddr) -> std::io::Result<Vec<TcpListener>> {
    Ok(vec![TcpListener::bind(address).await?])
}

/// Whether this computer has no such address, or nothing of its kind.
fn is_without(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::AddrNotAvailable
        || error.raw_os_error() == Some(rustix::io::Errno::AFNOSUPPORT.raw_os_error())
}

/// The port of a node's page.
fn port_of(node: &str) -> u16 {
    let node = node.trim_end_matches('/').to_ascii_lowercase();
    let digest = Sha256::digest(node.as_bytes());
    PORTS.start + u16::from_be_bytes([digest[0], digest[1]]) % (PORTS.end - PORTS.start)
}

fn greet(context: &Context, address: SocketAddr, node: &str, ledger: &ChainId) -> Result<(), Failure> {
    // Passkeys are made for names, and never for addresses.
    let host = match address.ip() {
        IpAddr::V4(Ipv4Addr::LOCALHOST) => format!("localhost:{}", address.port()),
        _ => address.to_string(),
    };
    let pins = context.pins()?;
    let pin = pins.get(ledger).filter(|pin| pin.agreed);
    let known = pin.map(|pin| format!("#desk={}", pin.ledger.identity)).unwrap_or_default();
    let url = format!("http://{host}/{known}");
    let value = json!({ "url": url, "node": node, "chain_id": ledger.to_string() });
    context.output().stream(&value, || {
        format!(
            "The desk of the ledger {ledger}, by this program's own page. Open\n  {url}\nThe node {node} serves none of its code. Stop with Ctrl-C."
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_computer_is_listened_on() {
        for address in ["127.0.0.1:0", "[::1]:8080", "127.1.2.3:1"] {
            assert!(on_loopback(address).is_ok(), "{address}");
        }
        for address in ["0.0.0.0:80", "[::]:80", "10.0.0.1:80", "localhost:80", "127.0.0.1", ""] {
            assert!(on_loopback(address).is_err(), "{address}");
        }
    }

    #[test]
    fn a_node_has_one_port_however_it_is_written() {
        let port = port_of("https://desk.example");
        assert!(PORTS.contains(&port));
        assert_eq!(port, port_of("https://DESK.example/"));
        assert_ne!(port, port_of("https://other.example"));
    }
}
