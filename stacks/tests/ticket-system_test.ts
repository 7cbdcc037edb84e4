// What docs/spec/clarity.md promises, one sentence a test. The generated tests are beside this file: matrix, model, lifecycle.

import { Cl } from "@stacks/transactions";
import { describe, expect, test } from "vitest";
import {
  BETWEEN, call, CONTRACT, deployBetween, DEPLOYER, encode, MAINNET_ADDRESS, must, now, outcome, passBurnBlocks, payload,
  person, read, sealed, sha256, simnet, type Plain, type PublicName,
} from "./desk.ts";
import { typeName } from "../facade/abi.ts";

const [ALICE, BOB, AGENT, OTHER] = [person(1), person(2), person(3), person(4)];
const KEY: [string, string, string] = ["11".repeat(32), "22".repeat(32), "33".repeat(64)];

const create = (who: string, n: number | string = 1) => must(who, "create-ticket", "technical", 2, ...sealed(n)) as number;
const refusal = (who: string, name: PublicName, ...args: Plain[]) => call(who, name, ...args).outcome;
const ticket = (id = 1) => read("get-ticket", id) as { [field: string]: Plain };

/** A ticket of Alice's that the agent has. */
function assigned(n: number | string = 1): number {
  if (!read("is-staff", AGENT)) must(DEPLOYER, "add-staff-member", AGENT);
  const id = create(ALICE, n);
  must(DEPLOYER, "assign-ticket", id, AGENT);
  return id;
}

function resolved(): number {
  const id = assigned();
  must(AGENT, "update-ticket-status", id, 5);
  return id;
}

describe("the interface", () => {
  test("is docs/spec/clarity.md's: every function with its arguments and what it returns, and no other", () => {
    const lines = (access: string) =>
      (simnet().getContractsInterfaces().get(CONTRACT)?.functions ?? [])
        .filter((f) => f.access === access)
        .map((f) => [f.name, ...f.args.map(({ name, type }) => `(${name} ${typeName(type)})`), "->", typeName(f.outputs.type)].join(" "))
        .sort();
    const uint = "-> (response uint uint)";
    const bool = "-> (response bool uint)";
    expect(lines("public")).toEqual([
      `accept-owner ${bool}`,
      `add-administrator (address principal) ${bool}`,
      `add-comment (ticket-id uint) (payload-hash (buff 32)) (payload (buff 4096)) (internal bool) ${uint}`,
      `add-staff-member (address principal) ${bool}`,
      `assign-ticket (ticket-id uint) (agent principal) ${bool}`,
      `close-expired-ticket (ticket-id uint) ${bool}`,
      `create-ticket (category (string-ascii 32)) (priority uint) (payload-hash (buff 32)) (payload (buff 4096)) ${uint}`,
      `grant-access (ticket-id uint) (grants (buff 4096)) ${bool}`,
      `propose-owner (address principal) ${bool}`,
      `register-key (public-key (buff 32)) (signing-key (buff 32)) (proof (buff 64)) ${uint}`,
      `remove-administrator (address principal) ${bool}`,
      `remove-staff-member (address principal) ${bool}`,
      `revoke-key (version uint) ${bool}`,
      `set-ticket-priority (ticket-id uint) (priority uint) ${bool}`,
      `update-ticket-status (ticket-id uint) (new-status uint) ${bool}`,
    ]);
    const page = "-> (tuple (ids (list 20 uint)) (total uint))";
    expect(lines("read_only")).toEqual([
      "can-manage-ticket (ticket-id uint) (user principal) -> bool",
      "get-key (address principal) (version uint) -> (optional (tuple (proof (buff 64)) (public-key (buff 32)) (registered-at uint) (revoked-at (optional uint)) (signing-key (buff 32))))",
      "get-key-count (address principal) -> uint",
      "get-ticket (ticket-id uint) -> (optional (tuple (assignee (optional principal)) (category (string-ascii 32)) (closed-at (optional uint)) (comment-count uint) (created-at uint) (owner principal) (payload-hash (buff 32)) (priority uint) (resolved-at (optional uint)) (status uint) (updated-at uint)))",
      "get-ticket-comment (ticket-id uint) (index uint) -> (optional (tuple (author principal) (created-at uint) (internal bool) (is-staff bool) (payload-hash (buff 32))))",
      "get-ticket-count -> uint",
      `get-tickets-by-owner (owner principal) ${page}`,
      `get-tickets-by-owner-page (owner principal) (offset uint) ${page}`,
      "is-administrator (address principal) -> bool",
      "is-staff (address principal) -> bool",
    ]);
  });

  test("takes no argument of another type and no payload above 4,096 bytes", () => {
    const args = (size: number) => [
      Cl.stringAscii("technical"), Cl.uint(2), Cl.bufferFromHex(sha256("00".repeat(size))), Cl.bufferFromHex("00".repeat(size)),
    ];
    expect(outcome(simnet().callPublicFn(CONTRACT, "create-ticket", args(4096), ALICE).result)).toEqual({ ok: 1 });
    expect(() => simnet().callPublicFn(CONTRACT, "create-ticket", args(4097), ALICE)).toThrow();
    expect(() => simnet().callPublicFn(CONTRACT, "update-ticket-status", [Cl.int(1), Cl.uint(6)], ALICE)).toThrow();
    expect(read("get-ticket-count")).toBe(1);
  });

  test("reads of what is not there say so", () => {
    expect(read("get-ticket", 1)).toBe(null);
    expect(read("get-ticket", 0)).toBe(null);
    expect(read("get-ticket-comment", 1, 0)).toBe(null);
    expect(read("get-tickets-by-owner", ALICE)).toEqual({ total: 0, ids: [] });
    expect(read("can-manage-ticket", 1, DEPLOYER)).toBe(false);
    expect(read("get-key", ALICE, 1)).toBe(null);
    expect(read("get-key-count", ALICE)).toBe(0);
  });
});

