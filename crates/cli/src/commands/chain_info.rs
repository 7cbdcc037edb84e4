//! `sealdesk chain-info`.

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
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// What wallets call the desk [default: the chain id]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

pub(super) async fn run(context: &Context, Args { url, name }: Args) -> Result<(), Failure> {
    let desk = context.desk().await?;
    let chain_id = desk.chain().chain_id.to_string();
    let url = url.unwrap_or_else(|| by_name(&context.settings().node(), context.settings().running_name()));
    let info = chain_info(&chain_id, &name.unwrap_or_else(|| chain_id.clone()), desk.prefix().as_str(), &url);
    context.output().answer(&info, || format!("{info:#}"))
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
