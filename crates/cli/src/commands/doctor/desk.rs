//! What is silently no longer true of a desk: nobody is told when it begins, so the doctor looks for it.

use sealdesk_client::desk::Desk;
use sealdesk_client::node::Page;
use sealdesk_client::staff::{InWork, TICKETS_MAX, Unopened};
use sealdesk_client::view::{EndedGrant, Stranded};
use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::messages::AssignableRole;
use tonic::transport::Channel;

use super::Finding;
use crate::context::Context;
use crate::failure::Failure;
use crate::ledger_clock;
use crate::letting_in::list;
use crate::staff;
use crate::table::count;

/// Most keys of a home that are looked up.
const OWN_KEYS_MAX: usize = 50;

/// Who could be named in a command that mends something.
struct Administrators {
    /// Everyone of the circle, and whether they have an active key.
    all: Vec<(Address, bool)>,
    /// `--from` for one of them whose key is in this home.
    from: String,
}

impl Administrators {
    async fn of(context: &Context, desk: &Desk<Channel>) -> Result<Self, Failure> {
        let mut all = Vec::new();
        for member in desk.circle().await?.members() {
            let keys = desk.standing(&member.address).await?.active_keys;
            all.push((member.address.clone(), keys > 0));
        }
        let found = Self { all, from: String::new() };
        Ok(Self { from: found.option_from(context, |_| true), ..found })
    }

    /// `--from` for somebody with a key in this home; nothing where there is none.
    fn option_from(&self, context: &Context, can: impl Fn(&Address) -> bool) -> String {
        let own =
            |(address, has_key): &&(Address, bool)| *has_key && is_here(context, address) && can(address);
        let here = self.all.iter().find(own).map(|(address, _)| called(context, address));
        here.map(|name| format!(" --from {name}")).unwrap_or_default()
    }

    /// One who can read, by name where this home has their key.
    fn with_key(&self, context: &Context) -> Option<String> {
        let found = self.all.iter().filter(|(_, has_key)| *has_key);
        let found = found.min_by_key(|(address, _)| !is_here(context, address));
        found.map(|(address, _)| called(context, address))
    }
}

/// Looks for every silent state. One that cannot be looked for is a finding by itself.
pub(super) async fn findings(context: &Context, desk: &Desk<Channel>) -> Vec<Finding> {
    let mut findings = vec![Finding::of("clock", clock(context, desk))];
    let administrators = match Administrators::of(context, desk).await {
        Ok(administrators) => administrators,
        Err(failure) => {
            findings.push(Finding::bad("readers", &failure));
            return findings;
        }
    };
    findings.extend(readers(context, &administrators));
    findings.push(Finding::of("customers", customers(desk, &administrators).await));
    match desk.in_work().await {
        Err(error) => findings.push(Finding::bad("assigned", &error.into())),
        Ok(InWork { tickets, stranded, ended_grants, more }) => {
            if stranded.is_empty() && ended_grants.is_empty() {
                let who = format!("{} in work, with people who can go on", count(tickets.len(), "ticket"));
                findings.push(Finding::good("assigned", who));
            }
            findings.extend(not_looked_at("assigned", more));
            findings.extend(stranded.iter().map(|one| assigned(context, one, &administrators)));
            findings.extend(ended_grants.iter().map(|one| ended(context, one, &administrators)));
        }
    }
    match desk.unopened().await {
        Err(error) => findings.push(Finding::bad("opened", &error.into())),
        Ok((unopened, more)) => {
            findings.extend(not_looked_at("opened", more));
            findings.extend(opened(context, &unopened, &administrators));
        }
    }
    findings.extend(own_accounts(context, desk).await);
    findings
}

/// That a desk has more unfinished tickets than are looked through.
fn not_looked_at(what: &'static str, more: u64) -> Option<Finding> {
    let said = format!(
        "the {TICKETS_MAX} most urgent tickets were looked through, and {more} or more others were not"
    );
    (more > 0).then(|| {
        Finding::bad(what, &Failure::hinted(said, "resolve or close what is finished, and look again"))
    })
}

/// Whether the newest block's time is near this computer's.
fn clock(context: &Context, desk: &Desk<Channel>) -> Result<String, Failure> {
    let (newest, off) = (desk.pin().time, desk.seconds_old());
    if let Some(off) = ledger_clock::behind(newest) {
        let (said, hint) = ledger_clock::told(newest, off, &context.home_option());
        return Err(Failure::hinted(said, hint));
    }
    if off > sealdesk_client::trust::AGE_SECONDS_MAX {
        return Err(Failure::hinted(
            format!(
                "the newest block is {} old by this computer's clock: nobody seals by it",
                ledger_clock::in_words(off)
            ),
            "look at this computer's clock; if it is right, the node is behind or its ledger has stopped: name another with --node",
        ));
    }
    Ok("this computer's clock and the ledger's agree".to_owned())
}

/// Whether anyone could read a new ticket, and which administrators could not.
fn readers(context: &Context, administrators: &Administrators) -> Vec<Finding> {
    let all = administrators.all.len();
    let without: Vec<&Address> =
        administrators.all.iter().filter(|(_, has_key)| !has_key).map(|(address, _)| address).collect();
    let with_key = all.saturating_sub(without.len());
    let register = |address: &Address| match is_here(context, address) {
        true => format!("run `sealdesk keys register {}`", called(context, address)),
        false => "they publish one: `sealdesk keys register NAME`".to_owned(),
    };
    if let (0, Some(first)) = (with_key, without.first()) {
        let said = "no active administrator has a key: nobody can write a ticket";
        return vec![Finding::bad("readers", &Failure::hinted(said, register(first)))];
    }
    let few = if all == 1 { "; have three, so that one lost or stolen key changes nothing" } else { "" };
    let mut findings =
        vec![Finding::good("readers", format!("{with_key} of {all} active administrators have a key{few}"))];
    findings.extend(without.into_iter().map(|address| {
        let said = format!(
            "{} is an administrator without an active key: nothing new is sealed for them",
            context.named(address.as_str())
        );
        Finding::bad("readers", &Failure::hinted(said, register(address)))
    }));
    findings
}