describe("bugs that systems like this one have had", () => {
  test("bug 64 the list of an owner is not empty", () => {
    expect([create(ALICE, 1), create(BOB, 2), create(ALICE, 3)]).toEqual([1, 2, 3]);
    expect(read("get-tickets-by-owner", ALICE)).toEqual({ total: 2, ids: [1, 3] });
    expect(read("get-tickets-by-owner", BOB)).toEqual({ total: 1, ids: [2] });
  });

  test("bug 65 an owner sets no status but closed and open again", () => {
    const id = assigned();
    expect([3, 4, 5].map((status) => refusal(ALICE, "update-ticket-status", id, status))).toEqual(Array(3).fill({ err: 100 }));
    expect(must(ALICE, "update-ticket-status", id, 6)).toBe(true);
    expect(must(ALICE, "update-ticket-status", id, 1)).toBe(true);
    expect(refusal(ALICE, "update-ticket-status", id, 1)).toEqual({ err: 109 });
  });

  test("bug 66 no argument and no state carries readable text but the category", () => {
    const functions = simnet().getContractsInterfaces().get(CONTRACT);
    const text = functions?.functions
      .filter((f) => f.access === "public")
      .flatMap((f) => f.args.filter((arg) => JSON.stringify(arg.type).includes("string")).map((arg) => `${f.name} ${arg.name}`));
    expect(text).toEqual(["create-ticket category"]);
    expect(refusal(ALICE, "create-ticket", "my cat is ill", 2, ...sealed(1))).toEqual({ err: 103 });
  });

  test("bug 67 a contract in between has no rights of whoever signs", () => {
    deployBetween();
    const id = assigned();
    const phish = (victim: string, name: PublicName, ...args: Plain[]) =>
      outcome(simnet().callPublicFn(BETWEEN, name, encode(name, args), victim).result);
    expect(phish(ALICE, "update-ticket-status", id, 6)).toEqual({ err: 100 });
    expect(phish(ALICE, "add-comment", id, ...sealed(2), false)).toEqual({ err: 100 });
    expect(phish(ALICE, "grant-access", id, "0a")).toEqual({ err: 100 });
    expect(phish(AGENT, "update-ticket-status", id, 5)).toEqual({ err: 100 });
    expect(phish(AGENT, "add-comment", id, ...sealed(3), true)).toEqual({ err: 100 });
    expect(phish(DEPLOYER, "add-administrator", BOB)).toEqual({ err: 100 });
    expect(phish(DEPLOYER, "propose-owner", BOB)).toEqual({ err: 100 });
    // What it may do, it does as itself.
    must(ALICE, "register-key", ...KEY);
    expect(phish(ALICE, "revoke-key", 1)).toEqual({ err: 113 });
    expect(phish(ALICE, "create-ticket", "other", 1, ...sealed(4))).toEqual({ ok: 2 });
    expect(ticket(2).owner).toBe(BETWEEN);
  });

  test("bug 68 comments are counted in their own ticket from 0", () => {
    const [first, second] = [create(ALICE, 1), create(ALICE, 2)];
    expect(must(ALICE, "add-comment", first, ...sealed(3), false)).toBe(0);
    expect(must(ALICE, "add-comment", second, ...sealed(4), false)).toBe(0);
    expect(must(ALICE, "add-comment", first, ...sealed(5), false)).toBe(1);
    expect(read("get-ticket-comment", first, 1)).toEqual({
      author: ALICE, "is-staff": false, internal: false, "payload-hash": sealed(5)[0], "created-at": now(),
    });
    expect(read("get-ticket-comment", first, 2)).toBe(null);
  });

  test("bug 69 the source uses nothing that a Clarity version from 3 on has dropped or renamed", () => {
    const code = (simnet().getContractSource(CONTRACT) ?? "").replace(/;;.*/g, "");
    expect(code).toContain("burn-block-height");
    expect(code.match(/[^-]\bblock-height|as-contract|at-block|tx-sender|stacks-block-height/g)).toBe(null);
  });
});

