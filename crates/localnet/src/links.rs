//! A network of its own for every validator: namespaces that meet at a bridge, so that one can be cut off.

use std::net::Ipv4Addr;
use std::process::{Command, Stdio};

use crate::error::{Error, Result};

/// Names of what is made begin so, and go on with the process that made it.
const PREFIX: &str = "seal";
/// Different third numbers of an address.
const SUBNETS: u32 = 250;

/// The network of a localnet; it is taken down when it is dropped.
#[derive(Debug)]
pub(crate) struct Links {
    /// The process of this localnet.
    owner: u32,
    /// The third number of its addresses, which no other network of this machine has.
    subnet: u8,
    count: u8,
}

/// Whether this user may make network namespaces; if not, why.
pub(crate) fn possible() -> Result<()> {
    let name = format!("{PREFIX}-try-{}", std::process::id());
    ip(&format!("netns add {name}"))?;
    ip(&format!("netns del {name}")).map(drop)
}

impl Links {
    /// Makes a bridge, and for each validator a namespace with a line to it.
    pub(crate) fn make(count: u8) -> Result<Self> {
        let owner = std::process::id();
        let links = Self { owner, subnet: free_subnet(owner)?, count };
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
    pub(crate) fn address(&self, n: u8) -> Ipv4Addr {
        Ipv4Addr::new(10, 213, self.subnet, n)
    }

    /// The n-th validator's namespace.
    pub(crate) fn space(&self, n: u8) -> String {
        format!("{PREFIX}{}n{n}", self.owner)
    }

    /// Cuts or mends the n-th validator's line.
    pub(crate) fn set(&self, n: u8, up: bool) -> Result<()> {
        ip(&format!("link set {} {}", self.line(n), if up { "up" } else { "down" })).map(drop)
    }

    fn line(&self, n: u8) -> String {
        format!("{PREFIX}{}v{n}", self.owner)
    }

    fn bridge(&self) -> String {
        format!("{PREFIX}{}br", self.owner)
    }
}

impl Drop for Links {
    fn drop(&mut self) {
        for n in 1..=self.count {
            let _ = ip(&format!("link del {}", self.line(n))).map(drop);
            let _ = ip(&format!("netns del {}", self.space(n))).map(drop);
        }
        let _ = ip(&format!("link del {}", self.bridge())).map(drop);
    }
}

/// Takes down whatever processes have made that this holds of.
pub(crate) fn remove_all(is_gone: impl Fn(i32) -> bool) {
    let owner = |name: &str| -> Option<i32> {
        let rest = name.strip_prefix(PREFIX)?;
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        rest[..digits].parse().ok().filter(|owner| is_gone(*owner))
    };
    // Without `ip` nothing was made by it.
    for line in ip("-brief link").unwrap_or_default().lines() {
        let name = line.split([' ', '@']).next().unwrap_or_default();
        if owner(name).is_some() {
            let _ = ip(&format!("link del {name}")).map(drop);
        }
    }
    for line in ip("netns list").unwrap_or_default().lines() {
        let name = line.split(' ').next().unwrap_or_default();
        if owner(name).is_some() {
            let _ = ip(&format!("netns del {name}")).map(drop);
        }
    }
}

/// One that no address of this machine is in.
fn free_subnet(owner: u32) -> Result<u8> {
    let taken = ip("-brief -4 address")?;
    let mut subnets = (0..SUBNETS).filter_map(|n| u8::try_from((owner + n) % SUBNETS).ok());
    let free = subnets.find(|subnet| !taken.contains(&format!("10.213.{subnet}.")));
    free.ok_or_else(|| Error::other("no network is free for another localnet"))
}

/// What `ip` says to these words.
fn ip(words: &str) -> Result<String> {
    let mut command = Command::new("ip");
    command.args(words.split(' ')).stdin(Stdio::null());
    let output = command.output().map_err(Error::NoIp)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Error::other(format!("ip {words}: {}", said.trim())))
}
