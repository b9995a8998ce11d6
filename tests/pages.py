"""What two answers must agree in before a reader could not tell them apart, and what a page is sealed with."""

from __future__ import annotations

import re
from typing import Any

DRAWN_ANEW = re.compile(r'csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"|<time [^>]*data-hat-clock>[^<]*')
PRINTED_AT = re.compile(r"(Printed [^<]* at) \d\d:\d\d")


def shown(answer: Any) -> str:
    """Return a page without what is drawn anew for each: the token, the nonce, the minute it is printed at."""
    return alike(answer.content.decode())


def alike(page: str) -> str:
    """Return the text of a page without what is drawn anew for each."""
    return PRINTED_AT.sub(r"\1", DRAWN_ANEW.sub("", page))


def seal_of(answer: Any) -> str | None:
    """Return the first seal that a page carries, as a browser sends it along."""
    found = re.search(r'name="seal" value="([^"]+)"', answer.content.decode())
    return found[1] if found else None


def hidden_fields(answer: Any) -> dict[str, str]:
    """Return the key and the seal that a form carries, as a browser sends them along."""
    found = dict(re.findall(r'name="(key|seal)" value="([^"]+)"', answer.content.decode()))
    assert set(found) == {"key", "seal"}, "the page holds no sealed form"
    return found
