//! Every command, one file each. Names follow Cosmos: `tx MODULE …` changes the ledger, `query MODULE …` asks it.

mod assign;
mod backup;
mod chain_info;
mod close;
mod completions;
mod config;
mod connect;
mod contacts;
mod desk;
mod disclose;
mod doctor;
mod documents;
mod envelope;
mod erase;
mod export;
mod genesis;
mod help;
mod import;
mod inbox;
mod init;
mod invite;
mod join;
mod keys;
mod link;
mod localnet;
mod lock;
mod man;
mod new;
mod note;
mod prune;
mod publish_page;
mod query;
mod rate;
mod read;
mod reassign;
mod receipt;
mod reopen;
mod reply;
mod resolve;
mod restore;
mod save;
mod sla;
mod snooze;
mod stacks;
mod staff;
mod start;
mod status;
mod take;
mod transfer;
mod trust;
mod tx;
mod unlock;
mod verify;
mod verify_page;
mod version;
mod watch;
mod webhooks;

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::args::Global;
use crate::context::Context;
use crate::examples;
use crate::failure::Failure;
use crate::tx_file;

/// A support desk whose tickets only their readers can open.
#[derive(Debug, Parser)]
#[command(
    name = "sealdesk",
    disable_help_subcommand = true,
    version,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = "Tickets are sealed on this computer before they leave it. The ledger keeps who may read them and what \
        happened when, and proves it; it cannot read them.\n\n\
        First steps:\n  \
        sealdesk start                    make a desk on this computer and run it\n  \
        sealdesk keys add alice           make a key for a customer\n  \
        sealdesk new --from alice         write a ticket\n  \
        sealdesk inbox --from admin       what waits for the administrator\n  \
        sealdesk read 1 --from alice      what was said in it\n\n\
        A passphrase is asked for at the terminal; scripts name a file that holds it by SEALDESK_PASSPHRASE_FILE, or pipe it in.\n\
        Exit codes: 0 done, 1 refused or failed, 2 the command cannot be carried out as given; of verify and sla also: the receipt is not pinned. Answers go to standard output, everything else to standard error.\n\
        --output json prints answers for programs, and there errors, too: look at the exit code first. --json status,ticket_id prints \
        only these fields; sealdesk inbox --json open.ticket_id those within another one."
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
    /// Drop old blocks of a stopped desk to free disk space
    Prune(prune::Args),
    /// Join a replicated ledger of several organisations
    Join(join::Args),
    /// Serve the desk's page from this program, before a node elsewhere
    Desk(desk::Args),
    /// Have the ledger name this program's page as the desk's
    PublishPage(publish_page::Args),
    /// Compare the page that a node serves with the ledger, and with this program's
    VerifyPage(verify_page::Args),
    /// Show the state of the node and its ledger
    Status(status::Args),
    /// Print what a wallet such as Keplr has to know about this ledger
    ChainInfo(chain_info::Args),
    /// Say which ledger you mean, before anything is sent to it
    Trust(trust::Args),
    /// Run a whole replicated network on this computer, and test it
    Localnet(localnet::Args),
    /// Show this program's version
    Version(version::Args),
    /// Find problems, and say what to do
    Doctor(doctor::Args),
    /// Print the line that leads someone to this desk; make, list and revoke the codes for new accounts
    Invite(invite::Args),
    /// Set this home up for a desk, with the line that its administrator sent
    Connect(connect::Args),
    /// Give people names, used and shown instead of addresses
    #[command(subcommand)]
    Contacts(contacts::Command),
    /// Show and change the settings of this home
    #[command(subcommand)]
    Config(config::Command),
    /// Post what happens on the ledger to URLs of yours
    #[command(subcommand)]
    Webhooks(webhooks::Command),
    /// Make, list, back up and publish keys
    #[command(subcommand)]
    Keys(keys::Command),
    /// Type the passphrase once for a working day
    Unlock(unlock::Args),
    /// End `unlock` early
    Lock(lock::Args),
    /// Change something on the ledger
    #[command(subcommand)]
    Tx(tx::Command),
    /// Query the ledger's public records
    #[command(
        subcommand,
        visible_alias = "q",
        after_help = "Only the ledger that this home trusts is queried. A ticket, an account, keys, administrators, validators, limits and ratings are proven \
        against its signature, as `sealdesk read` proves them. Lists, responses and what became of a transaction are the node's word: a line on standard \
        error says so, and how old the state is where it is not of these minutes."
    )]
    Query(query::Command),
    /// Open a ticket and show its conversation
    Read(read::Args),
    /// Write a ticket; at a terminal you are asked for what is missing
    #[command(
        after_help = "Subject and message are sealed on this computer: you, the administrators and those who work on the ticket can read them, and where the queue is open every agent whom an administrator appointed.\n\
        Category, priority, provider and resource are PUBLIC, as are the times and the number of answers. For example:\n  \
        sealdesk new\n  \
        sealdesk new --category technical --subject \"Node does not start\" \"Since this morning.\" --from alice\n  \
        sealdesk new --category billing --message-file letter.txt"
    )]
    New(new::Args),
    /// Reply to a ticket
    #[command(
        after_help = "Without a message your editor opens. A text that could not be sent is kept, sealed for your key. For example:\n  \
        sealdesk reply 12 \"Please send me the last lines of its log.\" --wait\n  \
        sealdesk reply 12 --resolve --attach fix.patch\n  \
        sealdesk reply 12,14 --message-file answer.txt"
    )]
    Reply(reply::Args),
    /// Leave a note in a ticket for the staff, which the customer cannot read
    #[command(
        after_help = "The customer sees that there is a note. For example:\n  sealdesk note 12 \"Ask dora, she knows this machine.\""
    )]
    Note(note::Args),
    /// Take an unassigned ticket, if the queue is open
    #[command(
        after_help = "If the limit open_queue is true, unassigned tickets are sealed for every agent whom an administrator appointed. For example:\n  \
        sealdesk take 12\n  \
        sealdesk take --all-of unassigned"
    )]
    Take(take::Args),
    /// Give a ticket to a support agent, who can then read all of it
    #[command(
        after_help = "Collaborators can read all of it too, and do what the agent can. For example:\n  \
        sealdesk assign 12 bob\n  \
        sealdesk assign 12 14 17 bob --collaborator carol\n  \
        sealdesk assign --all-of unassigned bob"
    )]
    Assign(assign::Args),
    /// Resolve a ticket, with sealed closing words
    #[command(
        after_help = "It closes automatically after a while; a reply from the customer reopens it. For example:\n  \
        sealdesk resolve 12\n  \
        sealdesk resolve 12 --message \"The new disk is in. Tell us if it comes back.\""
    )]
    Resolve(resolve::Args),
    /// Close a ticket
    #[command(after_help = "For example:\n  sealdesk close 12\n  sealdesk close --all-of resolved")]
    Close(close::Args),
    /// Reopen a resolved or closed ticket
    #[command(after_help = "For example:\n  sealdesk reopen 12")]
    Reopen(reopen::Args),
    /// Rate how well your ticket was resolved, from 1 to 5
    Rate(rate::Args),
    /// Put a ticket aside until a time, when it comes back
    Snooze(snooze::Args),
    /// Link two tickets
    Link(link::Args),
    /// Transfer a ticket to another customer, for one who lost their phrase
    Transfer(transfer::Args),
    /// Destroy a closed ticket's texts and files on one node
    Erase(erase::Args),
    /// Save a file that is attached to a ticket
    Save(save::Args),
    /// List the tickets that wait for you
    #[command(alias = "tickets")]
    Inbox(inbox::Args),
    /// Add people to the staff, list them, remove them
    #[command(subcommand)]
    Staff(staff::Command),
    /// Hand all of someone's tickets over to someone else
    Reassign(reassign::Args),
    /// Canned replies, office hours, drafts: documents kept beside the tickets
    #[command(subcommand)]
    Documents(documents::Command),
    /// Show events as they happen
    Watch(watch::Args),
    /// Write an offline proof that a ticket is in the ledger
    Receipt(receipt::Args),
    /// Write one message to a file for someone else, who can match it against a receipt
    Disclose(disclose::Args),
    /// Show what was promised for a ticket, and whether it was kept
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
    /// Show what a command does, or who may do what
    Help(help::Args),
}

