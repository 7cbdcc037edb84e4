//! `sealdesk chain-info`.

use sealdesk_node::http::Origin;
use sealdesk_protocol::text::deceives;
use serde_json::{Value, json};

use crate::context::Context;
use crate::failure::Failure;

/// The number of Cosmos in BIP-44, by which wallets derive the same account from a phrase as `sealdesk keys` does.
const COIN_TYPE: u32 = 118;
/// The coin that wallets insist on. Nobody has any of it, and nothing costs any.
const DENOM: &str = "seal";

/// Options of `chain-info`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Hand the answer to a wallet: `await window.keplr.experimentalSuggestChain(INFO)`.\n\
    Addresses of this computer are of use to a wallet on this computer only; with --url, the wallet asks where you say.")]
pub(crate) struct Args {
    /// Where wallets reach the node [default: where this program does]
    #[arg(long, value_name = "URL", value_parser = at)]
    url: Option<String>,
    /// What wallets call the desk [default: the chain id]
    #[arg(long, value_name = "NAME", value_parser = called)]
    name: Option<String>,
}

pub(super) async fn run(context: &Context, Args { url, name }: Args) -> Result<(), Failure> {
    let desk = context.desk().await?;
    let chain_id = desk.chain().chain_id.to_string();
    let url = url.unwrap_or_else(|| by_name(&context.settings().node(), context.settings().running_name()));
    let info = chain_info(&chain_id, &name.unwrap_or_else(|| chain_id.clone()), desk.prefix().as_str(), &url);
    context.output().answer(&info, || format!("{info:#}"))
}

/// Where a wallet asks: what it cannot reach it keeps all the same, and fails with later.
fn at(text: &str) -> Result<String, String> {
    Origin::parse(text).map(|origin| origin.as_str().to_owned()).map_err(|error| error.to_string())
}

/// A name that a wallet can show.
fn called(text: &str) -> Result<String, String> {
    let name = text.trim();
    match name.is_empty() || name.chars().any(deceives) {
        true => Err("write a name of one line, without invisible characters".to_owned()),
        false => Ok(name.to_owned()),
    }
}

/// A node's URL as wallets need it, who know its certificate by the name alone.
fn by_name(url: &str, name: Option<String>) -> String {
    match (name, url.rsplit_once(':')) {
        (Some(name), Some((_, port))) => format!("https://{name}:{port}"),
        _ => url.to_owned(),
    }
}

/// What Keplr's schema asks of a chain.
fn chain_info(chain_id: &str, name: &str, prefix: &str, url: &str) -> Value {
    let coin = json!({ "coinDenom": DENOM.to_uppercase(), "coinMinimalDenom": DENOM, "coinDecimals": 0 });
    let mut fee = coin.clone();
    fee["gasPriceStep"] = json!({ "low": 0, "average": 0, "high": 0 });
    json!({
        "chainId": chain_id,
        "chainName": name,
        "rpc": url,
        "rest": url,
        "bip44": { "coinType": COIN_TYPE },
        "bech32Config": {
            "bech32PrefixAccAddr": prefix,
            "bech32PrefixAccPub": format!("{prefix}pub"),
            "bech32PrefixValAddr": format!("{prefix}valoper"),
            "bech32PrefixValPub": format!("{prefix}valoperpub"),
            "bech32PrefixConsAddr": format!("{prefix}valcons"),
            "bech32PrefixConsPub": format!("{prefix}valconspub"),
        },
        "currencies": [coin],
        "feeCurrencies": [fee],
        "features": [],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wallet_is_told_of_a_url_that_it_can_ask_and_of_a_name_that_it_can_show() {
        for url in ["https://desk.example", "https://Desk.example/", "https://desk.example:443"] {
            assert_eq!(at(url).as_deref(), Ok("https://desk.example"), "{url}");
        }
        assert_eq!(at("http://[::1]:9090/").as_deref(), Ok("http://[::1]:9090"));
        for url in [
            "",
            "nonsense",
            "desk.example:9090",
            "ftp://desk.example",
            "https://desk.example/rpc",
            "https://a:99999",
        ] {
            assert!(at(url).is_err(), "{url}");
        }
        assert_eq!(called(" The desk of \"Ä & Co\"").as_deref(), Ok("The desk of \"Ä & Co\""));
        for name in ["", " ", "a\nb", "a\u{202e}b"] {
            assert!(called(name).is_err(), "{name:?}");
        }
    }
}
