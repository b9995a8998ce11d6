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


def verify(export, key, checkpoints, codes):
    """Return every sentence against the register, the first bad line first; none when it is whole."""
    head, lives, lines = export[0], [], export[1:]
    if head["version"] != "hat-register-export/1" or (checkpoints and key is None):
        raise ValueError("no export of a version known here, or checkpoints without --public-key")
    while lines and lines[0]["version"] == "hat-incarnation/1":
        lives.append(lines.pop(0))
        life = lives[-1]
        text, what = life["text"].encode(), f"the record of incarnation {life['number']}"
        must_be_signed(key or bytes(32), text, bytes.fromhex(life["signature"]), what)
        says = life["seq"] is None or prefixed([head["line"], str(life["seq"])]) in text
        if not says or not text.startswith(prefixed(["hat-incarnation/1", str(life["number"])])):
            raise ValueError(f"{what} does not say what stands beside it")
    stands, wrong = walk(head, lines)
    against, last = [wrong] if wrong else [], len(stands) - 1
    for one in sorted(checkpoints, key=lambda one: one["seq"]):
        if one["version"] != "hat-checkpoint/1" or one["line"] != head["line"]:
            continue
        seq, what = one["seq"], f"the checkpoint of line {one['seq']}"
        text = prefixed(str(one[name]) for name in SIGNED)
        must_be_signed(key, text, bytes.fromhex(one["signature"]), what)
        kept = [life["seq"] or 0 for life in lives if life["number"] > one["incarnation"]]
        if seq > min(kept, default=seq):
            print(f"note: {what} tells of lines that a recorded restore lost")
        elif seq > last or one["incarnation"] > head["incarnation"]:
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
    compared = f"{len(export) - 1} lines, {len(checkpoints)} checkpoints, {len(given.code)} codes"
    print(f"Compared: {compared}" if against else f"WHOLE: {compared}")
    return 1 if against else 0


if __name__ == "__main__":
    sys.exit(main())