/// The command line, with an example for each command.
pub(crate) fn line() -> clap::Command {
    examples::shown(Cli::command())
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
        Command::Desk(args) => desk::run(context, args).await,
        Command::PublishPage(args) => publish_page::run(context, &args).await,
        Command::VerifyPage(args) => verify_page::run(context, &args).await,
        Command::ChainInfo(args) => chain_info::run(context, args).await,
        Command::Status(args) => status::run(context, args).await,
        Command::Trust(args) => trust::run(context, args),
        Command::Localnet(args) => localnet::run(context, args).await,
        Command::Version(args) => version::run(context, args),
        Command::Doctor(args) => doctor::run(context, args).await,
        Command::Invite(args) => invite::run(context, args).await,
        Command::Connect(args) => connect::run(context, &args).await,
        Command::Contacts(command) => contacts::run(context, command).await,
        Command::Config(command) => config::run(context, command),
        Command::Webhooks(command) => webhooks::run(context, command).await,
        Command::Keys(command) => keys::run(context, command).await,
        Command::Unlock(args) => unlock::run(context, &args),
        Command::Lock(args) => lock::run(context, args),
        Command::Tx(command) => tx::run(context, command).await,
        Command::Query(command) => query::run(context, command).await,
        Command::Read(args) => read::run(context, args).await,
        Command::New(args) => tx_file::handed_out(context, new::run(context, args).await),
        Command::Reply(args) => tx_file::handed_out(context, reply::run(context, args).await),
        Command::Note(args) => tx_file::handed_out(context, note::run(context, args).await),
        Command::Take(args) => tx_file::handed_out(context, take::run(context, args).await),
        Command::Assign(args) => tx_file::handed_out(context, assign::run(context, args).await),
        Command::Resolve(args) => tx_file::handed_out(context, resolve::run(context, args).await),
        Command::Close(args) => tx_file::handed_out(context, close::run(context, args).await),
        Command::Reopen(args) => tx_file::handed_out(context, reopen::run(context, args).await),
        Command::Rate(args) => tx_file::handed_out(context, rate::run(context, args).await),
        Command::Snooze(args) => tx_file::handed_out(context, snooze::run(context, args).await),
        Command::Link(args) => tx_file::handed_out(context, link::run(context, args).await),
        Command::Transfer(args) => tx_file::handed_out(context, transfer::run(context, args).await),
        Command::Erase(args) => erase::run(context, args).await,
        Command::Save(args) => save::run(context, args).await,
        Command::Inbox(args) => inbox::run(context, args).await,
        Command::Staff(command) => staff::run(context, command).await,
        Command::Reassign(args) => reassign::run(context, args).await,
        Command::Documents(command) => documents::run(context, command).await,
        Command::Watch(args) => watch::run(context, args).await,
        Command::Receipt(args) => receipt::run(context, args).await,
        Command::Disclose(args) => disclose::run(context, args).await,
        Command::Sla(args) => sla::run(context, args).await,
        Command::Verify(args) => verify::run(context, args),
        Command::Stacks(command) => stacks::run(context, command).await,
        Command::Envelope(command) => envelope::run(context, command),
        Command::Completions(args) => completions::run(context, args),
        Command::Man(args) => man::run(context, args),
        Command::Help(args) => help::run(context, &args),
    }
}
