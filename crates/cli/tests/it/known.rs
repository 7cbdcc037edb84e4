//! What a home knows of a ledger, against a node that calls itself otherwise.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use crate::desk::session::Session;

/// Passes everything on to a node and back, but that it calls its ledger otherwise where it first names it.
fn calling_itself(node: &str, name: &str, other: &str) -> String {
    assert_eq!(name.len(), other.len());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (node, name, other) = (node.to_owned(), name.to_owned(), other.to_owned());
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let server = TcpStream::connect(&node).unwrap();
            let (mut up, mut down) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut up, &mut down));
            let (mut from, mut to, mut is_said) = (server, client, false);
            let (name, other) = (name.clone(), other.clone());
            std::thread::spawn(move || {
                let mut bytes = [0; 65_536];
                while let Ok(read @ 1..) = from.read(&mut bytes) {
                    let found = bytes[..read].windows(name.len()).position(|part| part == name.as_bytes());
                    if let (Some(at), false) = (found, is_said) {
                        bytes[at..at + name.len()].copy_from_slice(other.as_bytes());
                        is_said = true;
                    }
                    if to.write_all(&bytes[..read]).is_err() {
                        return;
                    }
                }
            });
        }
    });
    url
}

#[test]
fn a_node_that_says_another_name_than_it_proves_is_not_a_first_meeting() {
    let desk = Session::start();
    let pins = desk.home().join(".sealdesk/pins.json");
    let name = desk.ask(&["status"])["chain_id"].as_str().unwrap().to_owned();
    let other = format!("{}x", &name[..name.len() - 1]);
    let address = fs::read_to_string(desk.home().join(".sealdesk/node.address")).unwrap();
    let node = address.trim().trim_start_matches("http://").to_owned();
    let before = fs::read_to_string(&pins).unwrap();
    for asked in [&name, &other] {
        let url = calling_itself(&node, &name, &other);
        let output = desk.run(&["inbox", "--from", "admin", "--chain-id", asked, "--node", &url]);
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(!output.status.success() && said.contains("the node serves the ledger"), "{asked}: {said}");
        assert!(!said.contains("First meeting"), "{said}");
    }
    assert_eq!(fs::read_to_string(&pins).unwrap(), before);
}
