"""The words that are read to a person before they say yes. Written by us, to be approved by the clinic.

A wording never changes once somebody agreed to it: a new text is a new version, at the end of its list.
"""

from __future__ import annotations

from dataclasses import dataclass

from patients.rules.consents import Purpose

STANDING = "Draft wording, to be approved by the clinic"


@dataclass(frozen=True, slots=True)
class Wording:
    """One text for one purpose. `after_withdrawal` says what follows when the person takes it back."""

    purpose: Purpose
    version: str
    sentences: tuple[str, ...]
    after_withdrawal: str


WORDINGS: tuple[Wording, ...] = (
    Wording(
        Purpose.TREATMENT,
        "2026-11",
        (
            "The treatment is diamorphine, which is heroin made as a medicine. I inject it here, while staff "
            "watch over me, and I stay until they say that I am safe to leave.",
            "It can slow my breathing or stop it. Other drugs and alcohol make that more likely, so staff check "
            "me before each dose and may give less, later, or none.",
            "I was told of the other treatments I could have. I may stop at any time, and I will still be "
            "treated with respect.",
        ),
        "No dose is given any more from that moment. Help with everything else goes on.",
    ),
    Wording(
        Purpose.PHOTO,
        "2026-11",
        (
            "The clinic keeps a photo of my face so that nobody is given my dose, and I am given nobody else's.",
            "Only staff who treat or help me see it. It leaves the clinic with nobody.",
        ),
        "The photo is hidden everywhere from that moment. Treatment goes on without it.",
    ),
    Wording(
        Purpose.EVALUATION,
        "2026-11",
        (
            "Numbers about how the clinic is doing are made from everybody's records, mine among them.",
            "No report names me or describes me.",
        ),
        "Treatment and help go on as before.",
    ),
    Wording(
        Purpose.RESEARCH,
        "2026-11",
        (
            "Researchers may ask me, through the clinic, whether I want to take part in a study.",
            "Each study asks me again. I can say no to any of them.",
        ),
        "Nobody asks about studies any more. Treatment and help go on as before.",
    ),
    Wording(
        Purpose.SHARING,
        "2026-11",
        (
            "The clinic may tell this agency when I had sessions that it helps me with, whether I came, and the "
            "next step we agreed.",
            "It tells them nothing of my medicine, my health or my tests.",
        ),
        "Nothing more is told to this agency. Treatment goes on as before.",
    ),
    Wording(
        Purpose.DOSES,
        "2026-11",
        (
            "When this agency has me in custody, on its ward or at its counter, the clinic may tell it which doses of "
            "diamorphine and oral medicine I was given in the last week, the last injection, and what is ordered.",
            "It tells them nothing else of my health or my tests. A yes to sharing my sessions is no yes to this.",
        ),
        "Nothing of their doses is told to this agency on this consent. Treatment goes on as before.",
    ),
    Wording(
        Purpose.NDTMS,
        "2026-11",
        (
            "The clinic may send facts of my treatment to the national dataset of drug treatment: my initials, date of "
            "birth and sex, who referred me and when, when I came and left and why I left, where I live, whether I "
            "work, and what I answer in outcome forms, with their days and stages.",
            "It may also say whether a hepatitis B vaccination or a hepatitis C test is due, offered or done for me, "
            "and whether I have a naloxone kit that is in date.",
            "In place of my name stands a reference that only the clinic can trace to me. The clinic sends no name, no "
            "address, no dose and no result of a test. I am treated the same if I say no.",
        ),
        "They are left out of every file that is made from that moment. Treatment goes on as before.",
    ),
    Wording(
        Purpose.NDTMS,
        "2026-11.2",
        (
            "The clinic may send facts of my treatment to the national dataset of drug treatment: which clinic it is, my "
            "initials, date of birth and sex, the first half of my postcode, who referred me and when, when I came and "
            "left and why I left, where I live, whether I work, and what I answer in outcome forms, with their days and "
            "stages.",
            "It may also say which kinds of help I came for, whether a hepatitis B vaccination or a hepatitis C test is "
            "due, offered or done for me, and whether I have a naloxone kit that is in date.",
            "In place of my name stands a reference that only the clinic can trace to me. The clinic sends no name, no "
            "whole address, no dose and no result of a test. I am treated the same if I say no.",
        ),
        "They are left out of every file that is made from that moment. Treatment goes on as before.",
    ),
    Wording(
        Purpose.POLICE,
        "2026-11",
        (
            "This police force may send the clinic the offences that it recorded for me, before and during my treatment: "
            "the kind of offence and the day.",
            "So that it finds mine, the clinic gives the force a reference for me. By that the force learns that I come "
            "here. It learns nothing of my medicine, my health or my tests.",
            "The offences are counted in the clinic's reports, which name nobody, and are read by the staff whom the "
            "agreement with the force names. They change nothing about my treatment. I am treated the same if I say no.",
        ),
        "No more of their offences come in, none is shown, and later reports count none of them. What the force was told "
        "cannot be taken back. Treatment goes on as before.",
    ),
)


def current_wording(purpose: Purpose) -> Wording:
    """Return the newest wording for a purpose."""
    return [wording for wording in WORDINGS if wording.purpose is purpose][-1]


def find_wording(purpose: Purpose, version: str) -> Wording | None:
    """Return the wording that somebody agreed to, or None for a version that never was."""
    return next((one for one in WORDINGS if one.purpose is purpose and one.version == version), None)