/// A desk that lists its customers, and has none on the list, takes no ticket from anybody.
async fn customers(desk: &Desk<Channel>, administrators: &Administrators) -> Result<String, Failure> {
    if !desk.params().await?.listed_customers {
        return Ok("anyone can write a ticket".to_owned());
    }
    let page = Page { limit: 1, ..Page::default() };
    let (listed, _) = desk.node().role_members(AssignableRole::Customer, &page).await?;
    if !listed.is_empty() {
        return Ok("those who are listed can write tickets".to_owned());
    }
    let from = &administrators.from;
    Err(Failure::hinted(
        "only listed customers can write tickets, and nobody is listed",
        format!(
            "list one with `sealdesk tx roles assign-role ADDR customer`, or let anyone write: run `sealdesk tx support update-params --listed-customers false{from}`"
        ),
    ))
}

/// A ticket whose assignee cannot go on with it, with a command that mends it as it stands.
fn assigned(context: &Context, stranded: &Stranded, administrators: &Administrators) -> Finding {
    let (said, mend) = staff::stranded(context, stranded);
    let from = &administrators.from;
    let mend = match administrators.with_key(context) {
        None => mend,
        Some(somebody) => format!("sealdesk tx support assign-ticket {} {somebody}", stranded.ticket.id),
    };
    Finding::bad("assigned", &Failure::hinted(said, format!("run `{mend}{from}`")))
}

/// A ticket whose assignee no grant of an administrator lets in any more.
fn ended(context: &Context, grant: &EndedGrant, administrators: &Administrators) -> Finding {
    let EndedGrant { ticket, assignee } = grant;
    let said = format!(
        "{ticket} is assigned to {}, and no grant of an administrator counts any more: what is new is not sealed for them",
        context.named(assignee)
    );
    let hint = format!("run `sealdesk tx support renew-grants {ticket}{}`", administrators.from);
    Finding::bad("assigned", &Failure::hinted(said, hint))
}

/// Tickets that an administrator cannot open.
fn opened(context: &Context, unopened: &[Unopened], administrators: &Administrators) -> Vec<Finding> {
    let mut findings = Vec::new();
    for Unopened { ticket, customer, by: _, by_all: _ } in unopened.iter().filter(|one| one.by_all) {
        let said = format!("nobody on the staff can open {ticket}, which is not over");
        let somebody = administrators.with_key(context).unwrap_or_else(|| "NAME".to_owned());
        let hint = format!(
            "only its customer can let somebody in: `sealdesk tx support grant-access {ticket} {somebody} --from {}`",
            called(context, customer)
        );
        findings.push(Finding::bad("opened", &Failure::hinted(said, hint)));
    }
    let some: Vec<&Unopened> = unopened.iter().filter(|one| !one.by_all).collect();
    for (administrator, _) in &administrators.all {
        let tickets: Vec<_> =
            some.iter().filter(|one| one.by.contains(administrator)).map(|one| one.ticket).collect();
        let Some(first) = tickets.first() else { continue };
        let said = format!(
            "{} is an administrator and cannot open {} that are not over: {}",
            context.named(administrator.as_str()),
            count(tickets.len(), "ticket"),
            list(&tickets)
        );
        // Whoever lets them in must be able to open the tickets.
        let opens = |who: &Address| some.iter().all(|one| !one.by.contains(who));
        let hint = format!(
            "another administrator lets them in: `sealdesk tx support grant-all {} --begin {first}{}`",
            called(context, administrator),
            administrators.option_from(context, opens)
        );
        findings.push(Finding::bad("opened", &Failure::hinted(said, hint)));
    }
    if findings.is_empty() {
        findings.push(Finding::good(
            "opened",
            "every administrator with a key can open every ticket that is not over",
        ));
    }
    findings
}

/// Accounts of this home that may not act any more.
async fn own_accounts(context: &Context, desk: &Desk<Channel>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, address) in context.own_keys().iter().take(OWN_KEYS_MAX) {
        let Ok(address) = Address::parse(desk.prefix(), address) else { continue };
        let state = match desk.member(&address).await {
            Ok(member) => member.state,
            Err(error) => {
                findings.push(Finding::bad("account", &error.into()));
                break;
            }
        };
        let hint = match state {
            AccountState::Active => continue,
            AccountState::Suspended => {
                format!("an administrator restores it: `sealdesk tx roles set-account-state {name} active`")
            }
            AccountState::Terminated => {
                "it never acts again; make another key with `sealdesk keys add NAME`".to_owned()
            }
        };
        let said = format!("the account of {name} is {}: it can read, and do nothing else", state.name());
        findings.push(Finding::bad("account", &Failure::hinted(said, hint)));
    }
    findings
}

fn is_here(context: &Context, address: &Address) -> bool {
    context.own_keys().iter().any(|(_, known)| known == address.as_str())
}

/// How a command names somebody: by the name of this home, else by the address.
fn called(context: &Context, address: &Address) -> String {
    let known = context.people().iter().find(|(_, known)| known == address.as_str());
    known.map_or_else(|| address.to_string(), |(name, _)| name.clone())
}