describe("a contract wallet", () => {
  test("is a customer, a staff member and an administrator like anyone else", () => {
    deployBetween();
    expect(must(BETWEEN, "create-ticket", "billing", 1, ...sealed(1))).toBe(1);
    expect(must(BETWEEN, "register-key", ...KEY)).toBe(1);
    const id = create(ALICE, 2);
    must(DEPLOYER, "add-staff-member", BETWEEN);
    must(DEPLOYER, "assign-ticket", id, BETWEEN);
    expect(must(BETWEEN, "add-comment", id, ...sealed(3), true)).toBe(0);
    expect(must(BETWEEN, "update-ticket-status", id, 5)).toBe(true);
    must(DEPLOYER, "add-administrator", BETWEEN);
    expect(must(BETWEEN, "add-staff-member", AGENT)).toBe(true);
  });
});

describe("payloads", () => {
  const [hash, bytes] = sealed(1);

  test.each([
    ["the hash of something else", sha256("00"), bytes, 104],
    ["the hash of nothing", "", bytes, 104],
    ["a hash cut short", hash.slice(2), bytes, 104],
    ["a byte less", hash, bytes.slice(2), 104],
    ["no payload", sha256(""), "", 103],
  ])("%s is refused, and leaves no trace", (_, wrongHash, wrongPayload, code) => {
    const id = create(ALICE, "the first");
    expect(refusal(ALICE, "create-ticket", "technical", 2, wrongHash, wrongPayload)).toEqual({ err: code });
    expect(refusal(ALICE, "add-comment", id, wrongHash, wrongPayload, false)).toEqual({ err: code });
    expect(read("get-ticket-count")).toBe(1);
    expect(ticket()["comment-count"]).toBe(0);
    expect(must(ALICE, "create-ticket", "technical", 2, hash, bytes)).toBe(2);
  });

  test("one that its sender has used is refused wherever it comes again, and another's is not", () => {
    const id = create(ALICE, 1);
    expect(refusal(ALICE, "create-ticket", "other", 4, ...sealed(1))).toEqual({ err: 114 });
    expect(refusal(ALICE, "add-comment", id, ...sealed(1), false)).toEqual({ err: 114 });
    must(ALICE, "add-comment", id, ...sealed(2), false);
    expect(refusal(ALICE, "create-ticket", "other", 4, ...sealed(2))).toEqual({ err: 114 });
    expect(create(BOB, 1)).toBe(2);
    expect(must(DEPLOYER, "add-comment", id, ...sealed(2), true)).toBe(1);
  });

  test("one that was refused for another reason can come again", () => {
    expect(refusal(DEPLOYER, "create-ticket", "other", 4, ...sealed(1))).toEqual({ err: 100 });
    must(DEPLOYER, "add-administrator", ALICE);
    must(ALICE, "remove-administrator", DEPLOYER);
    expect(must(DEPLOYER, "create-ticket", "other", 4, ...sealed(1))).toBe(1);
  });
});

