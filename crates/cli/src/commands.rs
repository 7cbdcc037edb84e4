//! Every command, one file each. Names follow Cosmos: `tx MODULE …` changes the ledger, `query MODULE …` asks it.

mod backup;
mod chain_info;
mod completions;
mod doctor;
mod documents;
mod envelope;
mod erase;
mod export;
mod genesis;
mod import;
mod inbox;
mod init;
mod invite;
mod join;
mod keys;
mod localnet;
mod man;
mod prune;
mod query;
mod read;
mod receipt;
mod restore;
mod save;
mod sla;
mod stacks;
mod start;
mod status;
mod trust;
mod tx;
mod verify;
mod version;
mod watch;
mod webhooks;

use clap::{Parser, Subcommand};

use crate::args::Global;
use crate::context::Context;
use crate::failure::Failure;

/// A support desk whose tickets only their readers can open.
#[derive(Debug, Parser)]
#[command(
    name = "sealdesk",
    version,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = "Tickets are sealed on this computer before they leave it. The ledger keeps who may read them and what \
        happened when, and proves it; it cannot read them.\n\n\
        First steps:\n  \
        sealdesk start                    make a desk on this computer and run it\n  \
        sealdesk keys add alice           make a key for a customer\n  \
        sealdesk tx support create-ticket --from alice --category technical --subject S --message M\n  \
        sealdesk inbox --from admin       what waits for the administrator\n  \
        sealdesk read TKT-00000001 --from alice\n\n\
        A passphrase is asked for at the terminal; scripts name a file that holds it by SEALDESK_PASSPHRASE_FILE, or pipe it in.\n\
        Exit codes: 0 done, 1 refused or failed, 2 not understood. Answers go to standard output, everything else to standard error.\n\
        --output json prints an answer for programs; --json ticket_id,status only these fields of it."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the desk on this computer; the first time, make it
    Start(start::Args),
    /// Make a new desk without running it
    Init(init::Args),
    /// Write the desk of this home into one file, while it runs
    Backup(backup::Args),
    /// Make a desk out of a backup
    Restore(restore::Args),
    /// Write the whole state of a stopped desk as a genesis file
    Export(export::Args),
    /// Make a desk from an exported genesis file
    Import(import::Args),
    /// Write the genesis of a replicated ledger of several organisations
    Genesis(genesis::Args),
    /// Drop old blocks of a stopped desk, so that its disk has room
    Prune(prune::Args),
    /// Take part in a replicated ledger of several organisations
    Join(join::Args),
    /// Show where the node and its ledger stand
    Status(status::Args),
    /// Print what a wallet such as Keplr has to know of this ledger
    ChainInfo(chain_info::Args),
    /// Say which ledger you mean, before anything is sent to it
    Trust(trust::Args),
    /// Run a whole replicated network on this computer, and test it
    Localnet(localnet::Args),
    /// Show which program this is
    Version(version::Args),
    /// Look for what is wrong, and say what to do
    Doctor(doctor::Args),
    /// Invite new customers, where the node of this home asks for an invitation
    #[command(subcommand)]
    Invite(invite::Command),
    /// Post what happens on the ledger to URLs of yours
    #[command(subcommand)]
    Webhooks(webhooks::Command),
    /// Make, list, back up and publish keys
    #[command(subcommand)]
    Keys(keys::Command),
    /// Change something on the ledger
    #[command(subcommand)]
    Tx(tx::Command),
    /// Ask the ledger for what everyone may know
    #[command(
        subcommand,
        visible_alias = "q",
        after_help = "Answers are the node's word. `sealdesk inbox`, `read` and `receipt` check what they show against the ledger's signature."
    )]
    Query(query::Command),
    /// Open a ticket and show its conversation
    Read(read::Args),
    /// Destroy a closed ticket's texts and files on one node
    Erase(erase::Args),
    /// Save a file that is attached to a ticket
    Save(save::Args),
    /// List the tickets that wait for you
    Inbox(inbox::Args),
    /// Canned replies, office hours, drafts: what stands on shelves beside the tickets
    #[command(subcommand)]
    Documents(documents::Command),
    /// Show events as they happen
    Watch(watch::Args),
    /// Write an offline proof that a ticket stands in the ledger
    Receipt(receipt::Args),
    /// Show what was promised of a ticket, and what became of it
    Sla(sla::Args),
    /// Verify a receipt, without a node
    Verify(verify::Args),
    /// Deploy the desk's contract on Stacks, hand it over, and look at its transactions
    #[command(subcommand)]
    Stacks(stacks::Command),
    /// Check an implementation of the sealed envelope
    #[command(subcommand)]
    Envelope(envelope::Command),
    /// Print completions for a shell
    Completions(completions::Args),
    /// Write the manual pages
    Man(man::Args),
}

/// Does what was asked.
pub(crate) async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Start(args) => start::run(context, args).await,
        Command::Init(args) => init::run(context, args),
        Command::Backup(args) => backup::run(context, args).await,
        Command::Restore(args) => restore::run(context, &args),
        Command::Export(args) => export::run(context, args),
        Command::Import(args) => import::run(context, args),
        Command::Genesis(args) => genesis::run(context, args),
        Command::Prune(args) => prune::run(context, &args),
        Command::Join(args) => join::run(context, args).await,
        Command::ChainInfo(args) => chain_info::run(context, args).await,
        Command::Status(args) => status::run(context, args).await,
        Command::Trust(args) => trust::run(context, args),
        Command::Localnet(args) => localnet::run(context, args).await,
        Command::Version(args) => version::run(context, args),
        Command::Doctor(args) => doctor::run(context, args).await,
        Command::Invite(command) => invite::run(context, command),
        Command::Webhooks(command) => webhooks::run(context, command).await,
        Command::Keys(command) => keys::run(context, command).await,
        Command::Tx(command) => tx::run(context, command).await,
        Command::Query(command) => query::run(context, command).await,
        Command::Read(args) => read::run(context, args).await,
        Command::Erase(args) => erase::run(context, args).await,
        Command::Save(args) => save::run(context, args).await,
        Command::Inbox(args) => inbox::run(context, args).await,
        Command::Documents(command) => documents::run(context, command).await,
        Command::Watch(args) => watch::run(context, args).await,
        Command::Receipt(args) => receipt::run(context, args).await,
        Command::Sla(args) => sla::run(context, args).await,
        Command::Verify(args) => verify::run(context, args),
        Command::Stacks(command) => stacks::run(context, command).await,
        Command::Envelope(command) => envelope::run(context, command),
        Command::Completions(args) => completions::run(context, args),
        Command::Man(args) => man::run(context, args),
    }
}
