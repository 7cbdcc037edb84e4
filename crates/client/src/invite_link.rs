//! The one line with which somebody finds a desk: where its node is, which ledger it must be, and, where the desk asks for one, the
//! code that lets a new account in.
//!
//! ```text
//! https://desk.example/#sealdesk=1&ledger=CHAIN_ID&identity=HEX[&prefix=P][&for=NAME][&from=NAME:ADDRESS][&code=CODE]&sum=HEX8
//! ```
//!
//! All but the node's address stands in the fragment, which no browser sends to a server. Fields stand in this order, each once, values
//! percent-encoded. `sum` is the beginning of SHA-256("sealdesk/link/1/" ‖ all before `&sum=`): it finds what a mail program broke, not
//! what somebody forged; whoever hands the line over decides which ledger its receiver believes.

use std::net::IpAddr;

use http::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::ids::{Address, ChainId, Prefix};
use sealdesk_protocol::invitation::InvitationCode;
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::contacts::ContactName;

/// Longest line, in bytes.
pub const INVITE_LINK_BYTES_MAX: usize = 1_024;
/// What the fragment begins with, before the version.
const BEGIN: &str = "sealdesk=";
/// The only form there is.
const VERSION: &str = "1";
/// What stands before the identity in a link that leads to a desk's page and to its ledger.
const DESK: &str = "desk=";
/// What is hashed before the line.
const DOMAIN: &[u8] = b"sealdesk/link/1/";
/// What stands before the checksum.
const SUM: &str = "&sum=";
/// Hex digits of the checksum.
const SUM_DIGITS: usize = 8;
/// What is written as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':');

/// Why a text is not an invitation. What it holds stays unsaid: a part of it may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InviteLinkError {
    /// Longer than any.
    #[error("it is longer than an invitation: at most {INVITE_LINK_BYTES_MAX} bytes")]
    TooLong,
    /// Another text, or another link.
    #[error("this is not the line of an invitation: one looks like https://desk.example/#sealdesk=1&…")]
    NotALink,
    /// A link that names a ledger and nothing else.
    #[error("this link names a ledger alone, and is not an invitation")]
    IdentityAlone,
    /// Blanks or line breaks within.
    #[error("there are blanks or line breaks in the line: it was broken on its way")]
    Broken,
    /// Its end is missing.
    #[error("the end of the line is missing: it was cut off on its way")]
    CutOff,
    /// The checksum does not fit.
    #[error("the line was changed on its way: its checksum does not fit")]
    Altered,
    /// Another version of this program made it.
    #[error("the line is of another version than this program knows")]
    Version,
    /// A field is missing, out of its place, or not of its form, and the checksum fits.
    #[error("its field {0} is not what this program knows")]
    Field(&'static str),
}

/// An invitation as its line says it.
#[derive(Debug)]
pub struct InviteLink {
    /// The node's address: scheme, host and port.
    pub node: String,
    /// The ledger's name.
    pub chain_id: ChainId,
    /// Which ledger of this name.
    pub identity: Identity,
    /// What its addresses begin with.
    pub prefix: Prefix,
    /// For whom it is.
    pub invited: Option<ContactName>,
    /// Who invites: what they call themselves, and their address.
    pub inviter: Option<(ContactName, Address)>,
    /// What lets a new account in.
    pub code: Option<InvitationCode>,
}

/// The ledger that a text names: by its identity alone, by a link to a desk as `sealdesk start` prints it, or by the line of an invitation.
///
/// # Errors
/// [`InviteLinkError`] where it is none of them.
pub fn ledger_named(text: &str) -> Result<Identity, InviteLinkError> {
    let bare = unwrapped(text);
    match Identity::parse(&bare.to_ascii_lowercase()).or_else(|| of_link(bare)) {
        Some(identity) => Ok(identity),
        None => InviteLink::parse(bare).map(|link| link.identity),
    }
}

/// The ledger of a link that names it and invites nobody. Behind it the words of a ticket may stand, which are for the page.
fn of_link(link: &str) -> Option<Identity> {
    let (_, fragment) = link.split_once('#')?;
    let named = match fragment.strip_prefix(DESK) {
        Some(named) => named.split_once("&claim=").map_or(named, |(named, _)| named),
        None => fragment,
    };
    Identity::parse(&named.to_ascii_lowercase())
}

