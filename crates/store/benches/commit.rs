//! Placeholder until the store is measured.
fn main() {}
