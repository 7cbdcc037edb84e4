//! Who signed which blocks: [`sets`] is what the state has of it, [`changes`] proves how one set handed over to the next, [`backfill`] asks other nodes for
//! the handovers from before this node's own blocks, and [`trust`] finds the header that a new node begins with.

pub(super) mod backfill;
pub(super) mod changes;
pub(super) mod sets;
pub(super) mod trust;
