//! Whose a connection is, as far as bounds are concerned.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How many leading bits of an IPv6 address say who somebody is: the rest is theirs to choose.
const IPV6_NETWORK_BITS: u32 = 64;

/// Where a request comes from. Strangers are told apart by it, and the operator from strangers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    /// This machine, at 127.0.0.1 or `::1`: the operator's own commands, and a proxy that they run.
    Own,
    /// Any other address; of IPv6 the network of 64 bits.
    Other(IpAddr),
}

impl Source {
    /// The source of a peer's address.
    pub(crate) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(Ipv4Addr::LOCALHOST) | IpAddr::V6(Ipv6Addr::LOCALHOST) => Self::Own,
            IpAddr::V6(address) => {
                let network = u128::MAX << IPV6_NETWORK_BITS;
                Self::Other(Ipv6Addr::from_bits(address.to_bits() & network).into())
            }
            address => Self::Other(address),
        }
    }

    /// Whose a request is that a proxy passes on: a stranger's, whoever it says; of whom it does not say, all are one.
    pub(crate) fn forwarded(address: Option<IpAddr>) -> Self {
        let address = address.unwrap_or(Ipv4Addr::UNSPECIFIED.into());
        match Self::of(address) {
            Self::Own => Self::Other(address.to_canonical()),
            other => other,
        }
    }

    /// Whether this is the operator's own machine.
    pub(crate) fn is_own(self) -> bool {
        self == Self::Own
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_an_address_or_the_network_that_somebody_can_choose_addresses_in() {
        let of = |text: &str| Source::of(text.parse().unwrap());
        for own in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            assert!(of(own).is_own(), "{own}");
        }
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_eq!(of("10.1.2.3"), of("::ffff:10.1.2.3"));
        for (one, other) in
            [("10.1.2.3", "10.1.2.4"), ("2001:db8:1:2::1", "2001:db8:1:3::1"), ("127.0.0.1", "127.0.0.2")]
        {
            assert_ne!(of(one), of(other));
        }
    }
}
