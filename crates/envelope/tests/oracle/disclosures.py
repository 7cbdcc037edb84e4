"""Known answers of docs/receipt.md, "A disclosure": python3 disclosures.py < vectors/envelope/envelope.json > vectors/envelope/disclosures.json

Written from the page alone; shares no code with this workspace. The ciphertexts are those of envelope.json, which another implementation
made, so that nothing is sealed here.
"""

import copy
import hashlib
import json
import sys

PREFIX = b"sealdesk/envelope/3/"
ALGORITHM = b"X25519-XSALSA20-POLY1305"


def u32(number):
    return number.to_bytes(4, "big")


def u64(number):
    return number.to_bytes(8, "big")


def lp(field):
    return u32(len(field)) + field


def d(label, *fields):
    whole = PREFIX + label
    return hashlib.sha256(bytes([len(whole)]) + whole + b"".join(fields)).digest()


def header(context, nonce):
    fields = [lp(context["chain_id"].encode()), lp(context["ticket_id"].encode()), bytes([context["kind"]])]
    fields += [lp(context["sender"].encode()), u64(context["sequence"]), u32(context["index"])]
    return u32(3) + lp(ALGORITHM) + u32(1) + d(b"context", *fields) + nonce


def root(entries):
    fields = [u32(len(entries))]
    for entry in entries:
        key, wrapped = bytes.fromhex(entry["ephemeral_pub_key"]), bytes.fromhex(entry["wrapped_key"])
        fields += [lp(entry["recipient_id"].encode()), lp(entry["algorithm"].encode()), lp(key), lp(wrapped)]
    return d(b"recipients", *fields)


def digest(context, envelope):
    nonce, sealed = bytes.fromhex(envelope["payload_nonce"]), bytes.fromhex(envelope["payload_ciphertext"])
    content = d(b"content", header(context, nonce), u64(len(sealed)), hashlib.sha256(sealed).digest())
    user = bytes.fromhex(envelope.get("user_pub_key") or "")
    return d(b"envelope", content, root(envelope["wrapped_keys"]), lp(envelope["client_id"].encode()), lp(user))


def disclosure(vector):
    context, envelope = vector["context"], vector["envelope"]
    return {
        "disclosure": 1,
        "chain_id": context["chain_id"],
        "ticket_id": context["ticket_id"] or "TKT-00000001",
        "response_index": None if context["kind"] == 1 else 0,
        "content": bytes.fromhex(vector["plaintext"]).decode(),
        "data_key": vector["random"]["dek"],
        "payload_nonce": envelope["payload_nonce"],
        "recipients": root(envelope["wrapped_keys"]).hex(),
        "client_id": envelope["client_id"],
        "user_pub_key": envelope.get("user_pub_key") or "",
    }


def written(fields):
    return json.dumps(fields, indent=2, ensure_ascii=False) + "\n"


def is_text(vector):
    try:
        return bytes.fromhex(vector["plaintext"]).decode() is not None
    except UnicodeDecodeError:
        return False


def flipped(text):
    return ("0" if text[0] != "0" else "1") + text[1:]


def main():
    vectors = [one for one in json.load(sys.stdin)["vectors"] if "of" not in one and is_text(one)]
    cases = []
    for vector in vectors:
        found = digest(vector["context"], vector["envelope"])
        assert found.hex() == vector["digest"], vector["name"]
        case = {"name": vector["name"], "context": vector["context"], "digest": vector["digest"]}
        cases.append({**case, "file": written(disclosure(vector))})
    vector = next(one for one in vectors if one["context"]["kind"] == 2)
    other = next(one for one in vectors if one is not vector)
    good = disclosure(vector)
    refused = [
        ("another text", {**good, "content": good["content"].replace("e", "o", 1)}),
        ("a blank more", {**good, "content": good["content"] + " "}),
        ("the data key of another message", {**good, "data_key": other["random"]["dek"]}),
        ("one bit of the data key", {**good, "data_key": flipped(good["data_key"])}),
        ("another nonce", {**good, "payload_nonce": flipped(good["payload_nonce"])}),
        ("other readers", {**good, "recipients": flipped(good["recipients"])}),
        ("another program", {**good, "client_id": good["client_id"] + "x"}),
        ("a whole other message", disclosure(other)),
        ("hex in capitals", {**good, "data_key": good["data_key"].upper()}),
        ("a field more", {**good, "comment": "believe me"}),
        ("a later form", {**good, "disclosure": 2}),
    ]
    case = {"context": vector["context"], "digest": vector["digest"], "refused": True}
    cases += [{"name": "refused: " + name, **case, "file": written(fields)} for name, fields in refused]
    places = [("chain_id", "desk-ffffffffffffffff"), ("ticket_id", "TKT-00000999"), ("kind", 3)]
    places += [("sender", other["context"]["sender"] + "x"), ("sequence", 999), ("index", 9)]
    for field, value in places:
        context = copy.deepcopy(vector["context"])
        context[field] = value
        case = {"name": "refused: at another " + field, "context": context, "digest": vector["digest"]}
        cases.append({**case, "refused": True, "file": written(good)})
    json.dump({"spec": "docs/receipt.md", "disclosures": cases}, sys.stdout, indent=1, ensure_ascii=False)
    print()


main()
