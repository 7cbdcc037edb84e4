#!/usr/bin/env python3
"""Who may read: an oracle for the client's choice of readers.

Written from the law alone (docs/spec/trust.md, "TRUST" below; section 0 is its
part "The rule"), without a look at the Rust code. Where TRUST leaves a matter to
desk.md, the page that fixes the format of the histories ("ORACLE") speaks.

Standard input: JSON lines, one history a line. Standard output: one JSON line
for each. A line that cannot be judged is a traceback, never a guess.
`--self-test` runs the hand-written cases at the end of this file instead.
"""

import hashlib
import json
import sys

DAY = 86_400
VOTES_LIE_WITHIN = 60 * DAY  # TRUST 2: "Votes of one change lie within 60 days"
OLDEST_HEADER = 300          # TRUST 3: "at most 5 minutes from its clock, either way"


# ---------------------------------------------------------------- the circle

def ascending(addresses):
    raw = [a.encode() for a in addresses]
    return all(x < y for x, y in zip(raw, raw[1:]))  # strictly: nobody twice


def circle_of(c):
    """A circle as (position, ((address, since), ...)), in the order it is written in."""
    return c["position"], tuple((m["address"], m["since"]) for m in c["members"])


def fingerprint(identity, circle):
    """TRUST 2: D("circle", identity, C); C = u64 position, u32 n, then LP(address), u64 since."""
    position, members = circle
    label = b"sealdesk/trust/1/circle"
    c = position.to_bytes(8, "big") + len(members).to_bytes(4, "big")
    for address, since in members:
        a = address.encode()
        c += len(a).to_bytes(4, "big") + a + since.to_bytes(8, "big")
    return hashlib.sha256(bytes([len(label)]) + label + bytes.fromhex(identity) + c).hexdigest()


def enough(members, voters, verb, whom):
    """TRUST 2: how many votes a change takes. Everybody in the circle counts, the one to go too."""
    n, v = len(members), len(voters)
    if 2 * v > n:                      # "Adding takes more than half"; "Removing takes more than half"
        return True
    if verb == "add":
        return False
    if whom in voters:                 # "or the leaver's own vote"
        return True
    first = min(since for _, since in members)
    oldest = [a for a, since in members if since == first]
    # "or exactly half, if among them is the member who joined before all others":
    # where several share the lowest `since`, nobody joined before ALL others.
    return 2 * v == n and len(oldest) == 1 and oldest[0] in voters


def step(ledger, circle, change):
    """The circle to which a change leads from `circle`, or None where it does not lead on (TRUST 2)."""
    position, members = circle
    after = position + 1
    here = (after, ledger["chain_id"], ledger["identity"])
    if (change["position"], change["chain_id"], change["identity"]) != here:
        return None
    if ("add" in change) == ("remove" in change):
        return None
    verb = "add" if "add" in change else "remove"
    whom = change[verb]

    since_of = dict(members)
    if (verb == "add") == (whom in since_of):     # adds a member, or removes who is none
        return None
    if verb == "remove" and len(members) == 1:    # "the last member stays"
        return None

    votes = change["votes"]
    voters = [v["voter"] for v in votes]
    print_ = fingerprint(ledger["identity"], circle)
    for v in votes:
        # TRUST 2: "checking that each vote is a member's"; the signed text, field for field
        text = {"ledger": ledger["chain_id"], "circle": print_, "change": after,
                "made": v["made"], verb: whom}
        if v["voter"] not in since_of or v["account"] != v["voter"] or v["signed"] != text:
            return None
    if not votes or not ascending(voters):
        return None
    made = [v["made"] for v in votes]
    if max(made) - min(made) > VOTES_LIE_WITHIN:
        return None
    if not enough(members, set(voters), verb, whom):
        return None

    if verb == "add":
        since_of[whom] = after                    # TRUST 2: since = the position at which they joined
    else:
        del since_of[whom]
    result = after, tuple(sorted(since_of.items(), key=lambda m: m[0].encode()))
    return result if circle_of(change["circle"]) == result else None