/// A line without the blanks, brackets and quotation marks that mails put around it.
fn unwrapped(text: &str) -> &str {
    text.trim().trim_matches(|c| matches!(c, '<' | '>' | '"' | '\'' | '`')).trim()
}

impl InviteLink {
    /// The line. It holds the code.
    ///
    /// # Errors
    /// [`InviteLinkError::Field`] where the node's address is not one.
    pub fn to_line(&self) -> Result<Zeroizing<String>, InviteLinkError> {
        let node = node_url(&self.node).ok_or(InviteLinkError::Field("node"))?;
        let encoded = |text: &str| utf8_percent_encode(text, PLAIN).to_string();
        // It never grows, so that no copy of the code is left behind.
        let mut line = Zeroizing::new(String::with_capacity(2 * INVITE_LINK_BYTES_MAX));
        line.push_str(&format!(
            "{node}/#{BEGIN}{VERSION}&ledger={}&identity={}",
            self.chain_id, self.identity
        ));
        if self.prefix.as_str() != Prefix::DEFAULT {
            line.push_str(&format!("&prefix={}", self.prefix.as_str()));
        }
        if let Some(invited) = &self.invited {
            line.push_str(&format!("&for={}", encoded(invited.as_str())));
        }
        if let Some((name, address)) = &self.inviter {
            line.push_str(&format!("&from={}:{address}", encoded(name.as_str())));
        }
        if let Some(code) = &self.code {
            line.push_str("&code=");
            line.push_str(&code.reveal());
        }
        let sum = sum(&line);
        line.push_str(SUM);
        line.push_str(&sum);
        if line.len() > INVITE_LINK_BYTES_MAX { Err(InviteLinkError::TooLong) } else { Ok(line) }
    }

    /// Reads a line, strictly. Blanks around it, and the brackets and quotation marks that mails put there, are no part of it.
    ///
    /// # Errors
    /// [`InviteLinkError`].
    pub fn parse(text: &str) -> Result<Self, InviteLinkError> {
        let line = unwrapped(text);
        if line.len() > INVITE_LINK_BYTES_MAX {
            return Err(InviteLinkError::TooLong);
        }
        let (node, fragment) = line.split_once('#').ok_or(InviteLinkError::NotALink)?;
        if of_link(line).is_some() {
            return Err(InviteLinkError::IdentityAlone);
        }
        let versioned = fragment.strip_prefix(BEGIN).ok_or(InviteLinkError::NotALink)?;
        if line.chars().any(char::is_whitespace) {
            return Err(InviteLinkError::Broken);
        }
        let (version, _) = versioned.split_once('&').ok_or(InviteLinkError::CutOff)?;
        if version != VERSION {
            return Err(InviteLinkError::Version);
        }
        let (summed, found) = line.rsplit_once(SUM).ok_or(InviteLinkError::CutOff)?;
        if found.len() < SUM_DIGITS {
            return Err(InviteLinkError::CutOff);
        }
        if found != sum(summed) {
            return Err(InviteLinkError::Altered);
        }
        let node = node_url(node.strip_suffix('/').unwrap_or(node)).ok_or(InviteLinkError::Field("node"))?;
        let fields = summed.split_once('#').and_then(|(_, fragment)| fragment.split_once('&'));
        Self::of_fields(node, fields.map(|(_, fields)| fields).unwrap_or_default())
    }

    fn of_fields(node: String, fields: &str) -> Result<Self, InviteLinkError> {
        let mut fields = Fields { rest: fields };
        let chain_id = fields.take("ledger").and_then(|text| ChainId::parse(text).ok());
        let chain_id = chain_id.ok_or(InviteLinkError::Field("ledger"))?;
        let identity = fields.take("identity").and_then(Identity::parse);
        let identity = identity.ok_or(InviteLinkError::Field("identity"))?;
        let prefix = Prefix::parse(fields.take("prefix").unwrap_or(Prefix::DEFAULT));
        let prefix = prefix.map_err(|_| InviteLinkError::Field("prefix"))?;
        let name = |text: &str| ContactName::parse(&percent_decode_str(text).decode_utf8().ok()?).ok();
        let invited =
            fields.take("for").map(|text| name(text).ok_or(InviteLinkError::Field("for"))).transpose()?;
        let inviter = |text: &str| {
            let (called, address) = text.split_once(':')?;
            Some((name(called)?, Address::parse(&prefix, address).ok()?))
        };
        let inviter = fields.take("from").map(|text| inviter(text).ok_or(InviteLinkError::Field("from")));
        let inviter = inviter.transpose()?;
        let code = fields
            .take("code")
            .map(|text| InvitationCode::parse(text).map_err(|_| InviteLinkError::Field("code")));
        let code = code.transpose()?;
        match fields.rest {
            "" => Ok(Self { node, chain_id, identity, prefix, invited, inviter, code }),
            _ => Err(InviteLinkError::Field("after the last one")),
        }
    }

