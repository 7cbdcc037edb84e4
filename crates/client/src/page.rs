//! The page that a node serves for browsers: what the ledger names, what is served, and in what they differ.
//!
//! Whoever serves a page can have it read along. So an administrator publishes the page's [`Manifest`] as the public document
//! [`DOCUMENT`], which the ledger proves, and anybody can [`look`] at what a node serves. What a look finds is what this computer was
//! given: a node can give somebody else another page.

mod fault;
mod look;
mod manifest;
mod plan;
mod unpack;

pub use fault::{Fault, Form};
pub use look::{Bounds, Look, Obeyed, look};
pub use manifest::{Manifest, ManifestError};

/// The name of the public document that holds the page's manifest.
pub const DOCUMENT: &str = "page";
/// Where a node serves the manifest of its page.
pub const MANIFEST_PATH: &str = "/manifest.json";