def walk_succeeds(h):
    """TRUST 2: from the circle that the home trusts through every change to the one that is shown."""
    # TRUST 4: a first meeting pins the ledger's beginning, and its identity covers the first circle
    trusted = circle_of(h["pin"]["circle"] if h["pin"] else h["first_circle"])
    if not ascending([a for a, _ in trusted[1]]):
        raise ValueError("the trusted circle is not written as the law wants it")
    goal = circle_of(h["shown"]["circle"])
    changes = {}
    for c in h["shown"]["changes"]:
        if c["at"] in changes:
            raise ValueError("two records under one circle/<position>")
        changes[c["at"]] = c
    here = trusted
    while here[0] < goal[0]:
        change = changes.get(here[0] + 1)
        here = step(h["ledger"], here, change) if change else None
        if here is None:
            return False
    return here == goal


# ------------------------------------------------------------------ the keys

class Keys:
    """The keys that count (TRUST 1 and 0: "Every key counts only with its owner's signature")."""

    def __init__(self, h):
        ledger = h["ledger"]
        # TRUST 1: `registered_on` counts "only where this ledger's identity leads back to that ledger"
        self.names = {a["identity"]: a["chain_id"] for a in ledger["ancestors"]}
        self.names[ledger["identity"]] = ledger["chain_id"]
        self.at_hand = ledger["identity"]
        self.lists = {}
        for owner, keys in h["shown"]["keys"].items():
            self.lists[owner] = {k["version"]: k for k in keys}
            if len(self.lists[owner]) != len(keys):
                raise ValueError("two keys of one version")
        # ORACLE, `writer`: the pair that this very transaction registers is active already
        own = h["writer"]["own"]
        self.new = {} if own["registered"] else {h["writer"]["address"]: own["x25519"]}

    def counts(self, owner, key):
        identity = self.at_hand if key["registered_on"] is None else key["registered_on"]
        return (identity in self.names and key["account"] == owner and key["signed"] == {
            "ledger": self.names[identity], "identity": identity, "account": owner,
            "x25519": key["x25519"], "ed25519": key["ed25519"]})

    def version(self, owner, number):
        """The counting key of that version, active or revoked, or None."""
        key = self.lists.get(owner, {}).get(number)
        return key if key and self.counts(owner, key) else None

    def all(self, owner):
        """X25519 keys of all that count, active or revoked."""
        keys = {k["x25519"] for k in self.lists.get(owner, {}).values() if self.counts(owner, k)}
        return keys | ({self.new[owner]} if owner in self.new else set())

    def active(self, owner):
        keys = {k["x25519"] for k in self.lists.get(owner, {}).values()
                if self.counts(owner, k) and not k["revoked"]}
        return keys | ({self.new[owner]} if owner in self.new else set())


def signed_grant(keys, grant, revoked_too):
    """Did the granter's counting key of the version that is named sign this grant?"""
    key = keys.version(grant["granter"], grant["granter_version"])
    return (key is not None and (revoked_too or not key["revoked"])
            and grant["over"] and grant["signing_key"] == key["ed25519"])


def granted_keys(keys, ticket, members):
    """TRUST 0.4: what counting grants name: "a circle member's grant, signed by a key of that
    member that is still active"."""
    return {g["key"] for g in ticket["grants"]
            if g["granter"] in members and signed_grant(keys, g, revoked_too=False)}


# ------------------------------------------------------------- the judgement

def header_refusals(h):
    """What is refused whatever is asked for."""
    refused = set()
    shown, pin = h["shown"], h["pin"] or {"height": 0, "time": 0}
    if h["trust_node"]:                                          # TRUST 0, last sentence
        refused.add("trust-node")
    if h["pin"] and h["pin"]["identity"] != h["ledger"]["identity"]:   # TRUST 4 and 6
        refused.add("identity")
    # TRUST 3: "older ones are refused. Where height and time disagree ... there are two histories"
    dh, dt = shown["height"] - pin["height"], shown["time"] - pin["time"]
    if dh < 0 and dt <= 0:
        refused.add("older")
    if (dh < 0 < dt) or (dh == 0 and shown["height"] > 0 and dt != 0) or (dt < 0 < dh):
        refused.add("two-histories")
    if abs(shown["time"] - h["clock"]) > OLDEST_HEADER + h["tolerance"]:     # TRUST 3
        refused.add("age")
    if not walk_succeeds(h):                                     # TRUST 2
        refused.add("circle")
    return refused


