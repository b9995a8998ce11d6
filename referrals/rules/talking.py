"""What clinic and agency may say to each other about a referral, and how long a draft waits.

Source: product R 5; trust design 7.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from hat_clinic.core.decisions import Decision, Finding, block

MESSAGE_LENGTH: Final = 500
DRAFT_LASTS: Final = timedelta(days=14)


class Question(StrEnum):
    """What a clinic may ask an agency. A fixed list, so that no question tells anything of health or treatment."""

    IDENTITY = "identity"
    REACH = "reach"
    CONCERN = "concern"
    TREATMENTS = "treatments"
    OTHERS = "others"
    RELEASE = "release"
    CONSENT = "consent"
    RING = "ring"

    @property
    def label(self) -> str:
        """The question as the agency reads it."""
        return _QUESTIONS[self]


_QUESTIONS = {
    Question.IDENTITY: "Please check the names, the date of birth and the NHS number.",
    Question.REACH: "How can we reach the person now?",
    Question.CONCERN: "What has happened since you sent this?",
    Question.TREATMENTS: "Do you know more of the treatments tried before, and when?",
    Question.OTHERS: "Which other services work with the person?",
    Question.RELEASE: "When is the person expected to be released?",
    Question.CONSENT: "Does the person still agree to be referred?",
    Question.RING: "Please ring us about this referral.",
}


def may_write(*, is_open: bool, text: str | None, tells_no_more: bool = False) -> Decision:
    """Decide whether a message may be added; `text` is None for a question of the clinic.

    Only while nothing is decided, and asked only while the person agrees that the agency is told of it.
    Source: product R 5; trust design 7.
    """
    findings: list[Finding | None] = []
    if text is None and tells_no_more:
        message = (
            "The person does not want the agency told any more. Nothing was asked: speak with the person."
        )
        findings.append(block("tells_no_more", message, "trust design 7"))
    if not is_open:
        message = (
            "This referral was decided already. Nothing was sent. Ring the clinic if something is wrong."
        )
        findings.append(block("decided", message, "product R 5"))
    if text is not None and not text.strip():
        findings.append(block("no_text", "Write something, or go back.", "product R 5"))
    if text is not None and len(text) > MESSAGE_LENGTH:
        message = f"That is {len(text)} characters. Shorten it to {MESSAGE_LENGTH}. Nothing was sent."
        findings.append(block("too_long", message, "product R 5"))
    return Decision.of(findings)


def may_act_for_agency(*, tells_no_more: bool) -> Decision:
    """Decide whether an agency may still change its referral: not once it is told no more of it.

    The answer is the same whatever the clinic has decided, so that it tells nothing. Source: trust design 7.
    """
    if not tells_no_more:
        return Decision()
    message = (
        "The person does not want us to tell you more. Nothing was changed here. Ring the clinic if you must."
    )
    return Decision((block("tells_no_more", message, "trust design 7"),))


def is_draft_alive(*, saved_at: datetime, at: datetime) -> bool:
    """Decide whether a referral that was not sent is still offered to whoever wrote it. Source: product R 5."""
    return at - saved_at < DRAFT_LASTS
