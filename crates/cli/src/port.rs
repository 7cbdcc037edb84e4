//! What the node of `start` shows of itself on its port, and whom it believes there.

use std::path::PathBuf;

use sealdesk_node::http::Origin;
use sealdesk_node::port::PortConfig;

/// See the module.
#[derive(Debug, clap::Args)]
pub(crate) struct PortArgs {
    /// The certificate to show, with those that lead to its authority, as PEM: the port speaks TLS then; SIGHUP has it read again
    #[arg(
        long,
        value_name = "FILE",
        requires = "tls_key",
        env = "SEALDESK_TLS_CERT",
        hide_env_values = true
    )]
    tls_cert: Option<PathBuf>,
    /// The key of that certificate, as PEM
    #[arg(
        long,
        value_name = "FILE",
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
        requires = "behind_proxy",
        env = "SEALDESK_PROXY",
        value_delimiter = ',',
        hide_env_values = true
    )]
    proxy: Vec<String>,
    /// Listen at the ports 26657, 1317 and 9090 too, which programs for Cosmos ask
    #[arg(long, env = "SEALDESK_COSMOS_PORTS", hide_env_values = true)]
    cosmos_ports: bool,
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
        }
    }
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