def customer_proven(h, keys):
    """TRUST 0.3: "the customer whose key signed the ticket's own envelope", and TRUST 1: "the chain
    id in an imported envelope" counts only where this ledger leads back to that one."""
    t = h["ticket"]
    key = keys.version(t["customer"], t["signer_version"])
    return (key is not None and key["ed25519"] == t["signing_key"]
            and t["sealed_on"] in keys.names.values())


def judge(h):
    keys = Keys(h)
    refused = header_refusals(h)
    members = [m["address"] for m in h["shown"]["circle"]["members"]]
    writer, ticket, asked = h["writer"]["address"], h["ticket"], h["asked"]
    what, provider = asked["what"], asked["provider"]
    result = set()

    if what == "ticket":
        if provider == "sealed":
            raise ValueError("a new ticket has no sealed text yet")
        by_circle = set().union(*(keys.active(m) for m in members))
        if not by_circle:
            refused.add("no-administrator")
        result = by_circle | keys.active(writer)                 # TRUST 0.2, 0.1
        if provider is not None:                                 # TRUST 0.3: the writer gives the address
            if not keys.active(provider):
                refused.add("no-key")
            result |= keys.active(provider)

    elif what == "answer":
        if not customer_proven(h, keys):
            refused.add("customer")
        for person in members + [writer, ticket["customer"]]:    # TRUST 0.2, 0.1, 0.3
            result |= keys.active(person)
        if ticket["assignee"] is not None:                       # TRUST 0.4
            result |= keys.active(ticket["assignee"]) & granted_keys(keys, ticket, members)
        if provider is not None:
            # TRUST 0.3: "only where the writer gives the address, or the customer's sealed text does"
            address = ticket["sealed_provider"] if provider == "sealed" else provider
            fits = address is not None and address == ticket["provider"]
            if not fits:
                refused.add("provider")
            if address is not None and not keys.active(address):
                refused.add("no-key")
            if fits:
                result |= keys.active(address)
        if not result:
            refused.add("nobody")

    elif what == "note":
        if provider is not None:
            raise ValueError("a note is never for the provider")
        if not customer_proven(h, keys):
            refused.add("customer")
        customer, assignee = ticket["customer"], ticket["assignee"]
        for person in members + [writer]:                        # TRUST 0.2, 0.1
            if person != customer:                               # ORACLE, note: nothing by that address
                result |= keys.active(person)
        if assignee is not None:                                 # TRUST 0.4
            named = keys.active(assignee) & granted_keys(keys, ticket, members)
            # ORACLE, note: a counting grant names a key, neither whose nor as what. So what
            # the customer or a provider has as a key, too, gets no note through the assignee.
            outsiders = {customer, ticket["provider"], ticket["sealed_provider"]} - {None}
            if assignee in outsiders:
                left = set()
            else:
                left = named - set().union(*(keys.all(o) for o in outsiders))
            if named and not left and assignee != writer:
                refused.add("note-outsider")
            result |= left
        if not result:
            refused.add("nobody")

    elif what == "grant":
        to = asked["to"]
        if to not in members and to not in (ticket["customer"], ticket["provider"], ticket["assignee"]):
            refused.add("not-entitled")
        if not keys.active(to):
            refused.add("no-key")
        if to == ticket["assignee"]:      # TRUST 0.4: only a counting grant makes the assignee a reader
            have = granted_keys(keys, ticket, members)
        else:                             # ORACLE, grant: who was let in stays in
            have = set(ticket["sealed_for"]) | {
                g["key"] for g in ticket["grants"]
                if (g["granter"] in members or g["granter"] == writer)
                and signed_grant(keys, g, revoked_too=True)}
        result = keys.active(to) - have

    else:
        raise ValueError(f"nobody can ask for {what!r}")

    if refused:
        return {"id": h["id"], "refused": sorted(refused)}
    return {"id": h["id"], "refused": [], "granted" if what == "grant" else "readers": sorted(result)}


def main():
    out = [json.dumps(judge(json.loads(line))) for line in sys.stdin.buffer]
    sys.stdout.write("".join(line + "\n" for line in out))
    sys.stdout.flush()


# ------------------------------------------------------------- the self-test

