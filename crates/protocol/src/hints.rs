//! What to do next after each refusal of the ledger. Codes are stable; these texts are for people.

/// The next step after a refusal, where there is one to name.
pub fn of(codespace: &str, code: u32) -> Option<&'static str> {
    match codespace {
        "sdk" => sdk(code),
        "support" => support(code),
        "roles" => roles(code),
        "encryption" => encryption(code),
        "contract" => contract(code),
        _ => None,
    }
}

/// The refusals of the desk's contract on Stacks, u100 to u116.
fn contract(code: u32) -> Option<&'static str> {
    Some(match code {
        100 => "`sealdesk query roles account ADDR` says who someone is; administrators give roles",
        101 => {
            "list what there is with `sealdesk inbox` or `sealdesk query support tickets-by-customer ADDR`"
        }
        102 | 109 => "see its status with `sealdesk query support ticket TKT`",
        103 => {
            "a category is one of billing, technical, account, provider, deployment, security and other; a role is given once"
        }
        104 | 114 => "write it again: it is then sealed again",
        105 => "continue in a new ticket",
        106 | 116 => {
            "see who is one with `sealdesk query roles account ADDR`; add or remove another administrator first"
        }
        107 => "close a ticket that is over first: `sealdesk close TKT`",
        108 => "reopen it first: `sealdesk reopen TKT`",
        110 => "write a new ticket that names this one",
        111 => "make them staff first: `sealdesk tx roles assign-role NAME support_agent`",
        112 => {
            "anyone can close it 1,008 burn blocks after it was resolved; its customer or an administrator can close it now"
        }
        113 => "`sealdesk query encryption keys NAME` lists them",
        115 => "revoke one first: `sealdesk keys revoke NAME --key-version N`",
        _ => return None,
    })
}

fn sdk(code: u32) -> Option<&'static str> {
    Some(match code {
        2 => "send a signed TxRaw in its one encoding, as Cosmos's ADR-027 has it",
        4 => {
            "the node may serve another ledger than this home knows: compare `sealdesk status` with --chain-id"
        }
        12 => "shorten --memo; it is public anyway",
        18 => "the message names the part that is not accepted; public texts have at most 128 bytes",
        19 => "nothing to do: this very transaction was handed in before; look it up by its hash",
        20 => "the node is busy; try again in a few seconds",
        21 => "shorten the message or split it into several responses",
        30 | 32 => "someone else is using the same key right now; try again",
        42 => {
            "it came too late for any block; try again, and check this computer's clock if it happens again"
        }
        _ => return None,
    })
}

