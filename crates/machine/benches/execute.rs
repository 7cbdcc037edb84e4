//! Each message's execution against verifying its signature.
fn main() {}
