"""Drawing a dose up, and injecting it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from dosing.rules.authorisations import less_authorised
from dosing.rules.checks import is_fresh
from dosing.rules.doses import dose_findings
from dosing.rules.further import WatchedSince, may_go_in, may_go_on
from dosing.rules.oral_doses import OralBefore, oral_before_injection
from dosing.rules.orders import LONDON
from dosing.rules.sessions import SessionFacts, may_start, suspension
from hat_clinic.core.decisions import Decision, Finding, Level, block

# How long a syringe may lie, at the very most; a clinic uses it in the session it was drawn for.
# Source: clinical rules 7.9.
SYRINGE_LIFE: Final = timedelta(hours=24)
SYRINGE_OUTLIVES_SESSION_BY: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Stock:
    """The batch in hand: ampoules that nobody has drawn up, milligrams in each, and its last day of use.

    `quarantined` are not among them. `is_somebody_elses` says that it was dispensed for another patient.
    """

    ampoules: int
    strength_mg: int
    expires_on: date
    quarantined: int = 0
    is_somebody_elses: bool = False


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """What has been done in this session so far, and what stands against going on.

    `check_made_at` is the last check that lets a dose go ahead, or would but for its `stops`, which a doctor can let
    pass; `authorised` are the codes that one has let pass for the next dose of this check. `hold` is an open hold in
    words; `open_draw` tells of a dose of this person that is drawn up and has no ending; `oral` is the last oral
    opioid given here. `since` is what was read since an injection of this session, None before the first. `notes` are
    what the check tells everybody to read before any dose on it. `not_entered` is the reference of their line of a used
    paper pack that nobody has entered yet.
    """

    is_identified: bool
    check_made_at: datetime | None
    has_treatment_consent: bool
    hold: str = ""
    open_draw: str = ""
    oral: OralBefore | None = None
    since: WatchedSince | None = None
    stops: Decision = field(default_factory=Decision)
    authorised: frozenset[str] = frozenset()
    notes: Decision = field(default_factory=Decision)
    not_entered: str = ""


@dataclass(frozen=True, slots=True)
class PreparationAttempt:
    """What is about to be drawn up: milligrams to give, ampoules to open, and who signs.

    `number` is which injection of the session it is for; `reduction` why it is less than the full dose, or empty.
    `wasted_mg` is what the page said goes to waste, which both put their PINs to; None where it said nothing.
    `authoriser_signs`: one of the two has let this dose go ahead as a doctor.
    """

    dose_mg: int
    ampoules: int
    giver_is_witness: bool
    stock: Stock
    number: int = 1
    reduction: str = ""
    wasted_mg: int | None = None
    authoriser_signs: bool = False


@dataclass(frozen=True, slots=True)
class PreparedDose:
    """A dose as it was drawn up, and the order it was drawn up for: milligrams, and until when it is good.

    `since` and `last_ended_at` tell of the injection of this session before it, None where it is the first.
    `emergency_at` is when the first emergency after it was drawn up began; order, consent and hold are those of that
    moment then.
    """

    dose_mg: int
    order_is_in_force: bool
    is_suspended: bool
    has_treatment_consent: bool
    hold: str
    routes: frozenset[str]
    sites: frozenset[str]
    expires_at: datetime
    is_ended: bool
    since: WatchedSince | None = None
    last_ended_at: datetime | None = None
    emergency_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class InjectionAttempt:
    """What happened: milligrams that went in, route, site, when it began, and whether the syringe came back.

    `before_emergency` says that it went in before the emergency began that there was since it was drawn up.
    """

    given_mg: int
    route: str
    site: str
    started_at: datetime
    prepared_at: datetime
    at: datetime
    before_emergency: bool = False


def syringe_expires_at(*, prepared_at: datetime, session_closes_at: datetime) -> datetime:
    """Return until when a drawn dose may be injected: an hour, or until its session closes if that is later.

    Never longer than 24 hours. Source: clinical rules 7.9 (same session).
    """
    wanted = max(session_closes_at, prepared_at + SYRINGE_OUTLIVES_SESSION_BY)
    return min(wanted, prepared_at + SYRINGE_LIFE)


def volume_ul(*, dose_mg: int, concentration_mg_per_ml: int) -> int:
    """Return the microlitres that hold a dose, rounded down. Source: clinical rule 14."""
    return dose_mg * 1000 // concentration_mg_per_ml


def may_prepare(facts: SessionFacts, visit: VisitFacts, attempt: PreparationAttempt) -> Decision:
    """Decide whether a dose may be drawn up: everything `may_start` asks, the visit so far, the dose, the stock.

    For a further injection of a session `may_go_on` is asked in the place of `may_start` and of the check, which
    was made for the first. What a doctor has let pass for this dose stands against it no more. Whether the day is
    open is asked beside it (`dosing.rules.days`).
    Source: clinical rules 8, 9, 10, 11, 13, 14, 16, 19, 21, 22, 24, 32, 42, 43, 48, 49 and 7.11.
    """
    if attempt.number > 1:
        beginning = may_begin_further(facts, visit) | _in_turn(facts, attempt.number)
    else:
        beginning = less_authorised(may_start(facts) | _visit(facts, visit), visit.authorised)
    beginning |= _people_and_stock(facts, attempt)
    is_begun = facts.so_far is not None if attempt.number > 1 else facts.earlier_outcome is None
    if facts.order is None or facts.protocol is None or not is_begun:
        return beginning
    return beginning | dose_findings(
        facts, attempt.dose_mg, number=attempt.number, reduction=attempt.reduction
    )


def may_begin_further(facts: SessionFacts, visit: VisitFacts) -> Decision:
    """Decide what is known of a further injection before its milligrams are: what bars the button is told here.

    Source: clinical rules 8, 13, 20 and 7.11.
    """
    since = visit.since or WatchedSince(is_observed=False, readings=None, read_at=None, had_event=False)
    before = (
        stands_against(visit) | visit.stops | visit.notes | oral_before_injection(visit.oral, at=facts.at)
    )
    return less_authorised(may_go_on(facts, since) | before, visit.authorised)


def _in_turn(facts: SessionFacts, number: int) -> Decision:
    """Refuse an injection that this page was not opened for: another went in meanwhile, or none has yet."""
    if facts.so_far is None or number == facts.so_far.injections + 1:
        return Decision()
    message = (
        "Another injection of this session was recorded meanwhile. Open the person again from the board."
    )
    return Decision((block("already_recorded", message, "clinical rule 24"),))


def may_inject(prepared: PreparedDose, attempt: InjectionAttempt) -> Decision:
    """Decide whether a dose that is drawn up may be injected, and be recorded as it was.

    An order that ended or was replaced while the syringe was drawn: not given, wasted by two. What went in before an
    emergency is a fact, whatever was held or ended for it since: it is recorded, once somebody has said that it did.
    Source: clinical rules 5, 14, 21, 23 and 7.11.
    """
    if prepared.is_ended:
        message = "This dose has its ending already. Go back to the board to see it."
        return Decision((block("already_recorded", message, "clinical rule 24"),))
    if prepared.emergency_at is not None and not attempt.before_emergency:
        return Decision((_emergency_since(prepared.emergency_at),))
    return _since_drawn(prepared, attempt) | Decision.of(
        (
            block(
                "order_changed",
                "The order ended or changed after this dose was drawn up. It is not given: waste it, both watching.",
                "clinical rule 5",
            )
            if not prepared.order_is_in_force
            else None,
            suspension() if prepared.is_suspended else None,
            _consent() if not prepared.has_treatment_consent else None,
            _on_hold(prepared.hold) if prepared.hold else None,
            block(
                "syringe_expired",
                "This syringe is past its time. It is not given: waste it, both watching.",
                "clinical rule 21",
            )
            if (attempt.started_at if attempt.before_emergency else attempt.at) > prepared.expires_at
            else None,
            block(
                "more_than_drawn",
                f"{prepared.dose_mg} mg is in the syringe, and {attempt.given_mg} mg was written. "
                "Write what went in.",
                "clinical rule 43",
            )
            if not 1 <= attempt.given_mg <= prepared.dose_mg
            else None,
            block(
                "began_before_it_was_drawn",
                "The injection began before the dose was drawn up, or later than now. Choose the time again.",
                "clinical rule 23",
            )
            if not attempt.prepared_at <= attempt.started_at <= attempt.at
            else None,
            block(
                "route_not_ordered", "That route is not on the order. Choose one that is.", "clinical rule 4"
            )
            if attempt.route not in prepared.routes
            else None,
            block(
                "site_not_ordered", "That site is not on the order. Choose one that is.", "clinical rule 23"
            )
            if attempt.site not in prepared.sites
            else None,
        )
    )


def _emergency_since(began_at: datetime) -> Finding:
    message = (
        f"An emergency began at {began_at.astimezone(LONDON):%H:%M:%S}, after this dose was drawn up. If it went in "
        "before that, say so. If nothing went in, waste it, both watching."
    )
    return block("emergency_since_drawn", message, "clinical rules 7.11")


def _since_drawn(prepared: PreparedDose, attempt: InjectionAttempt) -> Decision:
    # What went in before an emergency is not asked for readings of the time after it.
    if prepared.since is None or prepared.last_ended_at is None or prepared.emergency_at is not None:
        return Decision()
    return may_go_in(prepared.since, last_ended_at=prepared.last_ended_at, started_at=attempt.started_at)


def _on_hold(words: str) -> Finding:
    return Finding("hold", Level.BLOCK, words, "clinical rule 20", opens_hold=True)


def _consent() -> Finding:
    message = "No consent to treatment stands. Without it no dose is given."
    return block("no_consent", message, "clinical rules 7.11")


def stands_against(visit: VisitFacts) -> Decision:
    """Return what stands against any dose of this person, whatever the check says.

    Source: clinical rules 20, 46 and 7.11.
    """
    return Decision.of(
        (
            block("open_draw", visit.open_draw, "trust design 5") if visit.open_draw else None,
            _consent() if not visit.has_treatment_consent else None,
            _on_hold(visit.hold) if visit.hold else None,
            _not_entered(visit.not_entered) if visit.not_entered else None,
        )
    )


def _not_entered(reference: str) -> Finding:
    message = (
        f"A paper pack was used, and their line {reference} is not entered: there may be a dose on it. Enter the line "
        "first, also when nothing is written on it."
    )
    return block("paper_not_entered", message, "clinical rule 46")


def _visit(facts: SessionFacts, visit: VisitFacts) -> Decision:
    before = stands_against(visit) | oral_before_injection(visit.oral, at=facts.at)
    return before | Decision.of(
        (
            block("not_identified", "Ask who this is first: two items are needed.", "clinical rule 16")
            if not visit.is_identified
            else None,
            _check_is_missing(facts, visit),
            *visit.stops,
            *visit.notes,
        )
    )


def _check_is_missing(facts: SessionFacts, visit: VisitFacts) -> Finding | None:
    if visit.check_made_at is None:
        message = "No check in this session lets a dose go ahead. Make one first."
        return block("no_check", message, "clinical rule 17")
    if not is_fresh(made_at=visit.check_made_at, at=facts.at):
        message = "The check is over 30 minutes old. Make a new one."
        return block("check_is_old", message, "clinical rules 7.11")
    return None


def _people_and_stock(facts: SessionFacts, attempt: PreparationAttempt) -> Decision:
    stock = attempt.stock
    drawn = attempt.ampoules * stock.strength_mg
    return Decision.of(
        (
            block(
                "same_person",
                "The witness is somebody else than the person who gives.",
                "clinical rule 22",
            )
            if attempt.giver_is_witness
            else None,
            block(
                "authoriser_signs",
                "Who let this dose go ahead is neither its giver nor its witness. Somebody else signs.",
                "clinical rules 7.11",
            )
            if attempt.authoriser_signs
            else None,
            block(
                "batch_expired",
                f"This batch ended on {stock.expires_on.day} {stock.expires_on:%B %Y}. Use another.",
                "clinical rule 21",
            )
            if facts.today > stock.expires_on
            else None,
            block(
                "too_few_ampoules_opened",
                f"{attempt.ampoules} × {stock.strength_mg} mg is {drawn} mg, less than {attempt.dose_mg} mg. "
                "Write how many ampoules are opened.",
                "clinical rule 43",
            )
            if drawn < attempt.dose_mg
            else None,
            block(
                "waste_is_not_the_rest",
                f"{drawn} mg drawn is not {attempt.dose_mg} mg given and {attempt.wasted_mg} mg wasted. "
                "Every milligram is accounted for: count again.",
                "clinical rule 43",
            )
            if attempt.wasted_mg is not None
            and drawn >= attempt.dose_mg
            and drawn != attempt.dose_mg + attempt.wasted_mg
            else None,
            block(
                "somebody_elses",
                "This was dispensed for another patient. It is theirs alone: take another batch.",
                "clinical rule 49",
            )
            if stock.is_somebody_elses
            else None,
            _not_in_stock(attempt) if attempt.ampoules > stock.ampoules else None,
        )
    )


def _not_in_stock(attempt: PreparationAttempt) -> Finding:
    stock = attempt.stock
    if attempt.ampoules <= stock.ampoules + stock.quarantined:
        message = "Ampoules in quarantine are for destruction only. Quarantined stock is never used: take another batch."
        return block("in_quarantine", message, "clinical rule 48")
    if stock.ampoules < 1:
        message = (
            "The register has none of this batch that is not drawn up already. If an ampoule is in hand, the "
            "controlled-drug lead and a second person write an adjustment first."
        )
        return block("not_in_stock", message, "clinical rules 7.11")
    message = (
        f"{attempt.ampoules} ampoules are needed, and this batch has fewer that are not drawn up already. "
        "Take another batch, or tell the controlled-drug lead."
    )
    return block("not_in_stock", message, "clinical rule 42")


def order_changed(*, was_mg: int | None, is_mg: int, changed_at: datetime) -> Finding:
    """Return the reason that a page of another order draws nothing up: from what it changed to what, and when.

    `was_mg` is the dose of the order that the page showed, None where it is not known. Source: clinical rule 5.
    """
    clock = f"{changed_at.astimezone(LONDON):%H:%M}"
    what = f"from {was_mg} mg to {is_mg} mg" if was_mg not in (None, is_mg) else f"and is {is_mg} mg"
    message = f"The order changed at {clock} {what}. Nothing was saved. Look again before you prepare."
    return block("order_changed", message, "clinical rule 5")


def unread(decision: Decision, acknowledged: frozenset[str]) -> Decision:
    """Return what has still to be ticked: each note that nobody has read, as a reason of its own.

    Nothing while something else stands against the act: that is told first. Source: clinical rule 22.
    """
    return Decision(
        tuple(_not_ticked(finding) for finding in decision if finding.code not in acknowledged)
        if decision.is_allowed
        else ()
    )


def unread_as_shown(decision: Decision, read: Mapping[str, str]) -> Decision:
    """Return what has still to be ticked, where it is known what the page said at each tick.

    A note whose words changed since then has been read by nobody. Source: clinical rule 22.
    """
    ticked = {finding.code for finding in decision if read.get(finding.code) == finding.message}
    return unread(decision, frozenset(ticked))


def _not_ticked(finding: Finding) -> Finding:
    return block(f"unread_{finding.code}", f"Tick that you have read: {finding.message}", finding.source)
