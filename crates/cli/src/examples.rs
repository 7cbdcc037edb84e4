//! An example for every command, in its help. What stands in a command's own text already is not repeated.

use clap::Command;

/// A command's words, and what somebody types. Each is parsed by a test.
const EXAMPLES: &[(&str, &str)] = &[
    ("start", "sealdesk start --listen 127.0.0.1:9090"),
    ("init", "sealdesk init --home ~/desk"),
    ("export", "sealdesk export -o desk.json"),
    ("import", "sealdesk import desk.json --home ~/new-desk"),
    ("genesis", "sealdesk genesis north.json south.json west.json -o genesis.json"),
    ("prune", "sealdesk prune --keep-blocks 100000"),
    ("join", "sealdesk join genesis.json --name north"),
    ("status", "sealdesk status --node https://desk.example"),
    ("chain-info", "sealdesk chain-info --name \"Our desk\""),
    ("trust", "sealdesk trust genesis.json"),
    ("localnet", "sealdesk localnet --dir net --seconds 30 --faults kill,restart"),
    ("version", "sealdesk version"),
    ("doctor", "sealdesk doctor"),
    ("inbox", "sealdesk inbox --from bob"),
    ("rate", "sealdesk rate 12 5 --comment \"Thank you.\""),
    ("snooze", "sealdesk snooze 12 3d"),
    ("link", "sealdesk link 14 follows_up 12"),
    ("transfer", "sealdesk transfer 12 alice2"),
    ("invite add", "sealdesk invite add --uses 3 --days 30"),
    ("invite list", "sealdesk invite list"),
    ("invite revoke", "sealdesk invite revoke 1a2b3c4d"),
    ("webhooks add", "sealdesk webhooks add https://hooks.example/desk --type EventTicketCreated"),
    ("webhooks list", "sealdesk webhooks list"),
    ("webhooks remove", "sealdesk webhooks remove 1a2b3c4d"),
    ("webhooks test", "sealdesk webhooks test 1a2b3c4d"),
    ("webhooks enable", "sealdesk webhooks enable 1a2b3c4d --skip"),
    ("webhooks rotate", "sealdesk webhooks rotate 1a2b3c4d --overlap-hours 48"),
    ("webhooks log", "sealdesk webhooks log 1a2b3c4d --lines 50"),
    ("keys add", "sealdesk keys add alice"),
    ("keys list", "sealdesk keys list"),
    ("keys show", "sealdesk keys show alice --address"),
    ("keys rename", "sealdesk keys rename alice alice-old"),
    ("keys register", "sealdesk keys register alice --rotate"),
    ("keys revoke", "sealdesk keys revoke alice --key-version 1"),
    ("keys export", "sealdesk keys export alice"),
    ("keys import", "sealdesk keys import alice"),
    ("keys delete", "sealdesk keys delete alice"),
    ("keys passphrase", "sealdesk keys passphrase"),
    ("tx support respond", "sealdesk tx support respond TKT-00000001 --message \"It works again.\""),
    ("tx support start-work", "sealdesk tx support start-work TKT-00000001"),
    ("tx support await-customer", "sealdesk tx support await-customer TKT-00000001"),
    ("tx support set-priority", "sealdesk tx support set-priority TKT-00000001 urgent"),
    (
        "tx support resolve-ticket",
        "sealdesk tx support resolve-ticket TKT-00000001 --message \"A new disk is in.\"",
    ),
    ("tx support close-ticket", "sealdesk tx support close-ticket TKT-00000001"),
    ("tx support reopen-ticket", "sealdesk tx support reopen-ticket TKT-00000001"),
    ("tx support transfer-ticket", "sealdesk tx support transfer-ticket TKT-00000001 alice2"),
    ("tx support rate-ticket", "sealdesk tx support rate-ticket TKT-00000001 5 --comment \"Thank you.\""),
    ("tx support link-tickets", "sealdesk tx support link-tickets TKT-00000002 follows_up TKT-00000001"),
    ("tx support merge-tickets", "sealdesk tx support merge-tickets TKT-00000002 TKT-00000001"),
    ("tx support snooze-ticket", "sealdesk tx support snooze-ticket TKT-00000001 3d"),
    ("tx support grant-access", "sealdesk tx support grant-access TKT-00000001 dora"),
    ("tx support grant-all", "sealdesk tx support grant-all dora"),
    ("tx support renew-grants", "sealdesk tx support renew-grants"),
    ("tx support update-params", "sealdesk tx support update-params --ticket-cooldown-seconds 5"),
    ("tx roles assign-role", "sealdesk tx roles assign-role bob support_agent"),
    ("tx roles revoke-role", "sealdesk tx roles revoke-role bob support_agent"),
    ("tx roles renew-votes", "sealdesk tx roles renew-votes"),
    ("tx roles set-account-state", "sealdesk tx roles set-account-state mallory suspended"),
    ("tx ledger propose-validator", "sealdesk tx ledger propose-validator north.json --power 10"),
    ("tx ledger continue-ledger", "sealdesk tx ledger continue-ledger"),
    ("tx sign", "sealdesk tx sign close.json -o signed.json"),
    ("tx broadcast", "sealdesk tx broadcast signed.json"),
    ("query support ticket", "sealdesk query support ticket TKT-00000001"),
    ("query support responses", "sealdesk query support responses TKT-00000001"),
    ("query support tickets-by-customer", "sealdesk query support tickets-by-customer alice"),
    ("query support tickets-by-provider", "sealdesk query support tickets-by-provider dora"),
    ("query support tickets-by-agent", "sealdesk query support tickets-by-agent bob --status assigned"),
    ("query support tickets-by-status", "sealdesk query support tickets-by-status resolved"),
    ("query support open-tickets", "sealdesk query support open-tickets"),
    ("query support ratings", "sealdesk query support ratings bob"),
    ("query support params", "sealdesk query support params"),
    ("query roles account", "sealdesk query roles account bob"),
    ("query roles members", "sealdesk query roles members administrator"),
    ("query encryption keys", "sealdesk query encryption keys bob --active-only"),
    ("query ledger validators", "sealdesk query ledger validators"),
    ("query tx", "sealdesk query tx DF461F54BEE63294B034134BA94A5E9426B7EE8FF470CC1D26B5CF81107DD96B"),
    ("read", "sealdesk read 12"),
    ("erase", "sealdesk erase 12 --from admin"),
    ("save", "sealdesk save 12 1 -o log.txt"),
    ("documents list", "sealdesk documents list staff"),
    ("documents show", "sealdesk documents show staff replies"),
    ("documents put", "sealdesk documents put staff replies --file replies.json"),
    ("documents remove", "sealdesk documents remove staff replies"),
    ("documents renew", "sealdesk documents renew"),
    ("documents example", "sealdesk documents example sla"),
    ("watch", "sealdesk watch --ticket 12"),
    ("receipt", "sealdesk receipt 12 -o ticket.receipt"),
    ("sla", "sealdesk sla 12"),
    ("verify", "sealdesk verify ticket.receipt --genesis genesis.json"),
    ("stacks deploy", "sealdesk stacks deploy --name our-desk"),
    ("stacks propose-owner", "sealdesk stacks propose-owner dora"),
    ("stacks accept-owner", "sealdesk stacks accept-owner"),
    ("stacks close-expired", "sealdesk stacks close-expired 12"),
    ("stacks tx", "sealdesk stacks tx 0xdf461f54bee63294b034134ba94a5e9426b7ee8ff470cc1d26b5cf81107dd96b"),
    ("envelope check", "sealdesk envelope check vectors.json"),
    ("completions", "sealdesk completions bash"),
    ("man", "sealdesk man pages"),
    ("help", "sealdesk help permissions"),
];