describe("input", () => {
  test.each(["billing", "technical", "account", "provider", "deployment", "security", "other"])(
    "the category %s is one",
    (category) => expect(must(ALICE, "create-ticket", category, 1, ...sealed(1))).toBe(1),
  );

  test.each(["", "Billing", "billing ", "general", "a".repeat(32)])("the category '%s' is none", (category) =>
    expect(refusal(ALICE, "create-ticket", category, 1, ...sealed(1))).toEqual({ err: 103 }));

  test.each([[0, 103], [1, 0], [4, 0], [5, 103]])("the priority %i", (priority, code) => {
    const wanted = (value: Plain) => (code === 0 ? { ok: value } : { err: code });
    expect(refusal(ALICE, "create-ticket", "other", priority, ...sealed(1))).toEqual(wanted(1));
    create(ALICE, 2);
    expect(refusal(DEPLOYER, "set-ticket-priority", 1, priority)).toEqual(wanted(true));
  });

  test.each([[31, 32, 64], [32, 31, 64], [32, 32, 63]])("keys of %i, %i and %i bytes are none", (a, b, c) =>
    expect(refusal(ALICE, "register-key", "11".repeat(a), "22".repeat(b), "33".repeat(c))).toEqual({ err: 103 }));

  test("no grants are no grant", () => {
    const id = create(ALICE);
    expect(refusal(ALICE, "grant-access", id, "")).toEqual({ err: 103 });
  });

  test("a principal of the other network gets no role", () => {
    for (const name of ["add-staff-member", "add-administrator", "propose-owner"] as const) {
      expect(refusal(DEPLOYER, name, MAINNET_ADDRESS)).toEqual({ err: 103 });
      expect(refusal(DEPLOYER, name, `${MAINNET_ADDRESS}.wallet`)).toEqual({ err: 103 });
    }
  });

  test("is judged before the ticket, the ticket before permission, permission before the state, the state before limits", () => {
    expect(refusal(BOB, "add-comment", 9, sha256("00"), payload(1), false)).toEqual({ err: 104 });
    expect(refusal(BOB, "add-comment", 9, ...sealed(1), false)).toEqual({ err: 101 });
    for (let n = 1; n <= 10; n++) create(ALICE, n);
    must(ALICE, "update-ticket-status", 1, 6);
    expect(refusal(BOB, "add-comment", 1, ...sealed(11), false)).toEqual({ err: 100 });
    expect(refusal(ALICE, "add-comment", 1, ...sealed(1), false)).toEqual({ err: 108 });
    create(ALICE, 11);
    expect(refusal(ALICE, "create-ticket", "other", 1, ...sealed(1))).toEqual({ err: 114 });
    expect(refusal(ALICE, "create-ticket", "other", 1, ...sealed(12))).toEqual({ err: 107 });
    passBurnBlocks(4_321);
    expect(refusal(ALICE, "update-ticket-status", 1, 1)).toEqual({ err: 110 });
  });
});

describe("windows, at their edges", () => {
  test.each([[1_007, 112], [1_008, 112], [1_009, 0]])("%i burn blocks after resolution, anyone closes the ticket or gets u%i", (blocks, code) => {
    const id = resolved();
    passBurnBlocks(blocks);
    expect(refusal(BOB, "close-expired-ticket", id)).toEqual(code === 0 ? { ok: true } : { err: code });
    expect(ticket()).toMatchObject(code === 0
      ? { status: 6, "closed-at": now(), "resolved-at": now() - blocks }
      : { status: 5, "closed-at": null });
  });

  test.each([[4_319, 0], [4_320, 0], [4_321, 110]])("%i burn blocks after closing, its customer reopens it or gets u%i", (blocks, code) => {
    const id = resolved();
    must(ALICE, "update-ticket-status", id, 6);
    passBurnBlocks(blocks);
    expect(refusal(ALICE, "update-ticket-status", id, 1)).toEqual(code === 0 ? { ok: true } : { err: code });
    expect(ticket()).toMatchObject(code === 0
      ? { status: 1, assignee: null, "resolved-at": null, "closed-at": null, "updated-at": now() }
      : { status: 6, assignee: AGENT });
  });

  test("a ticket that expired late is reopened within thirty days of its closing, not of its resolution", () => {
    const id = resolved();
    passBurnBlocks(9_000);
    must(BOB, "close-expired-ticket", id);
    expect(refusal(BOB, "close-expired-ticket", id)).toEqual({ err: 108 });
    passBurnBlocks(4_320);
    expect(must(ALICE, "update-ticket-status", id, 1)).toBe(true);
  });

  test("a resolved ticket is reopened however late, until someone closes it", () => {
    const id = resolved();
    passBurnBlocks(9_000);
    expect(must(ALICE, "update-ticket-status", id, 1)).toBe(true);
    expect(refusal(BOB, "close-expired-ticket", id)).toEqual({ err: 109 });
  });
});

