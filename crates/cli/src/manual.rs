//! The manual pages: one for each command, made of the same text as its `--help`.

use clap::Command;
use clap_mangen::Man;

use crate::commands;

/// Below each page but the first: what stands there would stand on each of them.
const ELSEWHERE: &str =
    "Options of every command, such as --home, --node, --from and --output, are in sealdesk(1).";

/// A page: the name of its file, and its text.
pub(crate) struct Page {
    pub(crate) file: String,
    pub(crate) text: Vec<u8>,
}

/// Every page, those of commands before those of what they are parts of.
pub(crate) fn pages() -> std::io::Result<Vec<Page>> {
    let mut command = commands::line();
    command.build();
    let mut pages = Vec::new();
    for part in command.get_subcommands() {
        gather(part, &mut pages)?;
    }
    pages.push(page(command)?);
    Ok(pages)
}

fn gather(command: &Command, pages: &mut Vec<Page>) -> std::io::Result<()> {
    for part in command.get_subcommands() {
        gather(part, pages)?;
    }
    pages.push(page(with_options_of_its_own(command.clone()))?);
    Ok(())
}

/// The command without the options that every command has.
fn with_options_of_its_own(command: Command) -> Command {
    let command = command.mut_args(|arg| if arg.is_global_set() { arg.hide(true) } else { arg });
    let below = match command.get_after_help() {
        Some(text) => format!("{text}\n\n{ELSEWHERE}"),
        None => ELSEWHERE.to_owned(),
    };
    command.after_help(below)
}

fn page(command: Command) -> std::io::Result<Page> {
    let source = concat!("sealdesk ", env!("CARGO_PKG_VERSION"));
    let page = Man::new(command).source(source).manual("Sealdesk");
    let mut text = Vec::new();
    page.render(&mut text)?;
    Ok(Page { file: page.get_filename(), text })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The full names of a command and its parts.
    fn names(command: &Command, begin: &str, found: &mut Vec<String>) {
        let name = format!("{begin}{}", command.get_name());
        for part in command.get_subcommands() {
            names(part, &format!("{name}-"), found);
        }
        found.push(name);
    }

    #[test]
    fn every_command_has_a_page_that_names_it_and_its_own_options() {
        let mut expected = Vec::new();
        names(&commands::line(), "", &mut expected);
        let pages = pages().unwrap();
        let mut found: Vec<String> = pages.iter().map(|page| page.file.clone()).collect();
        let mut files: Vec<String> = expected.iter().map(|name| format!("{name}.1")).collect();
        found.sort();
        files.sort();
        assert!(found.len() > 70, "{found:?}");
        assert_eq!(found, files);
        let text = |file: &str| {
            let page = pages.iter().find(|page| page.file == file).unwrap();
            String::from_utf8(page.text.clone()).unwrap()
        };
        let create = text("sealdesk-tx-support-create-ticket.1");
        assert!(create.contains(r"\-\-category") && create.contains("sealdesk(1)"), "{create}");
        assert!(!create.contains(r"\-\-trust\-node"), "{create}");
        assert!(text("sealdesk.1").contains(r"\-\-trust\-node"));
    }
}
