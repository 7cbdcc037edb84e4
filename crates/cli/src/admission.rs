//! What the node of `start` asks of accounts that the ledger has never seen.

use sealdesk_node::admission::AdmissionConfig;

/// See the module.
#[derive(Debug, clap::Args)]
pub(crate) struct AdmissionArgs {
    /// Ask new accounts for an invitation, which `sealdesk invite add` makes; with --admission-work, either will do
    #[arg(long, env = "SEALDESK_ADMISSION_INVITATIONS", hide_env_values = true)]
    admission_invitations: bool,
    /// Ask new accounts for work of so many tries on average, some 30 a second, from 1 to 4096 [default: none]
    #[arg(long, value_name = "TRIES", value_parser = work, env = "SEALDESK_ADMISSION_WORK", hide_env_values = true)]
    admission_work: Option<u32>,
    /// Memory of one try, in MiB, from 1 to 64 [default: 16]
    #[arg(long, value_name = "MIB", value_parser = memory, env = "SEALDESK_ADMISSION_WORK_MEMORY", hide_env_values = true)]
    admission_work_memory: Option<u32>,
}

impl AdmissionArgs {
    /// As the node takes it.
    pub(crate) fn config(&self) -> AdmissionConfig {
        AdmissionConfig {
            invitations: self.admission_invitations,
            work: self.admission_work,
            work_memory: self.admission_work_memory,
        }
    }
}

fn work(text: &str) -> Result<u32, String> {
    let tries = text.parse().ok().filter(|tries| (1..=4_096).contains(tries));
    tries.ok_or_else(|| "write how many tries it takes on average, from 1 to 4096".to_owned())
}

fn memory(text: &str) -> Result<u32, String> {
    let mib = text.parse().ok().filter(|mib| (1..=64).contains(mib));
    mib.ok_or_else(|| "write the MiB of one try, from 1 to 64".to_owned())
}
