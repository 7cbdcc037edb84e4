//! A desk over TLS, through the program alone: whom it believes, what it says of whom it does not, and proxies on the way.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sealdesk_testkit::authority::{Authority, Certified};

use crate::desk::node::Node;
use crate::desk::session::Session;
use crate::desk::wait_for;

/// A desk that shows a certificate.
struct Certain {
    session: Session,
    authority: Authority,
    node: Node,
    address: SocketAddr,
}

impl Certain {
    /// A desk with a certificate for these names, started with these options too.
    fn start(names: &[&str], args: &[&str]) -> Self {
        let (session, authority) = (Session::idle(), Authority::new());
        // As an editor may leave it.
        let pem = format!("\u{feff}{}", authority.pem());
        std::fs::write(session.home().join("ca.pem"), pem).unwrap();
        write(&session, &authority.certify(names));
        let files = ["start", "--tls-cert", "cert.pem", "--tls-key", "key.pem"];
        let (node, printed) = Node::start_shown(session.command(&[&files[..], args].concat()));
        let url = printed.split_whitespace().find(|word| word.starts_with("https://"));
        let port = url.and_then(|url| url.rsplit_once(':')).unwrap_or_else(|| panic!("{printed}")).1;
        let address = format!("127.0.0.1:{port}").parse().unwrap();
        Self { session, authority, node, address }
    }

    /// What `status` says, and whether it is well.
    fn status(&self, args: &[&str], env: &[(&str, &str)]) -> (bool, String) {
        let mut command = self.session.command(&[&["status", "--patience", "5"], args].concat());
        let output = command.envs(env.iter().copied()).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&said).into_owned())
    }

    /// What is said of a node that is not believed, which has to hold these words.
    fn refuses(&self, args: &[&str], words: &[&str]) {
        let (well, said) = self.status(args, &[]);
        assert!(!well && words.iter().all(|word| said.contains(word)), "{args:?}: {said}");
    }
}

fn write(session: &Session, certified: &Certified) -> (PathBuf, PathBuf) {
    let (cert, key) = (session.home().join("cert.pem"), session.home().join("key.pem"));
    std::fs::write(&cert, &certified.cert).unwrap();
    std::fs::write(&key, &certified.key).unwrap();
    (cert, key)
}

#[test]
fn a_desk_is_worked_over_tls_and_what_is_wrong_with_a_certificate_is_said() {
    let desk = Certain::start(&["127.0.0.1"], &[]);
    let (well, said) = desk.status(&["--ca", "ca.pem"], &[]);
    assert!(well, "{said}");
    desk.refuses(&[], &["an authority that this computer does not know", "--ca FILE"]);
    let port = desk.address.port();
    let other = format!("https://localhost:{port}");
    desk.refuses(&["--ca", "ca.pem", "--node", &other], &["is for 127.0.0.1, not for this name", "--node"]);
    let path = format!("https://127.0.0.1:{port}/desk");
    desk.refuses(&["--node", &path], &["under a part of it"]);
    desk.refuses(&["--ca", "key.pem"], &["no certificate", "--ca names"]);
    // The address that `start` left behind and the file of authorities are all that other commands take.
    desk.session.key("alice");
    let create = ["tx", "support", "create-ticket", "--from", "alice", "--category", "technical"];
    let create = [&create[..], &["--subject", "Down", "--message", "It burns", "--ca", "ca.pem"]].concat();
    assert!(desk.session.ask(&create)["ticket_id"].is_string());
    write(&desk.session, &desk.authority.certify_once(&["127.0.0.1"]));
    let hung_up = Command::new("kill").args(["-HUP", &desk.node.id().to_string()]).status().unwrap();
    assert!(hung_up.success());
    let said = wait_for("the certificate to be read again", || match desk.status(&["--ca", "ca.pem"], &[]) {
        (false, said) => Ok(said),
        (true, said) => Err(said),
    });
    assert!(said.contains("expired") && said.contains("renew"), "{said}");
    desk.node.stop();
}

#[test]
fn plain_http_and_tls_are_told_apart() {
    let desk = Certain::start(&["127.0.0.1"], &[]);
    let plain = format!("http://{}", desk.address);
    desk.refuses(&["--node", &plain], &["https://"]);
    let mut without = Session::idle();
    without.start_node("127.0.0.1:0");
    let address = std::fs::read_to_string(without.home().join(".sealdesk/node.address")).unwrap();
    let over_tls = address.trim().replace("http://", "https://");
    desk.refuses(&["--ca", "ca.pem", "--node", &over_tls], &["does not speak TLS", "http://"]);
    without.stop_node();
}

/// A proxy that leads to a node, whatever is asked for, or sends everyone away.
struct Proxy {
    address: SocketAddr,
    asked: Arc<AtomicUsize>,
}

impl Proxy {
    fn start(to: Option<SocketAddr>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, asked) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
        let counted = asked.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                counted.fetch_add(1, Ordering::SeqCst);
                let _ = pass(stream.unwrap(), to);
            }
        });
        Self { address, asked }
    }
}

/// Answers a CONNECT, and carries both ways from then on.
fn pass(mut stream: TcpStream, to: Option<SocketAddr>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        lines.read_line(&mut head)?;
    }
    let Some(to) = to.filter(|_| head.starts_with("CONNECT desk.example:8443 ")) else {
        return stream.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    };
    let onward = TcpStream::connect(to)?;
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
    carry(stream.try_clone()?, onward.try_clone()?);
    carry(onward, stream);
    Ok(())
}

fn carry(mut from: TcpStream, mut to: TcpStream) {
    std::thread::spawn(move || {
        let mut bytes = [0; 4_096];
        while let Ok(read @ 1..) = from.read(&mut bytes) {
            if to.write_all(&bytes[..read]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(std::net::Shutdown::Write);
    });
}

#[test]
fn a_node_behind_a_proxy_of_the_environment_is_reached_by_connect() {
    // The name leads nowhere here: only the proxy knows where it is.
    let desk = Certain::start(&["desk.example"], &["--public-url", "https://desk.example:8443"]);
    let (proxy, surly) = (Proxy::start(Some(desk.address)), Proxy::start(None));
    let (through, past) =
        (format!("http://{}", proxy.address), format!("http://me:secret@{}", surly.address));
    let node = ["--ca", "ca.pem", "--node", "https://desk.example:8443"];
    let (well, said) = desk.status(&node, &[("HTTPS_PROXY", &through)]);
    assert!(well && proxy.asked.load(Ordering::SeqCst) > 0, "{said}");
    let (well, said) = desk.status(&node, &[("HTTPS_PROXY", &past)]);
    assert!(!well && said.contains(&surly.address.to_string()), "{said}");
    assert!(said.contains("authorization") && !said.contains("secret"), "{said}");
    let before = proxy.asked.load(Ordering::SeqCst);
    let (well, said) = desk.status(&node, &[("HTTPS_PROXY", &through), ("NO_PROXY", ".example")]);
    assert!(!well && proxy.asked.load(Ordering::SeqCst) == before, "{said}");
    // The home's own commands reach the node where it listens, and nobody on the way; its certificate is for its name all the same.
    let sent_away = surly.asked.load(Ordering::SeqCst);
    let (well, said) = desk.status(&["--ca", "ca.pem"], &[("HTTPS_PROXY", &past), ("ALL_PROXY", &past)]);
    assert!(well && surly.asked.load(Ordering::SeqCst) == sent_away, "{said}");
    let by_address = format!("https://{}", desk.address);
    desk.refuses(&["--ca", "ca.pem", "--node", &by_address], &["is for desk.example, not for this name"]);
}
