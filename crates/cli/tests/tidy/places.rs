//! docs/adding-a-message.md and docs/adding-a-query.md, executed: every row is true of every message and of every query.

use std::fs;

use crate::tree::{files, read, root, sources};

/// A row of such a page: a file or folder, and what stands there, as for the page's example.
struct Place {
    path: String,
    word: String,
}

/// The rows of a page whose first two cells are a path and a word.
fn places(page: &str) -> Vec<Place> {
    let text = read(page);
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    let places = rows.filter_map(|row| {
        let (path, rest) = row.split_once("` | `")?;
        Some(Place { path: path.to_owned(), word: rest.split_once("` |")?.0.to_owned() })
    });
    places.collect()
}

/// Whether a word stands in a file, or in any file of a folder.
fn stands(path: &str, word: &str) -> bool {
    let inside = |file: &String| file == path || (path.ends_with('/') && file.starts_with(path));
    files()
        .iter()
        .filter(|file| inside(file))
        .any(|file| fs::read_to_string(root().join(file)).is_ok_and(|text| text.contains(word)))
}

/// `TicketsByStatus` as `tickets_by_status`.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    for char in name.chars() {
        if char.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(char.to_lowercase());
    }
    snake
}

/// A message's name inside and on the wire.
fn messages() -> Vec<(String, String)> {
    let list = read("crates/protocol/src/messages.rs");
    let rows = list.split("\nmessages! {").nth(1).expect("the list of messages").split("\n}").next().unwrap();
    let names = rows.lines().filter_map(|row| row.trim().split_once(" {").map(|(name, _)| name.to_owned()));
    let wired = names.map(|name| {
        let file = read(&format!("crates/protocol/src/messages/{}.rs", snake(&name)));
        let wire = file.split("type Wire = wire::").nth(1).expect("its wire type").split(';').next().unwrap();
        (name, wire.to_owned())
    });
    wired.collect()
}

#[test]
fn every_message_stands_in_each_place_that_the_page_lists() {
    let (messages, places) = (messages(), places("docs/adding-a-message.md"));
    assert!(
        messages.len() >= 16 && places.len() >= 9,
        "{} messages, {} places",
        messages.len(),
        places.len()
    );
    let mut found = Vec::new();
    for (name, wire) in &messages {
        let of_it = |text: &str| {
            // The wire's name may be longer, and its service has no prefix.
            text.replace("rpc CloseTicket", &format!("rpc {}", &wire[3..]))
                .replace("MsgCloseTicket", wire)
                .replace("CloseTicket", name)
                .replace("close_ticket", &snake(name))
        };
        for Place { path, word } in &places {
            let (path, word) = (of_it(path), of_it(word));
            if !stands(&path, &word) {
                found.push(format!("{path} has no `{word}`"));
            }
        }
        let client = read(&format!("crates/client/src/messages/{}.rs", snake(name)));
        for method in client.split("pub async fn ").skip(1).filter_map(|rest| rest.split(['(', '<']).next()) {
            let call = format!(".{method}(");
            if !stands("crates/cli/src/", &call) && !stands("crates/wasm/src/", &call) {
                found.push(format!("neither a command nor the page calls {method}"));
            }
        }
    }
    assert!(found.is_empty(), "docs/adding-a-message.md:\n  {}", found.join("\n  "));
}

#[test]
fn every_query_stands_in_each_place_that_the_page_lists() {
    let protos: Vec<String> =
        files().into_iter().filter(|path| path.starts_with("proto/") && path.ends_with(".proto")).collect();
    let ours = protos.iter().filter(|path| path.contains("/virtengine/") || path.contains("/sealdesk/"));
    let services = ours
        .flat_map(|path| read(path).split("service Query {").skip(1).map(str::to_owned).collect::<Vec<_>>());
    let queries: Vec<String> = services
        .flat_map(|service| {
            let calls = service.split('}').next().unwrap_or_default().to_owned();
            calls
                .split("rpc ")
                .skip(1)
                .filter_map(|rest| Some(rest.split_once('(')?.0.to_owned()))
                .collect::<Vec<_>>()
        })
        .collect();
    let places = places("docs/adding-a-query.md");
    assert!(queries.len() >= 13 && places.len() >= 5, "{} queries, {} places", queries.len(), places.len());
    let mut found = Vec::new();
    for name in &queries {
        // A request without fields has nothing that could be decoded wrongly.
        let empty = stands("proto/", &format!("message Query{name}Request {{}}"));
        for Place { path, word } in places.iter().filter(|place| !(empty && place.path.starts_with("fuzz/")))
        {
            let word = word.replace("TicketsByStatus", name).replace("tickets_by_status", &snake(name));
            if !stands(path, &word) {
                found.push(format!("{path} has no `{word}`"));
            }
        }
    }
    assert!(found.is_empty(), "docs/adding-a-query.md:\n  {}", found.join("\n  "));
}

#[test]
fn the_list_of_messages_is_whole() {
    let folder = sources().filter(|path| path.starts_with("crates/protocol/src/messages/")).count();
    assert_eq!(
        folder,
        messages().len(),
        "each file below crates/protocol/src/messages is a message of the list"
    );
}