describe("pages", () => {
  test.each([0, 1, 20, 21, 41])("of an owner with %i tickets, from every offset near an edge", (total) => {
    for (let n = 1; n <= total; n++) {
      create(ALICE, n);
      must(ALICE, "update-ticket-status", n, 6);
    }
    const all = Array.from({ length: total }, (_, i) => i + 1);
    expect(read("get-tickets-by-owner", ALICE)).toEqual({ total, ids: all.slice(0, 20) });
    for (const offset of [0, 1, 19, 20, 21, 39, 40, 41, 42, 1_000_000])
      expect(read("get-tickets-by-owner-page", ALICE, offset)).toEqual({ total, ids: all.slice(offset, offset + 20) });
  });

  test("an offset of the largest uint is past the end, not an overflow", () => {
    create(ALICE);
    const largest = Cl.uint(2n ** 128n - 1n);
    const args = [Cl.principal(ALICE), largest];
    const { result } = simnet().callReadOnlyFn(CONTRACT, "get-tickets-by-owner-page", args, ALICE);
    expect(result).toEqual(Cl.tuple({ total: Cl.uint(1), ids: Cl.list([]) }));
    expect(simnet().callPublicFn(CONTRACT, "revoke-key", [largest], ALICE).result).toEqual(Cl.error(Cl.uint(113)));
  });
});

