//! Random histories of a ledger, true and false, and what the client seals by them: compared with an oracle that was written from
//! docs/spec/trust.md alone, in another language.

mod facts;
mod make;
mod oracle;
mod play;
mod walk;
