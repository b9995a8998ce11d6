"""The comparison of two answers forgets what each has of its own, and nothing else."""

from __future__ import annotations

import pytest
from django.http import HttpResponse

from tests.pages import shown

PAGE = """<input name="csrfmiddlewaretoken" value="{own}"><script nonce="{own}"></script>
<p>Given at 11:59 today</p><time datetime="{at}" data-hat-clock>{at}</time>
<p class="hat-print-only">Printed by Nia Okafor on 1 May 2026 at {at}. Demo: invented people</p>"""


def page(own: str = "a", at: str = "11:59", text: str = PAGE) -> str:
    return shown(HttpResponse(text.format(own=own, at=at)))


class TestTwoAnswers:
    def test_are_the_same_when_only_token_and_minute_differ(self) -> None:
        assert page() == page(own="b", at="12:00")

    @pytest.mark.parametrize(
        ("mine", "theirs"), [("11:59 today", "12:00 today"), ("Nia Okafor", "Rowan Hale")]
    )
    def test_differ_in_everything_else(self, mine: str, theirs: str) -> None:
        assert page() != page(text=PAGE.replace(mine, theirs))
