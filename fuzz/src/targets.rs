//! Every target, by the crate whose decoders it feeds.

mod abci;
mod block;
mod content;
mod envelope;
mod files;
mod genesis;
mod invitation;
mod machine;
mod names;
mod node;
mod planted;
mod receipt;
mod signers;
mod sla;
mod snapshot;
mod stacks;
mod store;
mod transaction;
mod wire;

use crate::Target;

/// Every target. The last is the plant.
pub fn all() -> Vec<Target> {
    let mut all = Vec::new();
    all.extend(names::targets());
    all.extend(invitation::targets());
    all.extend(wire::targets());
    all.extend(transaction::targets());
    all.extend(signers::targets());
    all.extend(envelope::targets());
    all.extend(content::targets());
    all.extend(block::targets());
    all.extend(receipt::targets());
    all.extend(genesis::targets());
    all.extend(store::targets());
    all.extend(machine::targets());
    all.extend(node::targets());
    all.extend(abci::targets());
    all.extend(snapshot::targets());
    all.extend(sla::targets());
    all.extend(files::targets());
    all.extend(stacks::targets());
    all.push(planted::target());
    all
}

/// Splits off the byte by which an input says which of `count` cases it is.
fn choose(data: &[u8], count: usize) -> Option<(usize, &[u8])> {
    let (choice, rest) = data.split_first()?;
    let choice = usize::from(*choice);
    (choice < count).then_some((choice, rest))
}

/// An input for [`choose`].
fn chosen(choice: usize, rest: &[u8]) -> Vec<u8> {
    let choice = u8::try_from(choice).expect("there are fewer than 256 cases");
    [&[choice], rest].concat()
}