def self_test():
    """Hand-made histories. People are "a".."z"; the Xn/En are keys; clock and header are at NOW."""
    import copy

    NOW, ID, OLD, ALIEN = 1_795_000_000, "11" * 32, "22" * 32, "33" * 32
    number = lambda n: f"{n:064x}"
    X = lambda n: number(0x1000 + n)
    E = lambda n: number(0x2000 + n)

    def key(owner, n, version=1, revoked=False, **other):
        k = {"version": version, "x25519": X(n), "ed25519": E(n), "revoked": revoked,
             "registered_on": None, "account": owner,
             "signed": {"ledger": "desk-1", "identity": ID, "account": owner,
                        "x25519": X(n), "ed25519": E(n)}}
        return {**k, **other}

    def circle(position, **members):
        return {"position": position,
                "members": [{"address": a, "since": s} for a, s in sorted(members.items())]}

    def change(before, after, verb, whom, voters, made=NOW - 9 * DAY):
        n, mark = after["position"], fingerprint(ID, circle_of(before))
        return {"at": n, "position": n, verb: whom, "chain_id": "desk-1", "identity": ID,
                "circle": after, "votes": [
                    {"voter": v, "made": made, "account": v,
                     "signed": {"ledger": "desk-1", "circle": mark, "change": n, "made": made, verb: whom}}
                    for v in voters]}

    def grant(key_, granter="a", n=1, version=1, **other):
        return {"granter": granter, "granter_version": version, "key": X(key_),
                "signing_key": E(n), "over": True, **other}

    ABC = circle(3, a=0, b=1, c=3)     # a is the longest-serving
    # a 1, b 2, c 3 are the circle; d 4 the customer; e 5 the assignee, granted by a; p 6 the provider
    base = {
        "id": 7,
        "ledger": {"chain_id": "desk-1", "prefix": "seal", "identity": ID,
                   "ancestors": [{"chain_id": "desk-0", "identity": OLD}]},
        "first_circle": circle(0, a=0),
        "pin": {"identity": ID, "circle": ABC, "height": 100, "time": NOW - 50},
        "trust_node": False, "clock": NOW, "tolerance": 0,
        "shown": {"height": 105, "time": NOW, "circle": ABC, "changes": [],
                  "keys": {o: [key(o, n)] for n, o in enumerate("abcdep", 1)}},
        "ticket": {"customer": "d", "provider": "p", "assignee": "e", "signer_version": 1,
                   "signing_key": E(4), "sealed_on": "desk-1", "sealed_for": [X(1), X(2), X(3), X(4)],
                   "sealed_provider": "p", "grants": [grant(5)]},
        "writer": {"address": "a", "own": {"x25519": X(1), "ed25519": E(1), "registered": True}},
        "asked": {"what": "answer", "provider": None},
    }

    passed = failed = 0

    def case(sentence, expected, edit):
        """`expected`: a set of key numbers, or a text of the kinds of refusal."""
        nonlocal passed, failed
        h = copy.deepcopy(base)
        edit(h, h["shown"], h["ticket"])
        got = judge(json.loads(json.dumps(h)))
        if isinstance(expected, str):
            want = {"id": 7, "refused": sorted(expected.split())}
        else:
            name = "granted" if h["asked"]["what"] == "grant" else "readers"
            want = {"id": 7, "refused": [], name: sorted(X(n) for n in expected)}
        if got == want:
            passed += 1
        else:
            failed += 1
            print(f"WRONG {sentence}\n  want {want}\n  got  {got}")

    def ask(what, provider=None, to=None):
        def edit(h, s, t):
            h["asked"] = {"what": what, "provider": provider}
            if to:
                h["asked"]["to"] = to
            if what == "ticket":
                h["ticket"] = None
                h["writer"] = {"address": "d", "own": {"x25519": X(4), "ed25519": E(4), "registered": True}}
        return edit

    def both(*edits):
        def edit(h, s, t):
            for e in edits:
                e(h, s, t)
        return edit

    def walk(before, after, verb, whom, voters, more=None, **how):
        """The home trusts `before`; the node shows `after`, and one change to it."""
        def edit(h, s, t):
            h["pin"]["circle"], s["circle"] = before, after
            s["changes"] = [change(before, after, verb, whom, voters, **how)]
            if more:
                more(s["changes"][0])
        return edit

    def put(place, name, value):
        """Sets one field: place is h, s, t or a function that finds the place."""
        def edit(h, s, t):
            where = {"h": h, "s": s, "t": t}[place] if isinstance(place, str) else place(h, s, t)
            where[name] = value
        return edit

    k = lambda owner: (lambda h, s, t: s["keys"][owner][0])
    g0 = lambda h, s, t: t["grants"][0]
    ks = lambda h, s, t: s["keys"]

    # --- TRUST 2: the fingerprint, bytes written out by hand
    raw = (b"\x17sealdesk/trust/1/circle" + b"\x11" * 32 + b"\0\0\0\0\0\0\0\x05" + b"\0\0\0\x02"
           + b"\0\0\0\x02ab" + b"\0\0\0\0\0\0\0\0" + b"\0\0\0\x01c" + b"\0\0\0\0\0\0\x01\x02")
    assert fingerprint(ID, (5, (("ab", 0), ("c", 258)))) == hashlib.sha256(raw).hexdigest()

    # --- TRUST 0, the four readers
    case("plain answer: circle, customer, granted assignee; no provider", {1, 2, 3, 4, 5}, ask("answer"))
    case("plain ticket: circle and writer", {1, 2, 3, 4}, ask("ticket"))
    case("plain note: circle and granted assignee, never the customer", {1, 2, 3, 5}, ask("note"))
    case("ticket: provider by the address that the writer gives", {1, 2, 3, 4, 6}, ask("ticket", "p"))
    case("answer: provider by the sealed text", {1, 2, 3, 4, 5, 6}, ask("answer", "sealed"))
    case("answer: provider by the address that the writer gives", {1, 2, 3, 4, 5, 6},
         both(ask("answer", "p"), put("t", "sealed_provider", None)))
    case("provider named only by the ledger reads nothing", {1, 2, 3, 4, 5}, put("t", "sealed_provider", None))
    case("sealed provider wanted, the text names none", "provider",
         both(ask("answer", "sealed"), put("t", "sealed_provider", None)))
    case("sealed provider differs from the ledger's", "provider",
         both(ask("answer", "sealed"), put("t", "sealed_provider", "c")))
    case("provider has no counting key", "no-key", both(ask("answer", "p"), put(k("p"), "account", "d")))
    case("ticket: the provider's only key is revoked", "no-key", both(ask("ticket", "p"), put(k("p"), "revoked", True)))
    case("customer's key did not sign the ticket's envelope", "customer", put("t", "signing_key", E(5)))
    case("ledger names another customer (transfer)", "customer", put("t", "customer", "p"))
    case("customer's signing key may be revoked since, but gets nothing", {1, 2, 3, 5}, put(k("d"), "revoked", True))
    case("note needs the customer's signature as well", "customer", both(ask("note"), put("t", "signer_version", 2)))
    case("envelope of a ledger that this one continues", {1, 2, 3, 4, 5}, put("t", "sealed_on", "desk-0"))
    case("envelope of a ledger that it does not continue", "customer", put("t", "sealed_on", "desk-9"))
    case("--trust-node never seals", "trust-node", put("h", "trust_node", True))
    case("--trust-node never grants", "trust-node", both(ask("grant", to="e"), put("h", "trust_node", True)))

    # --- TRUST 0.4, counting grants
    case("assignee without a grant gets nothing", {1, 2, 3, 4}, put("t", "grants", []))
    case("a grant by one who is no member does not count", {1, 2, 3, 4}, put("t", "grants", [grant(5, "p", 6)]))
    case("the granter's key is revoked since; their newer key does not revive the grant", {2, 3, 4, 7},
         put(ks, "a", [key("a", 1, revoked=True), key("a", 7, 2)]))
    case("the granter's key is revoked since, note", {2, 3}, both(ask("note"), put(k("a"), "revoked", True)))
    case("a grant that covers another entry", {1, 2, 3, 4}, put(g0, "over", False))
    case("a grant signed by another key", {1, 2, 3, 4}, put(g0, "signing_key", E(2)))
    case("a grant without a signature", {1, 2, 3, 4}, put(g0, "signing_key", None))
    case("the granter's key lacks its owner's signature", {2, 3, 4}, put(k("a"), "signed", None))
    case("of two keys of the assignee only the granted one", {1, 2, 3, 4, 5},
         lambda h, s, t: s["keys"]["e"].append(key("e", 8, 2)))
    case("the assignee's own list holds a copy of the provider's key: not granted, not used", {1, 2, 3, 4},
         put(ks, "e", [key("e", 6)]))
    case("a granted key that the assignee revoked", {1, 2, 3, 4}, put(k("e"), "revoked", True))

    # --- TRUST 1, the owner's signature
    case("an unsigned key counts for nobody", {1, 3, 4, 5}, put(k("b"), "signed", None))
    case("signed by another account", {1, 3, 4, 5}, put(k("b"), "account", "a"))
    case("a copied key: the signature names its first owner", {1, 3, 4, 5},
         put(ks, "b", [key("b", 9, signed=key("q", 9)["signed"])]))
    case("a copied key with another signing half", {1, 3, 4, 5}, put(k("b"), "ed25519", E(9)))
    old = {"ledger": "desk-0", "identity": OLD, "account": "b", "x25519": X(2), "ed25519": E(2)}
    case("registered on a ledger that this one continues", {1, 2, 3, 4, 5},
         put(ks, "b", [key("b", 2, registered_on=OLD, signed=old)]))
    case("registered there, the record does not say so", {1, 3, 4, 5}, put(ks, "b", [key("b", 2, signed=old)]))
    case("registered on an unrelated ledger", {1, 3, 4, 5},
         put(ks, "b", [key("b", 2, registered_on=ALIEN, signed={**old, "identity": ALIEN})]))
    case("name and identity of different ledgers", {1, 3, 4, 5},
         put(ks, "b", [key("b", 2, registered_on=OLD, signed={**old, "ledger": "desk-1"})]))
    new = {"address": "d", "own": {"x25519": X(9), "ed25519": E(9), "registered": False}}
    case("the writer's new key counts, beside the listed ones", {1, 2, 3, 4, 5, 9}, put("h", "writer", new))
    case("nobody in the circle has a key", "no-administrator",
         both(ask("ticket"), lambda h, s, t: [s["keys"].pop(m) for m in "abc"]))
    case("... but the writer's new key, who is a member", {9},
         both(ask("ticket"), lambda h, s, t: [s["keys"].pop(m) for m in "abc"],
              put("h", "writer", {**new, "address": "a"})))

    # --- TRUST 2, votes
    ABCD = circle(4, a=0, b=1, c=3, q=4)
    case("adding by more than half", {1, 2, 3, 4, 5}, walk(ABC, ABCD, "add", "q", "ab"))
    case("one of three adds nobody", "circle", walk(ABC, ABCD, "add", "q", "a"))
    AB, ABQ = circle(1, a=0, b=1), circle(2, a=0, b=1, q=2)
    case("of two, one alone appoints nobody, the longest-serving neither", "circle", walk(AB, ABQ, "add", "q", "a"))
    case("of two, both appoint", {1, 2, 4, 5}, walk(AB, ABQ, "add", "q", "ab"))
    case("of two, the longer-serving one removes", {1, 4, 5}, walk(AB, circle(2, a=0), "remove", "b", "a"))
    case("of two, the other one does not", "circle", walk(AB, circle(2, b=1), "remove", "a", "b"))
    case("of two who joined at once, none removes the other", "circle",
         walk(circle(1, a=0, b=0), circle(2, a=0), "remove", "b", "a"))
    ABCQ = circle(4, a=0, b=1, c=3, q=4)
    case("of three, one stolen key changes nothing, the longest-serving's neither", "circle",
         walk(ABC, circle(4, a=0, b=1), "remove", "c", "a"))
    case("half of four with the longest-serving", {1, 2, 3, 4, 5},
         walk(ABCQ, circle(5, a=0, b=1, c=3), "remove", "q", "ac"))
    case("half of four without them", "circle", walk(ABCQ, circle(5, a=0, b=1, q=4), "remove", "c", "bq"))
    by_b = {"address": "b", "own": {"x25519": X(2), "ed25519": E(2), "registered": True}}
    case("more than half removes even the longest-serving, whose grant ends with it", {2, 3, 4}, both(
        walk(ABCQ, circle(5, b=1, c=3, q=4), "remove", "a", "bcq"), put("h", "writer", by_b)))
    case("one's own leave", {1, 2, 4, 5}, walk(ABC, circle(4, a=0, b=1), "remove", "c", "c"))
    case("the last member stays", "circle", walk(circle(0, a=0), circle(1), "remove", "a", "a"))
    case("one acts alone", {1, 2, 4, 5}, walk(circle(0, a=0), AB, "add", "b", "a"))
    first = lambda name, value: (lambda c: c["votes"][0].update({name: value}))
    text = lambda name, value: (lambda c: c["votes"][0]["signed"].update({name: value}))
    late = lambda by: (lambda c: (first("made", NOW - 9 * DAY - by)(c), text("made", NOW - 9 * DAY - by)(c)))
    case("60 days apart", {1, 2, 3, 4, 5}, walk(ABC, ABCD, "add", "q", "ab", late(60 * DAY)))
    case("votes over 60 days apart", "circle", walk(ABC, ABCD, "add", "q", "ab", late(60 * DAY + 1)))
    case("the vote's time is not the signed one", "circle", walk(ABC, ABCD, "add", "q", "ab", first("made", NOW)))
    case("a vote signed by another account", "circle", walk(ABC, ABCD, "add", "q", "ab", first("account", "b")))
    case("one bad vote spoils the change, also where the others are enough", "circle",
         walk(ABC, ABCD, "add", "q", "abc", first("signed", None)))
    case("a vote of another circle", "circle",
         walk(ABC, ABCD, "add", "q", "ab", text("circle", fingerprint(ID, circle_of(AB)))))
    case("a vote for another change", "circle", walk(ABC, ABCD, "add", "q", "ab", text("change", 5)))
    case("a vote on another ledger", "circle", walk(ABC, ABCD, "add", "q", "ab", text("ledger", "desk-0")))
    case("a vote for somebody else", "circle", walk(ABC, ABCD, "add", "q", "ab", text("add", "r")))
    case("a vote to remove is none to add", "circle", walk(ABC, ABCD, "add", "q", "ab", lambda c: (
        c["votes"][0]["signed"].pop("add"), text("remove", "q")(c))))
    case("a vote of one who is no member", "circle", walk(ABC, ABCD, "add", "q", "abz"))
    case("a voter twice", "circle", walk(ABC, ABCD, "add", "q", "aa"))
    case("votes in the wrong order", "circle", walk(ABC, ABCD, "add", "q", "ba"))
    case("who is added is a member", "circle", walk(ABC, circle(4, a=0, b=1, c=4), "add", "c", "ab"))
    case("who is removed is none", "circle", walk(ABC, circle(4, a=0, b=1, c=3), "remove", "q", "ab"))
    case("the newcomer's since is the new position", "circle",
         walk(ABC, circle(4, a=0, b=1, c=3, q=0), "add", "q", "ab"))
    case("the record says another ledger", "circle",
         walk(ABC, ABCD, "add", "q", "ab", lambda c: c.update(identity=OLD)))
    case("the record leads elsewhere than it says", "circle",
         walk(ABC, ABCD, "add", "q", "ab", lambda c: c.update(circle=circle(4, a=0, b=1, c=3, r=4))))
    case("a change is missing", "circle", put("s", "circle", ABCD))
    case("the shown circle has one more than the change made", "circle",
         both(walk(ABC, ABCD, "add", "q", "ab"), put("s", "circle", circle(4, a=0, b=1, c=3, q=4, r=4))))
    case("an earlier circle than the trusted one", "circle", put("s", "circle", AB))
    case("another circle at the trusted one's position", "circle", put("s", "circle", circle(3, a=0, b=1, q=3)))
    case("first meeting: two changes from the beginning", {1, 2, 4, 5}, lambda h, s, t: (
        h.update(pin=None), s.update(circle=ABQ, changes=[
            change(circle(0, a=0), AB, "add", "b", "a"), change(AB, ABQ, "add", "q", "ab")])))
    case("an old signature: the same vote after a removal and a return", "circle", lambda h, s, t: (
        h["pin"].update(circle=AB), s.update(circle=circle(4, a=0, b=1, q=4), changes=[
            change(AB, ABQ, "add", "q", "ab"), change(ABQ, circle(3, a=0, b=1), "remove", "q", "ab"),
            {**change(AB, ABQ, "add", "q", "ab"), "at": 4, "position": 4, "circle": circle(4, a=0, b=1, q=4)}])))

    # --- TRUST 3 and 4: age, the pin
    header = lambda height, time: (lambda h, s, t: s.update(height=height, time=time))
    case("5 minutes old", {1, 2, 3, 4, 5}, put("h", "clock", NOW + 300))
    case("a stale header", "age", put("h", "clock", NOW + 301))
    case("a header from the future", "age", put("h", "clock", NOW - 301))
    case("--clock-tolerance allows more", {1, 2, 3, 4, 5}, both(put("h", "clock", NOW + 310), put("h", "tolerance", 10)))
    case("older than the pin", "older", header(99, NOW - 60))
    case("lower at the same time", "older", header(99, NOW - 50))
    case("the pin's own header again", {1, 2, 3, 4, 5}, header(100, NOW - 50))
    case("lower but later", "two-histories", header(99, NOW))
    case("same height, other time", "two-histories", header(100, NOW))
    case("higher but earlier", "two-histories", header(101, NOW - 51))
    case("higher at the same time is no contradiction", {1, 2, 3, 4, 5}, header(101, NOW - 50))
    case("another identity", "identity", lambda h, s, t: h["pin"].update(identity=OLD))
    case("all that applies", "identity age older", both(
        lambda h, s, t: h["pin"].update(identity=OLD), header(9, NOW - 400)))

    # --- notes (ORACLE, from desk.md)
    case("a member who is the ticket's customer gets no note", {1, 2, 5}, both(
        ask("note"), put("t", "customer", "c"), put("t", "signing_key", E(3))))
    case("... nor as the writer", {2, 3, 5}, both(ask("note"), put("t", "customer", "a"), put("t", "signing_key", E(1))))
    case("the assignee's key is the customer's, too", "note-outsider", both(
        ask("note"), put(ks, "e", [key("e", 4)]), put("t", "grants", [grant(4)])))
    case("... the customer's revoked one, and another is left", {1, 2, 3, 8}, both(
        ask("note"), put(ks, "e", [key("e", 4), key("e", 8, 2)]), put("t", "grants", [grant(4), grant(8)]),
        put(k("d"), "revoked", True)))
    case("... the customer's copy does not count, so it is the assignee's", {1, 2, 3, 5}, both(
        ask("note"), lambda h, s, t: s["keys"]["d"].append(key("d", 5, 2, account="e"))))
    case("the assignee is the sealed provider", "note-outsider", both(
        ask("note"), put("t", "assignee", "p"), put("t", "provider", None), put("t", "grants", [grant(6)])))
    case("... and writes it: by their own keys", {1, 2, 3, 6}, both(
        ask("note"), put("t", "assignee", "p"), put("t", "grants", [grant(6)]),
        put("h", "writer", {"address": "p", "own": {"x25519": X(6), "ed25519": E(6), "registered": True}})))
    case("a note for nobody", "nobody", both(
        ask("note"), lambda h, s, t: [s["keys"].pop(m) for m in "abce"]))

    # --- grants
    case("the assignee has a counting grant", set(), ask("grant", to="e"))
    case("for the assignee an entry in the ticket is not enough", {5}, both(
        ask("grant", to="e"), put("t", "sealed_for", [X(5)]), put("t", "grants", [])))
    case("it is made anew where the granter's key is revoked", {5}, both(ask("grant", to="e"), put(k("a"), "revoked", True)))
    case("for others who was let in stays in", set(), both(
        ask("grant", to="p"), put("t", "grants", [grant(6)]), put(k("a"), "revoked", True)))
    case("a grant of one who is gone lets in nobody", {6}, both(
        ask("grant", to="p"), put(ks, "z", [key("z", 9)]), put("t", "grants", [grant(6, "z", 9)])))
    case("a member for whom it was sealed needs none", set(), ask("grant", to="b"))
    case("a member's second key", {8}, both(ask("grant", to="b"), lambda h, s, t: s["keys"]["b"].append(key("b", 8, 2))))
    own9 = {"address": "a", "own": {"x25519": X(9), "ed25519": E(9), "registered": False}}
    case("to oneself, by the key that the same transaction registers", {9}, both(
        ask("grant", to="a"), put(k("a"), "revoked", True), put("h", "writer", own9)))
    case("somebody who has no part in the ticket", "not-entitled", both(ask("grant", to="z"), put(ks, "z", [key("z", 9)])))
    case("no part and no key", "not-entitled no-key", ask("grant", to="z"))
    case("a grant needs no proof of the customer", {6}, both(ask("grant", to="p"), put("t", "signing_key", E(9))))

    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    if "--self-test" in sys.argv[1:]:
        sys.exit(self_test())
    main()
