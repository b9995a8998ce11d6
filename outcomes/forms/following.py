"""What came of a follow-up, as it is typed."""

from __future__ import annotations

from typing import Any

from outcomes.forms.fields import SealedForm, line
from outcomes.rules.support import LONGEST_LINE


class CloseFollowUp(SealedForm):
    """One line: what came of it. A follow-up is closed once, whatever the key."""

    FIELD_OF = {"follow_up_says_nothing": "how", "follow_up_long_line": "how"}

    how = line("What came of it?", longest=LONGEST_LINE, hint="Such as: spoke to them, coming on Thursday.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].required = False
        self.lay_out("how", save="It is done")
