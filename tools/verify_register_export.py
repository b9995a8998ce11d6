#!/usr/bin/env python3
"""Verify an exported controlled-drug register without HAT Clinic: Python's standard library and this file alone.

verify_register_export.py EXPORT [--public-key BASE64 --checkpoint FILE ...] [--code CODE ...]: exit 0 whole, and as
every checkpoint and code says; 1 altered, cut or restored, the first bad line first; 2 it cannot be told, because a
file cannot be read or a signature is not by that key. docs/manual/verifier.md explains it.
"""

import argparse
import base64
import hashlib
import json
import sys
from pathlib import Path

# What is hashed, by version; a later program may hash more, and its names go beside these.
HASHED = {
    "hat-register/1": "line seq id kind ampoules drawn_mg given_mg wasted_mg balance patient identity order prescriber"
    " entered_by witness reference occurred_at recorded_at key injection previous_hash"
}
LIFE, KEPT = "hat-incarnation/2", "hat-checkpoint/1"
SIGNED = ("version", "origin", "incarnation", "line", "seq", "head_hash", "balance", "made_at")
DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
P, Q = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


# Ed25519, RFC 8032: verification only.
def add(a, b):
    A, B = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    C, E = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    return (B - A) * (E - C) % P, (E + C) * (B + A) % P, (E - C) * (E + C) % P, (B - A) * (B + A) % P


def times(number, point):
    total = (0, 1, 1, 0)
    for digit in bin(number)[2:]:
        total = add(total, total)
        total = add(total, point) if digit == "1" else total
    return total


def point_of(data):
    sign, y = data[31] >> 7, int.from_bytes(data, "little") & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if (x * x - square) % P == 0 else x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        raise ValueError("a key or signature is no point of the curve")
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P