    /// Whether only programs of the same computer reach the node so.
    pub fn is_of_this_computer(&self) -> bool {
        let host =
            self.node.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_owned)).unwrap_or_default();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let is_own = |ip: IpAddr| ip.to_canonical().is_loopback() || ip.is_unspecified();
        bare.eq_ignore_ascii_case("localhost") || bare.parse().is_ok_and(is_own)
    }
}

/// Fields of a line that are still to be read.
struct Fields<'a> {
    rest: &'a str,
}

impl<'a> Fields<'a> {
    /// The value of the next field, where it has this name.
    fn take(&mut self, name: &str) -> Option<&'a str> {
        let value = self.rest.strip_prefix(name)?.strip_prefix('=')?;
        let (value, rest) = value.split_once('&').unwrap_or((value, ""));
        self.rest = rest;
        Some(value)
    }
}

/// Scheme, host and port of a node, and nothing else.
fn node_url(text: &str) -> Option<String> {
    let uri: Uri = text.parse().ok()?;
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
    let plain = matches!(scheme, "http" | "https")
        && !authority.as_str().contains('@')
        && !authority.host().is_empty();
    let bare = matches!(uri.path(), "" | "/") && uri.query().is_none();
    (plain && bare).then(|| format!("{scheme}://{}", authority.as_str().to_ascii_lowercase()))
}

