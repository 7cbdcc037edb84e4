//! What the node of `start` shows of itself on its port, whom it believes there, and for how many it has places.

use std::fs::File;
use std::path::PathBuf;

use clap::builder::{PathBufValueParser, TypedValueParser};
use sealdesk_node::http::Origin;
use sealdesk_node::port::{PLACES, PortConfig, proxy_network};

/// See the module.
#[derive(Debug, clap::Args)]
pub(crate) struct PortArgs {
    /// The certificate to show, with those that lead to its authority, as PEM: the port then speaks TLS; SIGHUP reloads it
    #[arg(
        long,
        value_name = "FILE",
        value_parser = readable(),
        requires = "tls_key",
        env = "SEALDESK_TLS_CERT",
        hide_env_values = true
    )]
    tls_cert: Option<PathBuf>,
    /// The key of that certificate, as PEM
    #[arg(
        long,
        value_name = "FILE",
        value_parser = readable(),
        requires = "tls_cert",
        env = "SEALDESK_TLS_KEY",
        hide_env_values = true
    )]
    tls_key: Option<PathBuf>,
    /// What others call this node, as in https://desk.example; requests for other names are refused
    #[arg(long, value_name = "URL", value_parser = public_url, env = "SEALDESK_PUBLIC_URL", hide_env_values = true)]
    public_url: Option<String>,
    /// Pages that may ask this node beside its own, as in https://app.example, or '*' for all; may be repeated
    #[arg(long, value_name = "ORIGIN", value_parser = cors_origin, env = "SEALDESK_CORS_ORIGIN", value_delimiter = ',', hide_env_values = true)]
    cors_origin: Vec<String>,
    /// A proxy on this computer speaks TLS and says in X-Forwarded-For whose each request is; others connect only over TLS
    #[arg(long, env = "SEALDESK_BEHIND_PROXY", hide_env_values = true)]
    behind_proxy: bool,
    /// Where such proxies are beside this computer, as in 10.0.0.5 or 10.0.0.0/8; may be repeated
    #[arg(
        long,
        value_name = "ADDRESS",
        value_parser = proxy,
        requires = "behind_proxy",
        env = "SEALDESK_PROXY",
        value_delimiter = ',',
        hide_env_values = true
    )]
    proxy: Vec<String>,
    /// Listen at the ports 26657, 1317 and 9090 too, which programs for Cosmos ask
    #[arg(long, env = "SEALDESK_COSMOS_PORTS", hide_env_values = true)]
    cosmos_ports: bool,
    /// Most connections of others at the same time, and as many of proxies; each takes an open file [default: 512]
    #[arg(long, value_name = "NUMBER", value_parser = places, env = "SEALDESK_CONNECTIONS", hide_env_values = true)]
    connections: Option<u32>,
    /// Most of those from one address [default: 16]
    #[arg(long, value_name = "NUMBER", value_parser = places, env = "SEALDESK_CONNECTIONS_PER_ADDRESS", hide_env_values = true)]
    connections_per_address: Option<u32>,
    /// Most subscribers of what happens, such as open pages, at the same time [default: 256]
    #[arg(long, value_name = "NUMBER", value_parser = places, env = "SEALDESK_SUBSCRIBERS", hide_env_values = true)]
    subscribers: Option<u32>,
    /// Most of those from one address [default: 16]
    #[arg(long, value_name = "NUMBER", value_parser = places, env = "SEALDESK_SUBSCRIBERS_PER_ADDRESS", hide_env_values = true)]
    subscribers_per_address: Option<u32>,
}

impl PortArgs {
    /// As the node takes it.
    pub(crate) fn config(self) -> PortConfig {
        PortConfig {
            tls_cert: self.tls_cert,
            tls_key: self.tls_key,
            public_url: self.public_url,
            cors_origins: self.cors_origin,
            behind_proxy: self.behind_proxy,
            proxies: self.proxy,
            cosmos_ports: self.cosmos_ports,
            connections: self.connections,
            connections_per_address: self.connections_per_address,
            subscribers: self.subscribers,
            subscribers_per_address: self.subscribers_per_address,
        }
    }
}

/// Reads how many there is room for.
fn places(text: &str) -> Result<u32, String> {
    let count = text.parse().ok().filter(|count| PLACES.contains(count));
    count.ok_or_else(|| "write a number from 1 to 1000000".to_owned())
}

/// A file that can be read by now: one that is not there is told of with the option or the variable that names it.
fn readable() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| File::open(&path).map(|_| path))
}

fn proxy(text: &str) -> Result<String, String> {
    proxy_network(text).map(|_| text.to_owned()).map_err(|error| error.to_string())
}

fn public_url(text: &str) -> Result<String, String> {
    Origin::parse(text).map(|_| text.to_owned()).map_err(|error| error.to_string())
}

fn cors_origin(text: &str) -> Result<String, String> {
    match text {
        "*" => Ok(text.to_owned()),
        _ => Origin::of_pages(text).map(|_| text.to_owned()).map_err(|error| error.to_string()),
    }
}
