"""Money and work: benefits, papers, a bank account, work, courses and debts, each as a state since a day.

A sum nobody knows is left empty and is never zero. Which states there are is our own choice, unverified.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from hat_clinic.core.decisions import Decision, Finding, block

PRODUCT: Final = "product W 6"
# More than a hundred thousand pounds is a slip of the key.
MOST_POUNDS: Final = 100_000


class MoneyTopic(StrEnum):
    """What a line is about."""

    BENEFIT = "benefit"
    WORK = "work"
    EDUCATION = "education"
    DEBT = "debt"
    PAPERS = "papers"
    BANK = "bank"

    @property
    def label(self) -> str:
        """The topic as a heading."""
        return _TOPIC_WORDS[self]


_TOPIC_WORDS: Final = {
    MoneyTopic.BENEFIT: "Benefits",
    MoneyTopic.WORK: "Work",
    MoneyTopic.EDUCATION: "Courses",
    MoneyTopic.DEBT: "Debts",
    MoneyTopic.PAPERS: "Identity papers",
    MoneyTopic.BANK: "Bank account",
}

# The states of each topic: codes are stored, words may be improved.
STATES: Final[dict[MoneyTopic, dict[str, str]]] = {
    MoneyTopic.BENEFIT: {
        "needed": "Needs it, not claimed yet",
        "claimed": "Claimed",
        "awarded": "Awarded",
        "refused": "Refused",
        "sanctioned": "Cut or stopped",
        "ended": "Ended",
    },
    MoneyTopic.WORK: {
        "paid_regular": "Regular paid work",
        "paid_irregular": "Paid work now and then",
        "voluntary": "Unpaid or voluntary work",
        "seeking": "Looking for work",
        "sick": "Too ill to work",
        "caring": "Looks after home or family",
        "retired": "Retired",
        "not_seeking": "Not working, not looking",
        "not_said": "Does not want to say",
    },
    MoneyTopic.EDUCATION: {
        "wanted": "Wants a course",
        "college": "At college or school",
        "training": "Training or apprenticeship",
        "completed": "Completed a course",
        "stopped": "Stopped a course",
        "not_wanted": "No course, none wanted",
    },
    MoneyTopic.DEBT: {
        "owed": "Owed, no plan",
        "plan": "Paid off by a plan",
        "paid": "Paid in full",
        "written_off": "Written off",
    },
    MoneyTopic.PAPERS: {"missing": "Has none", "applied": "Applied for", "there": "Has them"},
    MoneyTopic.BANK: {"missing": "Has none", "applied": "Applied for", "there": "Has one"},
}
# What a benefit or a debt is; the other topics have no kinds.
KINDS: Final[dict[MoneyTopic, dict[str, str]]] = {
    MoneyTopic.BENEFIT: {
        "universal_credit": "Universal Credit",
        "pip": "Personal Independence Payment",
        "esa": "Employment and Support Allowance",
        "housing_benefit": "Housing Benefit",
        "council_tax": "Council tax reduction",
        "pension": "Pension",
        "other_benefit": "Another benefit",
    },
    MoneyTopic.DEBT: {
        "rent": "Rent",
        "council": "Council tax",
        "utility": "Gas, power or water",
        "fine": "Court fine",
        "overpaid": "Benefit paid back",
        "loan": "Loan, card or catalogue",
        "phone": "Phone",
        "lender": "Somebody who lends money",
        "other_debt": "Another debt",
    },
}
OPEN_DEBT: Final = frozenset({"owed", "plan"})


@dataclass(frozen=True, kw_only=True, slots=True)
class MoneySaid:
    """One line as it was tapped and typed. `about` names the debt it goes on with, None for a new one.

    `pounds` is None where nobody knows.
    """

    topic: MoneyTopic
    state: str
    on: date
    kind: str = ""
    pounds: int | None = None
    about: uuid.UUID | None = None

    @property
    def begins_a_debt(self) -> bool:
        """Whether a debt begins with this line."""
        return self.topic is MoneyTopic.DEBT and self.about is None


def may_record_money(
    said: MoneySaid,
    *,
    today: date,
    born_on: date | None,
    debt_since: date | None,
    day_is_taken: bool,
    goes_on_from: date | None = None,
) -> Decision:
    """Decide whether a line may be stored, with every reason against it.

    `debt_since` is when the debt that it goes on with began (None: none, or unknown). `day_is_taken`: another line
    that counts says something of the same on the same day. `goes_on_from` is the day of the first line that goes on
    with the debt that this one begins (None: no line does).
    """
    if said.state not in STATES[said.topic]:
        return Decision.of([block("money_state_unknown", "Tap how it stands.", PRODUCT)])
    return Decision.of(
        [
            block("money_in_future", "That day has not come yet. Write it down once it is so.", PRODUCT)
            if said.on > today
            else None,
            block("money_before_birth", "That day is before this person was born. Check the year.", PRODUCT)
            if born_on is not None and said.on < born_on
            else None,
            _kind(said),
            _sum(said),
            _debt(said, debt_since),
            _start(said, goes_on_from),
            block(
                "money_day_taken",
                f"Another line already begins on {said.on:%-d %B %Y}. Correct that line instead.",
                PRODUCT,
            )
            if day_is_taken
            else None,
        ]
    )


def may_amend_money(first: MoneySaid, said: MoneySaid) -> Decision:
    """Decide whether a line may be written again as another: it stays with its topic and its debt."""
    stays = (first.topic, first.about) == (said.topic, said.about)
    message = "A correction stays with the same debt. Strike this line out and write a new one."
    return Decision.of([block("money_other_debt", message, PRODUCT) if not stays else None])


def _kind(said: MoneySaid) -> Finding | None:
    kinds = KINDS.get(said.topic, {})
    if said.about is not None:
        message = "This goes on with a debt that is known: take the kind out, or say that it is a new debt."
        return block("money_kind_not_asked", message, PRODUCT) if said.kind else None
    if not kinds:
        return (
            block("money_kind_not_asked", "This has no kinds. Take it out.", PRODUCT) if said.kind else None
        )
    if said.kind not in kinds:
        message = (
            "Tap which benefit it is." if said.topic is MoneyTopic.BENEFIT else "Tap what the debt is for."
        )
        return block("money_kind_missing", message, PRODUCT)
    return None


def _sum(said: MoneySaid) -> Finding | None:
    if said.pounds is None:
        return None
    if said.topic is not MoneyTopic.DEBT or said.state not in OPEN_DEBT:
        return block("money_sum_not_asked", "Only a debt that is open has a sum. Take it out.", PRODUCT)
    if said.pounds == 0:
        message = (
            "Write what is owed, or leave it empty where nobody knows. A debt of nothing is “Paid in full”."
        )
        return block("money_sum_zero", message, PRODUCT)
    if said.pounds > MOST_POUNDS:
        return block("money_sum_large", "That is more than 100,000 pounds. Check the sum.", PRODUCT)
    return None


def _start(said: MoneySaid, goes_on_from: date | None) -> Finding | None:
    if goes_on_from is None or said.on <= goes_on_from:
        return None
    message = f"Another line of this debt stands on {goes_on_from:%-d %B %Y}, before that day. Check the day."
    return block("money_start_late", message, PRODUCT)


def _debt(said: MoneySaid, debt_since: date | None) -> Finding | None:
    if said.topic is not MoneyTopic.DEBT:
        message = "Only a debt goes on with another one."
        return block("money_about_not_asked", message, PRODUCT) if said.about is not None else None
    if said.about is None:
        if said.state in OPEN_DEBT:
            return None
        message = "A debt begins as owed, or as paid off by a plan. Tap which debt this ends."
        return block("money_about_missing", message, PRODUCT)
    if debt_since is None:
        return block("money_about_gone", "Tap one that stands in the list.", PRODUCT)
    if said.on < debt_since:
        message = f"That debt began on {debt_since:%-d %B %Y}, after that day. Check the day."
        return block("money_about_later", message, PRODUCT)
    return None