fn support(code: u32) -> Option<&'static str> {
    Some(match code {
        1 => "list what there is with `sealdesk inbox` or `sealdesk query support tickets-by-customer ADDR`",
        3 => "ticket ids look like TKT-00000001, or just 1",
        4 => "see its status with `sealdesk query support ticket TKT`",
        5 => "use --priority low, normal, high or urgent",
        6 => "check each letter; `sealdesk contacts list` shows the addresses that this home knows",
        7 => {
            "`sealdesk query roles account ADDR` says who someone is, `sealdesk help permissions` who may do what; administrators give roles"
        }
        8 => "reopen it first: `sealdesk reopen TKT`",
        9 => {
            "an administrator has to assign it first: `sealdesk assign TKT NAME`; in an open queue, an agent can take it: `sealdesk take TKT`"
        }
        10 => {
            "`sealdesk query support ticket TKT` shows who has it; an administrator can assign it to someone else"
        }
        11 => "update the program: it seals in a way that this ledger does not accept",
        12 => "the message says when it is allowed; `sealdesk query support params` shows the limits",
        13 => "continue in a new ticket",
        14 => "`sealdesk query support params` shows the present values",
        15 => "reopen it first: `sealdesk reopen TKT`",
        16 => "write a new ticket that names this one",
        17 => "write a resource as TYPE:ID, for example lease:OWNER/1/1/1",
        18 => "`sealdesk query support responses TKT` lists them, counted from 0",
        19 => "`sealdesk query support params` lists the categories",
        20 => "this comes after its resolution, which is the staff's: `sealdesk resolve TKT`",
        21 => "choose someone else",
        40 => "someone replied meanwhile; try again",
        41 => "an administrator publishes a key first: `sealdesk keys register NAME`",
        42 | 43 => "the readers changed meanwhile; try again",
        45 => "someone else wrote it meanwhile: read it again, and base your change on that",
        47 => "`sealdesk documents put --help` says what fits",
        48 => "`sealdesk documents list SHELF` shows them; `sealdesk documents remove SHELF NAME` makes room",
        51 => "nothing to do: it is already theirs",
        52 => {
            "a customer is active, not staff, and has published a key: `sealdesk query roles account ADDR` and `query encryption keys ADDR`"
        }
        53 => "write a new ticket that names this one",
        54 => "nothing to do; a new resolution can be rated again",
        55 => "give 1 to 5; 5 is best",
        56 => "link it to another ticket: related, duplicate_of or follows_up",
        57 | 58 => "`sealdesk query support ticket TKT` shows its links",
        59 => "remove another link first, with --remove",
        46 => "nothing to do: it is already here",
        70 => "`sealdesk tx support import-ticket --help` says what a file holds",
        71 => "an administrator opens them: `sealdesk tx support update-params --import-open true`",
        75 => "name up to four others, each once, and not the assignee",
        76 => "an administrator can assign it to someone else",
        50 => "name a later time, at most 366 days ahead, or `off`",
        44 => "reply in the ticket instead: a new reply is sealed for everyone who may read it now",
        60 => "update the program: it describes files in a way that this ledger does not accept",
        61 | 62 => "send some of the files in another message",
        63 => {
            "make the file smaller, or split it; `sealdesk query support params` shows how large one may be"
        }
        64 => "write what is in it as text; an administrator can let the desk take files",
        _ => return None,
    })
}

fn roles(code: u32) -> Option<&'static str> {
    Some(match code {
        1 => "check each letter; `sealdesk contacts list` shows the addresses that this home knows",
        4 => "only active administrators change roles; use --from with the key of one",
        5 => "revoke the present role first: `sealdesk tx roles revoke-role NAME ROLE`",
        6..=8 => "`sealdesk query roles account ADDR` shows what they are now",
        9 => "a terminated account can never act again; its owner needs a new key",
        10 => "another administrator has to do it, with their own key in --from",
        11 => "make someone else an administrator first",
        12 => "revoke another administrator first, or raise max_recipients",
        15 | 16 | 23 => "look at this computer's clock, and try again: it is then signed again",
        13 => "restore the account first: `sealdesk tx roles set-account-state NAME active`",
        22 => {
            "`sealdesk query roles members support_agent` lists them; `sealdesk tx roles revoke-role NAME support_agent` frees a place"
        }
        _ => return None,
    })
}

fn encryption(code: u32) -> Option<&'static str> {
    Some(match code {
        5 => {
            "a revoked key cannot be registered again; `sealdesk keys register NAME --rotate` makes the next one"
        }
        6 => {
            "keys are revoked by their owner, those of staff by an administrator too; `sealdesk query encryption keys ADDR` lists them"
        }
        7 => "revoke an old one first: `sealdesk keys revoke NAME --fingerprint FP`",
        8 => "wait until the time that the message names",
        9 => "begin with a new recovery phrase: `sealdesk keys add NAME`",
        10 => "only the owner, or for staff an administrator, revokes a key",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_desk_has_a_next_step() {
        for code in (1..=21).chain(40..=45).chain([47, 48]).chain(50..=59).filter(|code| *code != 2) {
            assert!(of("support", code).is_some(), "support {code}");
        }
        for code in (1..=13).filter(|code| ![2, 3].contains(code)) {
            assert!(of("roles", code).is_some(), "roles {code}");
        }
        for code in [4, 12, 18, 19, 20, 21, 30, 32, 42] {
            assert!(of("sdk", code).is_some(), "sdk {code}");
        }
        assert_eq!(of("support", 99), None);
        assert_eq!(of("elsewhere", 1), None);
    }
}