def must_be_signed(key, text, signature, what):
    R, S = signature[:32], int.from_bytes(signature[32:], "little")
    h = int.from_bytes(hashlib.sha512(R + key + text).digest(), "little") % Q
    base = point_of((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
    left, right = times(S, base), add(point_of(R), times(h, point_of(key)))
    if len(signature) != 64 or S >= Q or any((left[i] * right[2] - right[i] * left[2]) % P for i in (0, 1)):
        raise ValueError(f"{what} is not signed by that key")


def prefixed(fields):
    return b"".join(b"-," if one is None else b"%d:%b," % (len(one.encode()), one.encode()) for one in fields)


def code_of(line, seq, digest):
    said = hashlib.sha256(prefixed(["hat-code/1", line, str(seq), digest])).digest()
    number = int.from_bytes(said, "big") >> 181
    digits = "".join(DIGITS[number >> 5 * place & 31] for place in reversed(range(15)))
    values = reversed([DIGITS.index(digit) for digit in str(seq) + digits])
    return f"{seq}{digits}{DIGITS[sum((2 * place + 1) * value for place, value in enumerate(values)) % 32]}"


def read(path):
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines() if line.strip()]


def walk(head, entries):
    """Return (hash, balance) at every line, and what is wrong with the first bad line, if one is."""
    stands = [("0" * 64, 0)]
    for seq, entry in enumerate(entries, start=1):
        names = HASHED[entry["version"]].split()
        digest = hashlib.sha256(prefixed([entry["version"], *(entry[name] for name in names)])).hexdigest()
        balance = stands[-1][1] + int(entry["ampoules"])
        if entry["seq"] != str(seq) or entry["line"] != head["line"]:
            return stands, f"line {seq} is missing, or belongs to another register"
        if entry["previous_hash"] != stands[-1][0] or entry["hash"] != digest:
            return stands, f"line {seq} is not what was written"
        if entry["balance"] != str(balance) or balance < 0:
            return stands, f"line {seq} has a balance that its ampoules do not make"
        stands.append((digest, balance))
    return stands, ""


def fields_of(text):
    """Return the fields of a signed text; only one that is written in just this way is taken."""
    fields, rest = [], text
    while rest:
        length, _, rest = rest.partition(b":")
        fields.append(rest[: int(length)].decode())
        rest = rest[int(length) + 1 :]
    if prefixed(fields) != text:
        raise ValueError("a signed text is no list of fields")
    return fields


def life_of(row, line, key):
    """Return a life's number and where the ledger stood at its begin, as signed; None where it does not name it."""
    text, what = row["text"].encode(), "the record of an incarnation"
    if key is None:
        raise ValueError(f"{what} needs --public-key")
    must_be_signed(key, text, bytes.fromhex(row["signature"]), what)
    version, number, _reason, _time, _by, _second, count, *rest = fields_of(text)
    if version != LIFE or len(rest) <= 3 * int(count):
        raise ValueError(f"{what} is of no version known here")
    heads = [rest[place : place + 3] for place in range(0, 3 * int(count), 3)]
    return int(number), next(((int(seq), digest) for one, seq, digest in heads if one == line), None)


def verify(export, key, checkpoints, codes):
    """Return every sentence against the register, the first bad line first; none when it is whole."""
    head, lives, lines = export[0], {}, export[1:]
    if head["version"] != "hat-register-export/1" or (checkpoints and key is None):
        raise ValueError("no export of a version known here, or checkpoints without --public-key")
    while lines and lines[0]["version"] == LIFE:
        number, stood = life_of(lines.pop(0), head["line"], key)
        if lives.setdefault(number, stood) != stood:
            raise ValueError(f"two records of incarnation {number} differ")
    mine = [one for one in checkpoints if (one["version"], one["line"]) == (KEPT, head["line"])]
    if checkpoints and not mine:
        raise ValueError("no checkpoint given is of this register: nothing was compared")
    stands, wrong = walk(head, lines)
    against, last, newest = [wrong] if wrong else [], len(stands) - 1, max(lives, default=1)
    restores = {number: stood for number, stood in lives.items() if stood is not None}
    for number, (seq, digest) in restores.items():
        if not wrong and (seq > last or stands[seq][0] != digest):
            against.append(f"line {min(seq, last + 1)} is not the one with which incarnation {number} began")
    for one in sorted(mine, key=lambda one: one["seq"]):
        seq, what = one["seq"], f"the checkpoint of line {one['seq']}"
        text = prefixed(str(one[name]) for name in SIGNED)
        must_be_signed(key, text, bytes.fromhex(one["signature"]), what)
        kept = [began for number, (began, _) in restores.items() if number > one["incarnation"]]
        # A life that no record here began ended when an older backup was put back: all of it is lost.
        if seq > min(kept, default=seq) or (kept and one["incarnation"] not in {1, *lives}):
            print(f"note: {what} tells of lines that a recorded restore lost")
        elif seq > last or one["incarnation"] > newest:
            against.append(f"line {last + 1} is missing or other: {what} cannot be of it; restored or cut")
        elif stands[seq] != (one["head_hash"], one["balance"]):
            against.append(f"line {seq}, or one before it, is not what {what} of {one['made_at']} tells")
    known = {code_of(head["line"], seq, digest) for seq, (digest, _) in enumerate(stands)} if codes else set()
    gone = [typed for typed in codes if typed.upper().replace("-", "").replace(" ", "") not in known]
    return against + [f"no line has the code {typed}: changed, cut, or mistyped" for typed in gone]


def main(words=None):
    parser = argparse.ArgumentParser(description="Verify an exported controlled-drug register.")
    parser.add_argument("export")
    parser.add_argument("--public-key")
    parser.add_argument("--checkpoint", action="append", default=[])
    parser.add_argument("--code", action="append", default=[])
    given = parser.parse_args(words)
    try:
        key = base64.b64decode(given.public_key, validate=True) if given.public_key else None
        export, checkpoints = read(given.export), [one for path in given.checkpoint for one in read(path)]
        against = verify(export, key, checkpoints, given.code)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        print(f"CANNOT TELL: {type(error).__name__}: {error}")
        return 2
    print(*[f"NOT WHOLE: {sentence}" for sentence in against], sep="\n", end="\n" if against else "")
    mine = [one for one in checkpoints if (one["version"], one["line"]) == (KEPT, export[0]["line"])]
    lines = sum(one["version"] in HASHED for one in export)
    compared = f"{lines} lines, {len(mine)} checkpoints, {len(given.code)} codes"
    print(f"Compared: {compared}" if against else f"WHOLE: {compared}")
    return 1 if against else 0


if __name__ == "__main__":
    sys.exit(main())
