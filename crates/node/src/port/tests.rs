//! The whole port in memory, asked by every door.

mod bad_input;
mod doors;
mod problems;
