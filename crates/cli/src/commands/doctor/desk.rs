//! What is silently no longer true of a desk: nobody is told when it begins, so the doctor looks for it.

use sealdesk_client::actor::Actor;
use sealdesk_client::can_open::{LookedThrough, Unopened};
use sealdesk_client::desk::Desk;
use sealdesk_client::node::Page;
use sealdesk_client::staff::{InWork, TICKETS_MAX};
use sealdesk_client::view::{EndedGrant, Stranded};
use sealdesk_node::home::Home;
use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::messages::AssignableRole;
use tonic::transport::Channel;

use super::Finding;
use crate::access_report::list;
use crate::context::Context;
use crate::failure::Failure;
use crate::ledger_clock;
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
    /// Whether this home is an administrator's, or the desk's own. In others what only administrators mend is told, and is not wrong.
    mends: bool,
    /// `sealdesk`, with what finds this home.
    program: String,
}

impl Administrators {
    async fn of(context: &Context, desk: &Desk<Channel>) -> Result<Self, Failure> {
        let mut all = Vec::new();
        for member in desk.circle().await?.members() {
            let keys = desk.standing(&member.address).await?.active_keys;
            all.push((member.address.clone(), keys > 0));
        }
        let is_theirs = all.iter().any(|(address, _)| is_here(context, address));
        let mends = is_theirs || Home::new(context.home()).is_initialised();
        let found = Self { all, from: String::new(), mends, program: program(context) };
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
        Ok(in_work) => findings.extend(in_hand(context, &in_work, &administrators)),
    }
    let members: Vec<&Address> = administrators.all.iter().map(|(address, _)| address).collect();
    let own = context.actors_unasked(&members);
    match desk.unopened(&own.iter().collect::<Vec<&Actor>>()).await {
        Err(error) => findings.push(Finding::bad("opened", &error.into())),
        Ok(looked) => findings.extend(opened(context, &looked, &administrators)),
    }
    findings.extend(own_accounts(context, desk).await);
    findings
}

/// The tickets in work whose assignee cannot go on.
fn in_hand(context: &Context, in_work: &InWork, administrators: &Administrators) -> Vec<Finding> {
    let InWork { tickets, stranded, ended_grants, more } = in_work;
    let mut findings = Vec::new();
    if stranded.is_empty() && ended_grants.is_empty() {
        let who = format!("{} in progress, with people who can continue", count(tickets.len(), "ticket"));
        findings.push(Finding::good("assigned", who));
    }
    if !administrators.mends {
        let waiting = stranded.len().saturating_add(ended_grants.len());
        let many = count(waiting, "ticket");
        let told =
            format!("{many} are stuck: an administrator must reassign them or renew the assignee's access");
        findings.extend((waiting > 0).then(|| Finding::good("assigned", told)));
        return findings;
    }
    findings.extend((*more > 0).then(|| {
        let most = format!("the {TICKETS_MAX} most urgent tickets");
        let said = format!("{most} were looked through, and {more} or more others were not");
        Finding::bad("assigned", &Failure::hinted(said, "resolve or close what is finished, and look again"))
    }));
    findings.extend(stranded.iter().map(|one| assigned(context, one, administrators)));
    findings.extend(ended_grants.iter().map(|one| ended(context, one, administrators)));
    findings
}

