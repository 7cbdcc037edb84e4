//! `sealdesk stacks deploy`.

use sealdesk_client::stacks::wire::contract::CONTRACT_NAME;
use sealdesk_client::stacks::wire::name::ContractName;
use sealdesk_client::stacks::wire::principal::ContractId;
use sealdesk_client::stacks::wire::transaction::Network;
use sealdesk_client::stacks::{Desk, Error, deploy_call};

use crate::context::Context;
use crate::contract_call::{Acting, done};
use crate::failure::Failure;

/// The contract, as this program was built with it.
const SOURCE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/contracts/ticket-system.clar"));

/// Options of `deploy`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A contract cannot be changed or removed. Publish a key afterwards with `sealdesk keys register`, so \
    customers can seal to you."
)]
pub(crate) struct Args {
    /// Its name under your address
    #[arg(long, value_name = "NAME", value_parser = name, default_value = CONTRACT_NAME)]
    name: ContractName,
}

fn network_name(network: Network) -> &'static str {
    match network {
        Network::Mainnet => "mainnet",
        Network::Testnet => "testnet",
    }
}

fn name(text: &str) -> Result<ContractName, String> {
    ContractName::parse(text).map_err(|error| error.to_string())
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let (me, node) = (context.actor()?, context.stacks_node()?);
    let network = Network::from_chain_id(node.chain_id().await?).ok_or_else(|| {
        Failure::hinted(
            "the node belongs to a network that this program does not know",
            "name another with --node",
        )
    })?;
    let deployer = me.stacks_address(network).map_err(Error::from)?;
    // A node that says another network than was meant would have its fees paid there.
    let meant = context.settings().stacks.as_ref().map_or(network, |stacks| stacks.network);
    if network != meant {
        let (is, meant) = (network_name(network), network_name(meant));
        return Err(Failure::usage(
            format!("the node belongs to {is}, and {meant} was meant"),
            "say which with --network, or name another node with --node",
        ));
    }
    let contract = ContractId { deployer, name: args.name.clone() };
    if node.has_contract(&deployer, &args.name).await? {
        return Err(Failure::hinted(
            format!("{contract} is there already, and contracts cannot be replaced"),
            "choose another name with --name, or use that one",
        ));
    }
    let mut acting = Acting::with(context, Desk::new(node, contract.clone()), me);
    let payload = deploy_call(args.name, SOURCE);
    let outcome = acting.call(async |desk, sender| desk.deploy(sender, payload).await).await?;
    done(context, &outcome, &[("contract", contract.to_string().into())], || {
        format!(
            "{contract} is the desk now, and you are its owner and first administrator.\n\
             Name it with --contract, or for good in client.toml: contract = \"{contract}\""
        )
    })
}