describe("limits", () => {
  test("ten tickets that are not closed; what is closed makes room, what is reopened takes it", () => {
    for (let n = 1; n <= 10; n++) create(ALICE, n);
    expect(refusal(ALICE, "create-ticket", "other", 1, ...sealed(11))).toEqual({ err: 107 });
    expect(create(BOB, 1)).toBe(11);
    must(ALICE, "update-ticket-status", 1, 6);
    expect(create(ALICE, 11)).toBe(12);
    expect(refusal(ALICE, "update-ticket-status", 1, 1)).toEqual({ err: 107 });
    expect(refusal(DEPLOYER, "update-ticket-status", 1, 1)).toEqual({ err: 107 });
    must(DEPLOYER, "update-ticket-status", 2, 6);
    expect(must(DEPLOYER, "update-ticket-status", 1, 1)).toBe(true);
    expect(refusal(ALICE, "create-ticket", "other", 1, ...sealed(12))).toEqual({ err: 107 });
  });

  test("a ticket that closes by itself makes room too, and one reopened from resolved needs none", () => {
    const id = resolved();
    for (let n = 2; n <= 10; n++) create(ALICE, n);
    must(ALICE, "update-ticket-status", id, 1);
    must(DEPLOYER, "assign-ticket", id, AGENT);
    must(AGENT, "update-ticket-status", id, 5);
    passBurnBlocks(1_009);
    expect(refusal(ALICE, "create-ticket", "other", 1, ...sealed(11))).toEqual({ err: 107 });
    must(BOB, "close-expired-ticket", id);
    expect(create(ALICE, 11)).toBe(11);
  });

  test("a hundred comments, the last twenty for staff; notes count", () => {
    const id = assigned();
    for (let n = 0; n < 79; n++) must(n % 2 === 0 ? ALICE : AGENT, "add-comment", id, ...sealed(`c${n}`), n % 2 === 1);
    expect(must(ALICE, "add-comment", id, ...sealed("the eightieth"), false)).toBe(79);
    expect(refusal(ALICE, "add-comment", id, ...sealed("too late"), false)).toEqual({ err: 105 });
    for (let n = 80; n < 100; n++) must(AGENT, "add-comment", id, ...sealed(`c${n}`), n % 2 === 0);
    expect(refusal(AGENT, "add-comment", id, ...sealed("too many"), false)).toEqual({ err: 105 });
    expect(refusal(DEPLOYER, "add-comment", id, ...sealed("too many"), true)).toEqual({ err: 105 });
    expect(ticket()["comment-count"]).toBe(100);
    expect(read("get-ticket-comment", id, 99)).toMatchObject({ author: AGENT, "is-staff": true });
    expect(must(ALICE, "update-ticket-status", id, 6)).toBe(true);
  });

  test("five active keys, 64 in all, and none twice", () => {
    const key = (n: number): [string, string, string] => [n.toString(16).padStart(64, "0"), KEY[1], KEY[2]];
    for (let n = 1; n <= 5; n++) expect(must(ALICE, "register-key", ...key(n))).toBe(n);
    expect(refusal(ALICE, "register-key", ...key(6))).toEqual({ err: 115 });
    for (let n = 6; n <= 64; n++) {
      must(ALICE, "revoke-key", n - 5);
      expect(must(ALICE, "register-key", ...key(n))).toBe(n);
    }
    for (let n = 60; n <= 64; n++) must(ALICE, "revoke-key", n);
    expect(refusal(ALICE, "register-key", ...key(65))).toEqual({ err: 115 });
    expect(refusal(ALICE, "register-key", ...key(1))).toEqual({ err: 103 });
    expect(must(BOB, "register-key", ...key(1))).toBe(1);
    expect(read("get-key-count", ALICE)).toBe(64);
  });

  test("ten administrators and never none", () => {
    for (let n = 1; n < 10; n++) must(DEPLOYER, "add-administrator", person(100 + n));
    expect(refusal(DEPLOYER, "add-administrator", BOB)).toEqual({ err: 116 });
    for (let n = 1; n < 10; n++) must(DEPLOYER, "remove-administrator", person(100 + n));
    expect(refusal(DEPLOYER, "remove-administrator", DEPLOYER)).toEqual({ err: 106 });
    must(DEPLOYER, "add-administrator", BOB);
    expect(must(DEPLOYER, "remove-administrator", DEPLOYER)).toBe(true);
    expect(refusal(BOB, "remove-administrator", BOB)).toEqual({ err: 106 });
  });
});

describe("people", () => {
  test("an agent who is removed acts on his tickets no more, and does again when he is back", () => {
    const id = assigned();
    must(DEPLOYER, "remove-staff-member", AGENT);
    expect(refusal(AGENT, "update-ticket-status", id, 3)).toEqual({ err: 100 });
    expect(refusal(AGENT, "add-comment", id, ...sealed(2), false)).toEqual({ err: 100 });
    expect(refusal(DEPLOYER, "assign-ticket", id, AGENT)).toEqual({ err: 111 });
    expect(read("can-manage-ticket", id, AGENT)).toBe(false);
    expect(ticket().assignee).toBe(AGENT);
    must(DEPLOYER, "add-staff-member", AGENT);
    expect(must(AGENT, "update-ticket-status", id, 3)).toBe(true);
  });

  test("can-manage-ticket is its owner, its assignee and every administrator", () => {
    const id = assigned();
    const can = [ALICE, AGENT, DEPLOYER, BOB].map((who) => read("can-manage-ticket", id, who));
    expect(can).toEqual([true, true, true, false]);
  });

  test("a staff member becomes an administrator and has one role", () => {
    must(DEPLOYER, "add-staff-member", AGENT);
    must(DEPLOYER, "add-administrator", AGENT);
    expect([read("is-staff", AGENT), read("is-administrator", AGENT)]).toEqual([false, true]);
    expect(refusal(DEPLOYER, "add-staff-member", AGENT)).toEqual({ err: 103 });
    expect(refusal(DEPLOYER, "remove-staff-member", AGENT)).toEqual({ err: 111 });
    must(DEPLOYER, "remove-administrator", AGENT);
    expect([read("is-staff", AGENT), read("is-administrator", AGENT)]).toEqual([false, false]);
  });

  test("the owner hands over in two steps and can do nothing but add an administrator", () => {
    must(DEPLOYER, "propose-owner", BOB);
    must(DEPLOYER, "propose-owner", ALICE);
    expect(refusal(BOB, "accept-owner")).toEqual({ err: 100 });
    expect(refusal(ALICE, "propose-owner", ALICE)).toEqual({ err: 100 });
    expect(must(ALICE, "accept-owner")).toBe(true);
    expect(refusal(ALICE, "accept-owner")).toEqual({ err: 100 });
    expect(refusal(DEPLOYER, "propose-owner", DEPLOYER)).toEqual({ err: 100 });
    const id = create(BOB);
    expect(refusal(ALICE, "assign-ticket", id, DEPLOYER)).toEqual({ err: 100 });
    expect(refusal(ALICE, "add-staff-member", OTHER)).toEqual({ err: 100 });
    expect(refusal(ALICE, "remove-administrator", DEPLOYER)).toEqual({ err: 100 });
    expect(must(ALICE, "add-administrator", OTHER)).toBe(true);
    // An owner without a role is a customer.
    expect(create(ALICE, 2)).toBe(2);
  });
});

