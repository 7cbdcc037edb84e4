//! x
#[allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]
mod services {
    include!(concat!(env!("OUT_DIR"), "/services.rs"));
}
