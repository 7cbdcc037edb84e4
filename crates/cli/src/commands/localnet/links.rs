//! A network of its own for every validator: namespaces that meet at a bridge, so that one can be cut off.

use std::net::Ipv4Addr;
use std::process::{Command, Stdio};

use crate::error::Failure;

/// Names of what is made begin so.
const PREFIX: &str = "sdk";

/// The network of a localnet; it is taken down when it is dropped.
#[derive(Debug)]
pub(super) struct Links {
    /// Tells this network from another one on the same machine, and is the third number of its addresses.
    id: u8,
    count: u8,
}

/// Whether this user may make network namespaces.
pub(super) fn possible() -> bool {
    let name = format!("{PREFIX}-try-{}", std::process::id());
    let made = ip(&format!("netns add {name}")).is_ok();
    made && ip(&format!("netns del {name}")).is_ok()
}

impl Links {
    /// Makes a bridge, and for each validator a namespace with a line to it.
    pub(super) fn make(count: u8) -> Result<Self, Failure> {
        let id = u8::try_from(std::process::id() % 250).unwrap_or(0);
        let links = Self { id, count };
        links.remove();
        ip(&format!("link add {} type bridge", links.bridge()))?;
        ip(&format!("addr add {}/24 dev {}", links.address(254), links.bridge()))?;
        ip(&format!("link set {} up", links.bridge()))?;
        for n in 1..=count {
            let (space, line) = (links.space(n), links.line(n));
            ip(&format!("netns add {space}"))?;
            ip(&format!("link add {line} type veth peer name eth0 netns {space}"))?;
            ip(&format!("link set {line} master {} up", links.bridge()))?;
            ip(&format!("-n {space} addr add {}/24 dev eth0", links.address(n)))?;
            ip(&format!("-n {space} link set eth0 up"))?;
            ip(&format!("-n {space} link set lo up"))?;
        }
        Ok(links)
    }

    /// The address of the n-th validator.
    pub(super) fn address(&self, n: u8) -> Ipv4Addr {
        Ipv4Addr::new(10, 213, self.id, n)
    }

    /// The n-th validator's namespace.
    pub(super) fn space(&self, n: u8) -> String {
        format!("{PREFIX}{}n{n}", self.id)
    }

    /// Cuts or mends the n-th validator's line.
    pub(super) fn set(&self, n: u8, up: bool) -> Result<(), Failure> {
        ip(&format!("link set {} {}", self.line(n), if up { "up" } else { "down" }))
    }

    fn line(&self, n: u8) -> String {
        format!("{PREFIX}{}v{n}", self.id)
    }

    fn bridge(&self) -> String {
        format!("{PREFIX}{}br", self.id)
    }

    /// Takes down whatever of it is there.
    fn remove(&self) {
        for n in 1..=self.count {
            let _ = ip(&format!("link del {}", self.line(n)));
            let _ = ip(&format!("netns del {}", self.space(n)));
        }
        let _ = ip(&format!("link del {}", self.bridge()));
    }
}

impl Drop for Links {
    fn drop(&mut self) {
        self.remove();
    }
}

fn ip(words: &str) -> Result<(), Failure> {
    let mut command = Command::new("ip");
    command.args(words.split(' ')).stdin(Stdio::null());
    let output = command.output().map_err(|error| Failure::new(format!("ip: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Failure::new(format!("ip {words}: {}", said.trim())))
}
