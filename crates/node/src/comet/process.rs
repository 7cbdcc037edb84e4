//! The CometBFT of this node: [`home`] is its directory, [`config`] what it is told, [`supervisor`] keeps it running, and [`rpc`]
//! asks it.

pub(super) mod config;
pub(super) mod home;
pub(super) mod rpc;
pub(super) mod supervisor;