/// The same command, in which every one that does something shows how it is typed.
pub(crate) fn shown(command: Command) -> Command {
    below(command, "")
}

fn below(command: Command, path: &str) -> Command {
    let within = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path} {name}") };
    let command = match EXAMPLES.iter().find(|(words, _)| *words == path) {
        Some((_, example)) => with(command, example, path),
        None => command,
    };
    let command = with_usage(command, path);
    command.mut_subcommands(|part| {
        let path = within(part.get_name());
        below(part, &path)
    })
}

/// Tickets are named, or those of a view are meant: neither looks as if it could be left out.
fn with_usage(command: Command, path: &str) -> Command {
    let has = |id: &str| command.get_arguments().any(|arg| arg.get_id() == id);
    if !has("all_of") || !has("tickets") {
        return command;
    }
    let required = path.ends_with("respond");
    let (one, all) = match (has("words"), required) {
        (true, true) => (
            "<TKT> <MESSAGE|--message <TEXT>|--message-file <FILE>>",
            " <--message <TEXT>|--message-file <FILE>>",
        ),
        (true, false) => ("<TKT> [MESSAGE]", " [--message <TEXT>]"),
        (false, _) => ("<TKT>...", ""),
    };
    command.override_usage(format!(
        "sealdesk {path} [OPTIONS] {one}\n       sealdesk {path} [OPTIONS] --all-of <VIEW>{all}"
    ))
}

