"""A paper pack that was written on while the computer was off, and its lines entered afterwards.

What is not written is present and acceptable: identity by two items and a clean check stand on the paper.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from dosing.actions.paper import PaperPins, PaperRefused, enter_line
from dosing.models import Batch, DowntimePack
from dosing.queries.paper import find_signing, get_known_of_line
from dosing.rules.checks import CheckAnswers, Readings, Sedation
from dosing.rules.orders import Product
from dosing.rules.paper import DoseOnPaper, OnLine, PaperEntry
from hat_clinic.accounts.actions import PinRefused
from hat_clinic.core.decisions import Decision, Level, note
from hat_clinic.scenarios import room
from hat_clinic.scenarios.reading import Content, NotBuilt, moment
from hat_clinic.scenarios.results import Result, barred, refused, saved
from hat_clinic.scenarios.world import House, World

CLEAN = CheckAnswers(
    readings=Readings(Sedation.ALERT, 14, 97, 72),
    alcohol_ug=0,
    took_other_drugs=False,
    oral_as_ordered=True,
    is_intoxicated=False,
    sites_are_well=True,
)
# How long before the first line of a pack it was made.
BEFORE = timedelta(minutes=5)


def outage(world: World, fact: Content, at: datetime) -> None:
    """Say that the computer was off: nothing is written by it."""


def paper(world: World, fact: Content, at: datetime) -> None:
    """Keep what was written by hand, with the pack that it was written on."""
    house = world.home(fact["patient"])
    room.open_day(world, house, at)
    on, slot = world.session_of(fact["patient"], fact["session"], at)
    person_id = world.episode(fact["patient"]).person_id
    numbers = DowntimePack.objects.filter(clinic=house.clinic).count()
    pack = DowntimePack.objects.create(
        clinic=house.clinic,
        number=numbers + 1,
        service_date=on,
        slot=slot,
        people=[person_id],
        made_at=at - BEFORE,
        made_by=world.user(fact["by"]),
    )
    world.papers[fact["ref"]] = (pack, fact)


def back_enter(world: World, content: Content, at: datetime) -> Result:
    """Enter what was written by hand, signed by who enters it and by a second."""
    unknown = set(content) - {"by", "second", "at", "paper"}
    references = content["paper"] if isinstance(content["paper"], list) else [content["paper"]]
    if unknown or any(one not in world.papers for one in references):
        raise NotBuilt("back_enter of a paper that the facts do not name")
    results = [_enter(world, content, *world.papers[one], at) for one in references]
    return max(results, key=lambda one: one.reply != "saved")


def _enter(world: World, content: Content, pack: DowntimePack, fact: Content, at: datetime) -> Result:
    house, written_at = world.home(fact["patient"]), moment(fact["at"])
    signers = _signers(content, fact)
    # Whoever did it signs in their own place; the other signs in the place that is left.
    giver, witness = signers if fact["by"] == signers[0] or fact["witness"] == signers[1] else signers[::-1]
    batch = _batch(house, fact["mg"], fact["ampoules"])
    entry = PaperEntry(
        OnLine.GIVEN,
        world.episode(fact["patient"]).person_id,
        dose=DoseOnPaper(
            given_mg=fact["mg"],
            wasted_mg=max(0, fact["ampoules"] * batch.line.strength_mg - fact["mg"]),
            ampoules=fact["ampoules"],
            batch_id=batch.id,
            route="iv",
            site="left_arm",
            started_at=written_at,
            ended_at=written_at,
            giver_id=world.user(fact["by"]).id,
            witness_id=world.user(fact["witness"]).id,
            is_identified=True,
            check=CLEAN,
        ),
    )
    pins = PaperPins(
        giver_id=world.user(giver).id,
        giver_pin=world.pin(giver, at),
        terminal_id=world.terminal(house, at).id,
        witness_id=world.user(witness).id,
        witness_pin=world.pin(witness, at),
        away_reason="" if {giver, witness} == {fact["by"], fact["witness"]} else "Not in the house.",
    )
    signing = find_signing(
        clinic=house.clinic,
        entry=entry,
        names=(pins.giver_id, pins.witness_id),
        away_reason=pins.away_reason,
        at=at,
    )
    if isinstance(signing, Decision):
        return refused(signing)
    found = get_known_of_line(clinic=house.clinic, pack=pack, entry=entry, signing=signing).decision
    try:
        line = enter_line(
            clinic=house.clinic,
            pack=pack,
            line=1,
            entry=entry,
            pins=pins,
            by=world.user(content["by"]),
            at=at,
        )
    except PinRefused as refusal:
        return barred(str(refusal))
    except PaperRefused as refusal:
        return refused(refusal.decision)
    if not line.is_contested:
        return saved(found)
    # What a rule would have refused is stored, and told as what somebody has to look at.
    told = Decision(
        tuple(one if one.level is Level.WARN else note(one.code, one.message, one.source) for one in found)
    )
    marked = saved(told)
    return Result(decision=marked.decision, reply="saved_and_marked", told=marked.told)


def _signers(content: Content, fact: Content) -> tuple[str, str]:
    """Return who enters and who signs second: the witness on paper where nobody else is written."""
    second: str = content["second"] if "second" in content else fact["witness"]
    return content["by"], second


def _batch(house: House, mg: int, ampoules: int) -> Batch:
    """Return the batch whose ampoules hold the dose with the least waste; else the one that holds most."""
    kept = Batch.objects.select_related("line").filter(
        line__premises=house.premises, line__product=Product.DIAMORPHINE
    )
    by_waste = sorted(
        kept, key=lambda one: (ampoules * one.line.strength_mg < mg, ampoules * one.line.strength_mg)
    )
    if not by_waste:
        raise NotBuilt("a dose on paper in a house without stock")
    return by_waste[0]


def get_ready(world: World, content: Content, at: datetime) -> None:
    """Open the terminal and choose the PINs of both who sign."""
    references = content["paper"] if isinstance(content["paper"], list) else [content["paper"]]
    for reference in references:
        if reference in world.papers:
            _, fact = world.papers[reference]
            world.terminal(world.home(fact["patient"]), at)
            for name in _signers(content, fact):
                world.pin(name, at)


FACTS: dict[str, Callable[[World, Content, datetime], None]] = {"outage": outage, "paper": paper}
