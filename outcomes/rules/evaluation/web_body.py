"""A stored report of HTML without its head, to stand in a page of the program."""

import re

_MAIN = re.compile(r'<main class="hat-report">(.*)</main>', re.DOTALL)


def body_of(html: str) -> str:
    """The pages of a stored file without its head, to stand in a page of the program."""
    found = _MAIN.search(html)
    if found is None:
        raise ValueError("this is no report of ours")
    return found[1]
