//! `status` of a desk on Stacks.

use sealdesk_client::stacks::{Error, identity};
use sealdesk_protocol::json;
use serde_json::json;

use crate::context::Context;
use crate::failure::Failure;
use crate::table;

/// Shows where the node, its chain and the contract stand. A node that is not an indexer knows no newest block; then that is left out.
pub(super) async fn run(context: &Context) -> Result<(), Failure> {
    let node = context.stacks_node()?;
    let network_id = node.chain_id().await?;
    let block = match node.newest_block().await {
        Ok(block) => Some(block),
        Err(Error::NoEvents(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let named = context.settings().stacks.as_ref().and_then(|stacks| stacks.contract.clone());
    let tickets = match &named {
        Some(_) => Some(context.contract_desk()?.ticket_count().await?),
        None => None,
    };
    let value = json!({
        "ledger": "stacks",
        "node": node.address(),
        "network_id": network_id,
        "contract": named.as_ref().map(ToString::to_string),
        "identity": named.as_ref().map(|contract| identity(contract).to_string()),
        "height": block.as_ref().map(|block| block.height),
        "last_block": block.as_ref().and_then(|block| json::time(block.time)),
        "tickets": tickets,
    });
    context.output().answer(&value, || {
        let mut fields = vec![("node", node.address().to_owned()), ("network", network_id.to_string())];
        match &block {
            Some(block) => {
                fields.push(("height", block.height.to_string()));
                fields.push(("last block", context.zone().alone(block.time)));
            }
            None => fields.push(("height", "not known: this node is not an indexer".to_owned())),
        }
        match (&named, tickets) {
            (Some(contract), Some(tickets)) => {
                fields.push(("contract", contract.to_string()));
                fields.push(("identity", identity(contract).to_string()));
                fields.push(("tickets", tickets.to_string()));
            }
            _ => fields.push(("contract", "none is named: add --contract ADDRESS.NAME".to_owned())),
        }
        table::fields(&fields)
    })
}