fn sum(line: &str) -> String {
    let digest = Sha256::new().chain_update(DOMAIN).chain_update(line.as_bytes()).finalize();
    let mut digits = hex::encode(digest);
    digits.truncate(SUM_DIGITS);
    digits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn full() -> InviteLink {
        let prefix = Prefix::parse("acme").unwrap();
        let address = Address::of_public_key(&prefix, &[2; 33]);
        InviteLink {
            node: "https://desk.example:8443".to_owned(),
            chain_id: ChainId::parse("desk-00112233aabbccdd").unwrap(),
            identity: Identity([7; 32]),
            prefix,
            invited: Some(ContactName::parse("Zoë Müller").unwrap()),
            inviter: Some((ContactName::parse("admin").unwrap(), address)),
            code: Some(InvitationCode::of(Zeroizing::new([9; 16]))),
        }
    }

    fn least() -> InviteLink {
        InviteLink {
            node: "http://127.0.0.1:9090".to_owned(),
            prefix: Prefix::parse(Prefix::DEFAULT).unwrap(),
            invited: None,
            inviter: None,
            code: None,
            ..full()
        }
    }

    /// A line whose checksum fits, whatever stands in it.
    fn summed(line: &str) -> String {
        format!("{line}{SUM}{}", sum(line))
    }

    #[test]
    fn a_line_says_again_what_was_put_into_it() {
        for link in [full(), least()] {
            let line = link.to_line().unwrap();
            let read = InviteLink::parse(&format!(" <{}>\r\n", line.as_str())).unwrap();
            assert_eq!(format!("{read:?}"), format!("{link:?}"));
            assert_eq!(read.to_line().unwrap(), line);
            assert_eq!(read.code.map(|code| code.reveal()), link.code.map(|code| code.reveal()));
            assert!(!line.contains(' '));
        }
        assert!(least().is_of_this_computer() && !full().is_of_this_computer());
    }

    #[test]
    fn no_part_of_a_code_is_in_an_error_or_in_what_is_printed() {
        let code = full().code.unwrap().reveal();
        assert!(!format!("{:?}", full()).contains(&code[..5]));
        let line = full().to_line().unwrap();
        for cut in 0..line.len() {
            let error = InviteLink::parse(&line[..cut]).unwrap_err();
            assert!(!format!("{error} {error:?}").contains(&code[..5]), "{error}");
        }
    }

    #[test]
    fn what_was_cut_off_broken_or_changed_is_said() {
        let line = full().to_line().unwrap();
        let parse = |text: &str| InviteLink::parse(text).unwrap_err();
        let from = line.find("&ledger").unwrap();
        for cut in from..line.len() {
            assert_eq!(parse(&line[..cut]), InviteLinkError::CutOff, "{}", &line[..cut]);
        }
        assert_eq!(parse(&line.replace("&identity", " &identity")), InviteLinkError::Broken);
        assert_eq!(parse(&line.replace("desk.example", "desk.exemple")), InviteLinkError::Altered);
        assert_eq!(parse(&format!("{}.", line.as_str())), InviteLinkError::Altered);
        assert_eq!(parse(&line.replace("sealdesk=1", "sealdesk=2")), InviteLinkError::Version);
        assert_eq!(parse("https://desk.example"), InviteLinkError::NotALink);
        assert_eq!(parse(""), InviteLinkError::NotALink);
        assert_eq!(
            parse(&format!("https://desk.example/#{}", Identity([7; 32]))),
            InviteLinkError::IdentityAlone
        );
        assert_eq!(parse(&line.repeat(9)), InviteLinkError::TooLong);
    }

    #[test]
    fn each_way_to_name_a_ledger_names_it() {
        let (identity, line) = (Identity([7; 32]), full().to_line().unwrap());
        let link = format!("http://127.0.0.1:9090/#desk={identity}");
        assert_eq!(InviteLink::parse(&link).unwrap_err(), InviteLinkError::IdentityAlone);
        let claim = format!("{link}&claim=abandon-ability");
        let bare = format!("https://desk.example/#{identity}");
        let upper = identity.to_string().to_uppercase();
        for text in
            [&identity.to_string(), &upper, &link, &format!("<{link}>\n"), &claim, &bare, line.as_str()]
        {
            assert_eq!(ledger_named(text).unwrap(), identity, "{text}");
        }
        let cut = &link[..link.len() - 1];
        for text in [cut, &format!("{link}&more=1"), "genesis.json", "https://desk.example/", ""] {
            assert_eq!(ledger_named(text).unwrap_err(), InviteLinkError::NotALink, "{text}");
        }
        assert_eq!(ledger_named(&line[..line.len() - 9]).unwrap_err(), InviteLinkError::CutOff);
    }

    #[test]
    fn fields_have_one_order_and_one_form() {
        let identity = Identity([7; 32]);
        let begin = format!("https://desk.example/#sealdesk=1&ledger=desk-1&identity={identity}");
        assert!(InviteLink::parse(&summed(&begin)).is_ok());
        for (more, field) in [
            ("&prefix=UPPER", "prefix"),
            ("&for=%FF", "for"),
            ("&for=bo%E2%80%AEb", "for"),
            ("&from=admin", "from"),
            ("&from=admin:virtengine1x", "from"),
            ("&code=abcde", "code"),
            ("&code=", "code"),
            ("&new=1", "after the last one"),
            ("&for=a&for=b", "after the last one"),
            ("&for=a&prefix=acme", "after the last one"),
            ("&for=sealdesk=1&ledger=desk-2", "for"),
        ] {
            let found = InviteLink::parse(&summed(&format!("{begin}{more}"))).unwrap_err();
            assert_eq!(found, InviteLinkError::Field(field), "{more}");
        }
        for node in [
            "ftp://desk.example",
            "https://user@desk.example",
            "https://desk.example/path",
            "desk.example",
            "",
        ] {
            let line = begin.replace("https://desk.example", node);
            assert_eq!(
                InviteLink::parse(&summed(&line)).unwrap_err(),
                InviteLinkError::Field("node"),
                "{node}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_reader(text: String, fields in "(&(ledger|identity|prefix|for|from|code|sum)=[a-f0-9:%]{0,8}){0,6}") {
            let _ = InviteLink::parse(&text);
            let _ = InviteLink::parse(&summed(&format!("https://d.example/#sealdesk=1{fields}")));
        }

        #[test]
        fn a_changed_character_is_found(at in 0_usize..1_000, to in "[a-z0-9]") {
            let line = full().to_line().unwrap();
            let at = at % line.len();
            let mut changed = line.to_string();
            changed.replace_range(at..=at, &to);
            prop_assume!(changed != line.as_str());
            prop_assert!(InviteLink::parse(&changed).is_err());
        }
    }
}