/// Whether the newest block's time is near this computer's.
fn clock(context: &Context, desk: &Desk<Channel>) -> Result<String, Failure> {
    let (newest, off) = (desk.pin().time, desk.seconds_old());
    if let Some(off) = ledger_clock::behind(newest) {
        let (said, hint) = ledger_clock::finding(newest, off, &context.home_option());
        return Err(Failure::hinted(said, hint));
    }
    if off > sealdesk_client::trust::AGE_SECONDS_MAX {
        return Err(Failure::hinted(
            format!(
                "the newest block is {} old by this computer's clock: nothing is sealed by it",
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
        true => format!("run `{} keys register {}`", administrators.program, called(context, address)),
        false => "they publish one: `sealdesk keys register NAME`".to_owned(),
    };
    if let (0, Some(first)) = (with_key, without.first()) {
        let said = "no active administrator has a key: nobody can write a ticket";
        return vec![Finding::bad("readers", &Failure::hinted(said, register(first)))];
    }
    let few = if all == 1 { "; have three, so one lost or stolen key changes nothing" } else { "" };
    let mut findings =
        vec![Finding::good("readers", format!("{with_key} of {all} active administrators have a key{few}"))];
    if administrators.mends {
        findings.extend(without.into_iter().map(|address| {
            let said = format!(
                "{} is an administrator without an active key: nothing new is sealed for them",
                context.named(address.as_str())
            );
            Finding::bad("readers", &Failure::hinted(said, register(address)))
        }));
    }
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
    let Administrators { from, program, .. } = administrators;
    Err(Failure::hinted(
        "only listed customers can write tickets, and nobody is listed",
        format!(
            "list one with `sealdesk tx roles assign-role ADDR customer`, or let anyone write: run `{program} tx support update-params --listed-customers false{from}`"
        ),
    ))
}

/// A ticket whose assignee cannot go on with it, with a command that mends it as it stands.
fn assigned(context: &Context, stranded: &Stranded, administrators: &Administrators) -> Finding {
    let (said, _) = staff::stranded(context, stranded);
    let Administrators { from, program, .. } = administrators;
    let somebody = administrators.with_key(context).unwrap_or_else(|| "ADDR|NAME".to_owned());
    let mend = format!("{program} assign {} {somebody}{from}", stranded.ticket.id);
    Finding::bad("assigned", &Failure::hinted(said, format!("run `{mend}`")))
}

/// A ticket whose assignee no grant of an administrator lets in any more.
fn ended(context: &Context, grant: &EndedGrant, administrators: &Administrators) -> Finding {
    let EndedGrant { ticket, assignee } = grant;
    let said = format!(
        "{ticket} is assigned to {}, but their grant is no longer valid, so they cannot read new messages",
        context.named(assignee)
    );
    let Administrators { from, program, .. } = administrators;
    let hint = format!("run `{program} tx support renew-grants {ticket}{from}`");
    Finding::bad("assigned", &Failure::hinted(said, hint))
}

/// Tickets of which an administrator cannot open everything.
fn opened(context: &Context, looked: &LookedThrough, administrators: &Administrators) -> Vec<Finding> {
    let LookedThrough { unopened, withheld, unseen, named, others: _ } = looked;
    let mut findings = Vec::new();
    let closed = unopened.iter().filter(|one| one.closed.texts() > 0);
    // A customer can let somebody into what is theirs; the rest is an administrator's to mend.
    let closed = closed.filter(|one| administrators.mends || is_here(context, &one.customer));
    findings.extend(closed.map(|one| shut(context, one, administrators, looked)));
    if !administrators.mends {
        if findings.is_empty() && !unopened.is_empty() {
            let many = count(unopened.len(), "ticket");
            let are = are(unopened.len());
            let told = format!("of {many} that {are} not over an administrator cannot open everything");
            findings.push(Finding::good("opened", told));
        }
        return findings;
    }
    if !withheld.is_empty() {
        let many = count(withheld.len(), "ticket");
        let said = format!(
            "the node withholds part of {many}, so it is not known who can open them: {}",
            list(withheld)
        );
        findings.push(Finding::bad(
            "opened",
            &Failure::hinted(said, "look again, or ask another node with --node"),
        ));
    }
    if *unseen > 0 {
        let said = format!("{unseen} or more tickets were not checked, so it is not known who can open them");
        let hint = "resolve or close what is finished, and look again; a longer --patience looks at more";
        findings.push(Finding::bad("opened", &Failure::hinted(said, hint)));
    }
    findings.extend(by_one(context, unopened, administrators, named));
    if findings.is_empty() {
        let what = "every ticket that is not over, with all that was said in it";
        let many = administrators.all.iter().filter(|(_, has_key)| *has_key).count();
        // Nobody but them can see whether the copies of keys that were made for them are good.
        let said = match named.len() {
            0 => format!("every administrator with a key can open {what}"),
            closed if closed >= many => format!(
                "every administrator with a key is named for {what}; nothing was opened, since none of their keys is here"
            ),
            _ => {
                let names: Vec<String> =
                    named.iter().map(|address| context.named(address.as_str())).collect();
                let names = names.join(", ");
                format!(
                    "every administrator whose key is here can open {what}; others are named for it, and nothing was opened by their keys: {names}"
                )
            }
        };
        findings.push(Finding::good("opened", said));
    }
    findings
}

/// A ticket of which no administrator can open something, as far as it is known: nobody opens it by keys that are not here.
fn shut(
    context: &Context,
    unopened: &Unopened,
    administrators: &Administrators,
    looked: &LookedThrough,
) -> Finding {
    let Unopened { ticket, customer, texts, by: _, closed } = unopened;
    let what = match closed.texts() {
        all if all == *texts => ticket.to_string(),
        some => format!("{some} of {texts} messages of {ticket}"),
    };
    let no_administrator = ("no administrator", !looked.named.is_empty());
    let ((who, others), agents) = match (closed.to_all, closed.to_administrators) {
        (_, 0) => (("nobody on the staff", looked.others), String::new()),
        (0, _) => (no_administrator, String::new()),
        (_, some) => (no_administrator, format!("; {some} of these an agent can")),
    };
    let can = if others { "is known to be able to open" } else { "can open" };
    let said = format!("{who} {can} {what}, which is not over{agents}");
    if closed.notes == closed.texts() {
        let hint = "customers cannot give access to notes: someone who could open them has to be an administrator again, and run `sealdesk tx support grant-all NAME`";
        return Finding::bad("opened", &Failure::hinted(said, hint));
    }
    let somebody = administrators.with_key(context).unwrap_or_else(|| "NAME".to_owned());
    let program = if is_here(context, customer) { administrators.program.as_str() } else { "sealdesk" };
    let hint = format!(
        "only its customer can give someone access: `{program} tx support grant-access {ticket} {somebody} --from {}`",
        called(context, customer)
    );
    Finding::bad("opened", &Failure::hinted(said, hint))
}

/// For each administrator the tickets of which they cannot open what another one can.
fn by_one(
    context: &Context,
    unopened: &[Unopened],
    administrators: &Administrators,
    named: &[Address],
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (administrator, _) in &administrators.all {
        let theirs: Vec<&Unopened> = unopened.iter().filter(|one| one.by.contains(administrator)).collect();
        let tickets: Vec<_> = theirs.iter().map(|one| one.ticket).collect();
        let Some(first) = tickets.first() else { continue };
        let said = format!(
            "{} is an administrator and {} open everything of {} that {} not over: {}",
            context.named(administrator.as_str()),
            if named.contains(administrator) { "is not known to be able to" } else { "cannot" },
            count(tickets.len(), "ticket"),
            are(tickets.len()),
            list(&tickets)
        );
        // Whoever lets them in must be able to open the tickets.
        let opens = |who: &Address| theirs.iter().all(|one| !one.by.contains(who));
        let from = administrators.option_from(context, opens);
        let program = if from.is_empty() { "sealdesk" } else { administrators.program.as_str() };
        let hint = format!(
            "another administrator gives them access: `{program} tx support grant-all {} --begin {first}{from}`",
            called(context, administrator),
        );
        findings.push(Finding::bad("opened", &Failure::hinted(said, hint)));
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
                format!(
                    "an administrator restores it: `{} tx roles set-account-state {name} active`",
                    program(context)
                )
            }
            AccountState::Terminated => {
                "it never acts again; make another key with `sealdesk keys add NAME`".to_owned()
            }
        };
        let said = format!("the account of {name} is {}: it can read, but do nothing else", state.name());
        findings.push(Finding::bad("account", &Failure::hinted(said, hint)));
    }
    findings
}

fn are(many: usize) -> &'static str {
    if many == 1 { "is" } else { "are" }
}

/// `sealdesk`, with what finds this home.
fn program(context: &Context) -> String {
    format!("sealdesk{}", context.home_option())
}

fn is_here(context: &Context, address: &Address) -> bool {
    context.own_keys().iter().any(|(_, known)| known == address.as_str())
}

/// How a command names somebody: by the name of this home, else by the address.
fn called(context: &Context, address: &Address) -> String {
    let known = context.people().iter().find(|(_, known)| known == address.as_str());
    known.map_or_else(|| address.to_string(), |(name, _)| name.clone())
}