fn with(command: Command, example: &str, path: &str) -> Command {
    let own = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    if own.contains(&format!("sealdesk {path}")) {
        return command;
    }
    let text = match own.trim_end() {
        "" => format!("For example:\n  {example}"),
        own => format!("{own}\n\nFor example:\n  {example}"),
    };
    command.after_help(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of a line as a shell takes them apart.
    fn words(line: &str) -> Vec<String> {
        let (mut words, mut quoted) = (vec![String::new()], false);
        for c in line.chars() {
            match c {
                '"' => quoted = !quoted,
                ' ' if !quoted => words.push(String::new()),
                c => words.last_mut().unwrap().push(c),
            }
        }
        words.retain(|word| !word.is_empty());
        words
    }

    fn leaves(command: &Command, path: &str, found: &mut Vec<(String, String)>) {
        let parts: Vec<&Command> = command.get_subcommands().collect();
        if parts.is_empty() {
            found.push((
                path.to_owned(),
                command.get_after_help().map(ToString::to_string).unwrap_or_default(),
            ));
        }
        for part in parts {
            let path = format!("{path} {}", part.get_name());
            leaves(part, path.trim_start(), found);
        }
    }

    #[test]
    fn every_command_shows_an_example_that_this_program_understands() {
        let mut found = Vec::new();
        leaves(&crate::commands::line(), "", &mut found);
        assert!(found.len() > 60, "{found:?}");
        for (path, help) in found {
            let begins = format!("sealdesk {path}");
            let mut examples = help.lines().filter_map(|line| {
                let label =
                    line.split_once(':').filter(|(label, _)| label.bytes().all(|b| b.is_ascii_alphabetic()));
                let line = label.map_or(line, |(_, rest)| rest).trim();
                let line =
                    line.split(" | ").next().unwrap_or_default().split(" > ").next().unwrap_or_default();
                let line = line.split(" && ").next().unwrap_or_default();
                line.starts_with(&begins).then(|| line.to_owned())
            });
            let first =
                examples.next().unwrap_or_else(|| panic!("`{begins} --help` shows no example:\n{help}"));
            for example in examples.chain([first]) {
                let parsed = crate::commands::line().try_get_matches_from(words(&example));
                assert!(parsed.is_ok(), "{example}\n{}", parsed.unwrap_err());
            }
        }
    }

    #[test]
    fn every_example_is_of_a_command() {
        let mut found = Vec::new();
        leaves(&crate::commands::line(), "", &mut found);
        for (path, _) in EXAMPLES {
            assert!(found.iter().any(|(known, _)| known == path), "{path}");
        }
    }
}
