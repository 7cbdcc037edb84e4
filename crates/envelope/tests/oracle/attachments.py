"""Known answers of docs/spec/workday.md, "Attachments", made with PyNaCl and hashlib: python3 attachments.py > vectors/envelope/attachments.json

Written from the page alone; shares no code with this workspace.
"""

import hashlib
import hmac
import json
import math

from nacl.bindings import crypto_secretbox

PREFIX = b"sealdesk/attachment/1/"
CHUNK = 1 << 20


def u32(number):
    return number.to_bytes(4, "big")


def u64(number):
    return number.to_bytes(8, "big")


def labelled(label):
    whole = PREFIX + label
    return bytes([len(whole)]) + whole


def d(label, *fields):
    return hashlib.sha256(labelled(label) + b"".join(fields)).digest()


def m(key, label, *fields):
    return hmac.new(key, labelled(label) + b"".join(fields), hashlib.sha256).digest()


def padme(length):
    e = int(math.floor(math.log2(length)))
    s = int(math.floor(math.log2(e))) + 1
    z = e - s
    return -(-length // 2**z) * 2**z


def sealed(key, message):
    size = padme(max(4096, len(message) + 1))
    padded = message + b"\x80" + bytes(size - len(message) - 1)
    algorithm = b"X25519-XSALSA20-POLY1305"
    header = u32(1) + u32(len(algorithm)) + algorithm + u64(size) + u32(CHUNK)
    box_key = m(key, b"payload", header)
    chunks = [padded[at : at + CHUNK] for at in range(0, size, CHUNK)]
    pieces = []
    for number, chunk in enumerate(chunks):
        last = bytes([1 if number == len(chunks) - 1 else 0])
        nonce = d(b"nonce", header, u64(number), last)[:24]
        pieces.append(crypto_secretbox(chunk, nonce, box_key))
    blobs = [hashlib.sha256(piece).digest() for piece in pieces]
    root = d(b"blobs", header, u32(len(blobs)), *blobs)
    return size, header, pieces, blobs, root


def vector(name, number, size):
    key = hashlib.sha256(b"attachment key %d" % number).digest()
    message = bytes((i * 31 + i // 251) % 256 for i in range(size))
    padded, header, pieces, blobs, root = sealed(key, message)
    return {
        "name": name,
        "key": key.hex(),
        "size": size,
        "padded": padded,
        "header": header.hex(),
        "begins": pieces[0][:32].hex(),
        "blobs": [blob.hex() for blob in blobs],
        "root": root.hex(),
    }


CASES = [
    ("an empty file", 0),
    ("one byte", 1),
    ("the largest file of the smallest size", 4095),
    ("one byte more than that", 4096),
    ("a page of text", 9000),
    ("a whole piece with its mark", CHUNK - 1),
    ("a mark that stands in a second piece", CHUNK),
    ("two pieces and a bit", 2 * CHUNK + 12345),
    ("eleven pieces", 10 * CHUNK + 65536),
]

print(json.dumps({"attachments": [vector(n, i, s) for i, (n, s) in enumerate(CASES)]}, indent=1))