describe("events", () => {
  test("one for each state change, in exactly this shape", () => {
    const at = now();
    const base = { v: 1, at };
    const printed = (who: string, name: PublicName, ...args: Plain[]) => call(who, name, ...args).events;
    const [hash, bytes] = sealed(1);
    must(DEPLOYER, "add-administrator", OTHER);
    expect(printed(DEPLOYER, "add-staff-member", AGENT)).toEqual([{ event: "staff-member-added", ...base, address: AGENT, by: DEPLOYER }]);
    expect(printed(ALICE, "create-ticket", "technical", 2, hash, bytes)).toEqual([
      { event: "ticket-created", ...base, "ticket-id": 1, owner: ALICE, category: "technical", priority: 2, "payload-hash": hash, payload: bytes },
    ]);
    expect(printed(DEPLOYER, "assign-ticket", 1, AGENT)).toEqual([
      { event: "ticket-assigned", ...base, "ticket-id": 1, assignee: AGENT, by: DEPLOYER },
    ]);
    expect(printed(AGENT, "add-comment", 1, hash, bytes, false)).toEqual([
      { event: "ticket-commented", ...base, "ticket-id": 1, index: 0, author: AGENT, "is-staff": true, internal: false, "payload-hash": hash, payload: bytes },
      { event: "ticket-status-changed", ...base, "ticket-id": 1, from: 2, to: 3, by: AGENT },
    ]);
    expect(printed(AGENT, "set-ticket-priority", 1, 4)).toEqual([
      { event: "ticket-priority-changed", ...base, "ticket-id": 1, from: 2, to: 4, by: AGENT },
    ]);
    expect(printed(ALICE, "grant-access", 1, "0a0b")).toEqual([{ event: "access-granted", ...base, "ticket-id": 1, by: ALICE, grants: "0a0b" }]);
    expect(printed(AGENT, "update-ticket-status", 1, 5)).toEqual([
      { event: "ticket-status-changed", ...base, "ticket-id": 1, from: 3, to: 5, by: AGENT },
    ]);
    expect(printed(ALICE, "register-key", ...KEY)).toEqual([
      { event: "key-registered", ...base, address: ALICE, version: 1, "public-key": KEY[0], "signing-key": KEY[1], proof: KEY[2] },
    ]);
    expect(printed(ALICE, "revoke-key", 1)).toEqual([{ event: "key-revoked", ...base, address: ALICE, version: 1 }]);
    for (const [who, name, event] of [
      [DEPLOYER, "remove-staff-member", "staff-member-removed"],
      [DEPLOYER, "add-administrator", "administrator-added"],
      [DEPLOYER, "remove-administrator", "administrator-removed"],
      [DEPLOYER, "propose-owner", "owner-proposed"],
    ] as const) expect(printed(who, name, AGENT)).toEqual([{ event, ...base, address: AGENT, by: DEPLOYER }]);
    expect(printed(AGENT, "accept-owner")).toEqual([{ event: "owner-changed", ...base, address: AGENT, by: AGENT }]);
  });

  test("a refusal prints nothing", () => {
    expect(call(DEPLOYER, "create-ticket", "technical", 2, ...sealed(1)).events).toEqual([]);
  });
});
