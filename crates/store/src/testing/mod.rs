//! Disks for tests, here and in the crates above: one in memory, and one that fails on demand.

mod memory;

pub use memory::MemoryDisk;
