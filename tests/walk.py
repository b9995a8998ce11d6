"""Every figure of a report's document as it must stand in its printed pages, written out a second time.

Nothing here calls the product. Each line names the page, the words that must stand there, and the ids they print.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tests.walk_around import list_around_lines

Figures = Mapping[str, dict[str, Any]]

DAYS = {
    "alcohol": "Alcohol",
    "opiates": "Opiates, street heroin above all",
    "crack": "Crack",
    "cocaine": "Cocaine powder",
    "amphetamines": "Amphetamines",
    "cannabis": "Cannabis",
    "tobacco": "Tobacco",
    "other": "Another drug",
    "injecting": "Injecting",
    "shoplifting": "Shoplifting",
    "drug_selling": "Selling drugs",
    "paid_work": "Paid work",
    "education": "Education",
}
SCORES = {"psychological": "Psychological health", "physical": "Physical health"}
SCORES["quality_of_life"] = "Quality of life"
YES_OR_NO = {
    "sharing": "Shared needles or works",
    "other_theft": "Another theft",
    "assault": "An assault",
    "housing_acute": "An acute housing problem",
    "eviction_risk": "At risk of eviction",
}
OWN = {
    "public_injecting": "Injected in a public place",
    "unsafe_disposal": "Left a used needle where somebody could be hurt",
    "family_contact": "Has the contact with the family that is wanted and safe",
}
HOMES = {
    "rough": "Sleeping rough",
    "emergency": "Emergency shelter",
    "sofa": "With friends, no home",
    "supported": "Supported housing",
    "own": "Own home",
    "institution": "Hospital, prison or other institution",
    "homeless": "Without a home, in all",
}
EXITS = {
    "completed": "completed",
    "transferred": "transferred",
    "dropped_out": "dropped out",
    "withdrawn": "chose to stop",
    "prison": "to prison",
    "declined": "declined",
    "died": "died",
    "other": "other reason",
}
SOURCES = {
    "police": "Police",
    "probation": "Probation",
    "prison": "Prison",
    "health": "Health services",
    "housing": "Housing services",
    "social_care": "Social care",
    "self": "Themselves",
    "other": "Others",
}
REASONS = {
    "custody": "In custody",
    "hospital": "In hospital",
    "clinic_closed": "Clinic closed",
    "ill": "Ill",
    "intoxicated": "Intoxicated",
    "declined": "Declined",
    "unknown": "Not known",
    "other": "Other reason",
}
DOMAINS = {
    "housing": "Housing",
    "health": "Health",
    "welfare": "Money",
    "employment": "Work",
    "mental_health": "Mental health",
    "family": "Family",
    "psychosocial": "Psychosocial",
}
SERVICES = {"ambulance": "Ambulance calls", "ae": "Visits to A&E", "inpatient": "Admissions to hospital"}
COSTS = {
    "drug": "Diamorphine and other drugs",
    "staff": "Staff",
    "premises": "Premises",
    "setup": "Setting up",
    "other": "Other",
}
DEATHS = {
    "before_start": "Deaths before a start",
    "in_treatment": "Deaths in treatment",
    "after_exit_28d": "Deaths within 28 days of leaving",
    "after_exit_later": "Deaths 28 days or more after leaving",
}
DASH = "–"


class Line(NamedTuple):
    """Words on a page, and the ids of the figures they print."""

    page: str
    words: str
    ids: tuple[str, ...]


def number(value: float, digits: int = 0) -> str:
    return f"{value:,.{digits}f}".replace("-", "−")


def short(figure: Mapping[str, Any]) -> str:
    value = figure["value"]
    return DASH if value is None else number(value, 0 if float(value).is_integer() else 1)


def share(figure: Mapping[str, Any]) -> str:
    if figure["value"] is None:
        return DASH
    words = f"{figure['numerator']:,} of {figure['denominator']:,}"
    return words if figure["denominator"] < 10 else f"{words} ({100 * figure['value']:.0f} %)"


def spread(figure: Mapping[str, Any]) -> str:
    if figure["interval"] is None or figure["denominator"] < 10:
        return DASH
    return f"{100 * figure['interval']['low']:.0f} to {100 * figure['interval']['high']:.0f} %"


def rate(figure: Mapping[str, Any]) -> str:
    if figure["value"] is None:
        return DASH
    interval = figure["interval"]
    return f"{number(figure['value'], 2)} ({number(interval['low'], 2)} to {number(interval['high'], 2)})"


def money(figure: Mapping[str, Any]) -> str:
    value = figure["value"]
    return DASH if value is None else f"{'−' if value < 0 else ''}£{number(abs(value))}"


def separate(figure: Mapping[str, Any]) -> str:
    """n of N, the percentage and the interval in cells of their own."""
    if figure["value"] is None:
        return f"{DASH} {DASH} {DASH}"
    words = f"{figure['numerator']:,} of {figure['denominator']:,}"
    if figure["denominator"] < 10:
        return f"{words} {DASH} {DASH}"
    return f"{words} {100 * figure['value']:.0f} % {spread(figure)}"


def list_lines(found: Figures) -> Iterator[Line]:
    """Every line of the pages, in their order."""
    yield from _flow(found)
    yield from _sessions(found)
    yield from _urine(found)
    yield from _offending(found)
    yield from _answers(found)
    yield from _services(found)
    yield from _money_and_safety(found)
    yield from _legacy(found)
    yield from (Line(*line) for line in list_around_lines(found))


def _line(page: str, found: Figures, label: str, *cells: tuple[Any, str]) -> Line:
    """A row of a table: its label and each figure by its way of printing."""
    return Line(page, " ".join([label, *(how(found[id]) for how, id in cells)]), tuple(id for _, id in cells))


def _flow(found: Figures) -> Iterator[Line]:
    for key, label in (
        ("not_eligible", "Found not eligible"),
        ("undecided", "Not decided on"),
        ("left_before_start", "Left before a start"),
        ("waiting", "Eligible, waiting"),
        ("started", "Started"),
        ("referred", "All referred"),
        ("in_treatment", "In treatment"),
    ):
        yield _line("Flow", found, label, (short, f"flow.{key}"))
    for key, words in EXITS.items():
        id = f"flow.exited.{key}"
        yield Line(
            "Flow", f"Left: {words} {found[id]['value'] if id in found else 0}", (id,) if id in found else ()
        )
    glance = f"{short(found['flow.referred'])} referred, {short(found['flow.eligible'])} eligible, "
    yield Line("At a glance", glance + f"{short(found['flow.started'])} started, ", ("flow.eligible",))
    yield Line("At a glance", f"{short(found['flow.exited'])} left", ("flow.exited",))
    for label, id, wait in (
        ("To assessment", "flow.assessed", "assessment_days"),
        ("To start", "flow.started", "start_days"),
        ("still waiting", "flow.waiting", "waiting_days"),
    ):
        yield _line("Flow", found, label, (short, id), (short, f"flow.wait.{wait}"))
    for key, words in SOURCES.items():
        referred, started = f"flow.referred.{key}", f"flow.started.{key}"
        if referred in found:
            began = found[started]["value"] if started in found else 0
            yield Line("Flow", f"{words} {short(found[referred])} {began}", (referred, started))
    for id in found:
        if id.startswith("flow.started.") and id.split(".")[2] not in SOURCES:
            yield _line("Flow", found, id.split(".")[2], (short, id))
    places = found["flow.occupancy"]
    yield Line("Flow", f"{places['numerator']} of {places['denominator']} places", ("flow.occupancy",))
    taken = found["flow.against_criteria"]
    yield Line(
        "Flow", taken["note"] or f"{taken['numerator']} of {taken['denominator']}", ("flow.against_criteria",)
    )
    offences = found["candidates.offences_2y"]
    words = f"Police recorded {number(offences['value'])} offences in the two years before the referral, by "
    yield Line("Flow", words + f"{offences['people']} of", ("candidates.offences_2y",))
    yield _line("Retention", found, "In treatment on 1 Nov 2020", (separate, "retention.snapshot"))
    for day, weeks in ((182, 26), (364, 52)):
        stayed = found[f"retention.km_{day}"]
        interval = stayed["interval"]
        words = f"Still in treatment after {weeks} weeks {stayed['at_risk']} followed {100 * stayed['value']:.0f} %"
        words += f" {100 * interval['low']:.0f} to {100 * interval['high']:.0f} %"
        yield Line("Retention", words, (f"retention.km_{day}",))


def _sessions(found: Figures) -> Iterator[Line]:
    page, month = "Attendance and dosing", found["attendance.pooled.month"]
    yield Line(page, f"The month just ended was {100 * month['value']:.1f} %", ("attendance.pooled.month",))
    for key, words in REASONS.items():
        ids = [id for id in (f"attendance.missed.{key}", f"attendance.excused.{key}") if id in found]
        if ids:
            both = (f"attendance.missed.{key}", f"attendance.excused.{key}")
            numbers = [found[id]["value"] if id in found else 0 for id in both]
            yield Line(page, f"{words} {numbers[0]} {numbers[1]}", tuple(ids))
    retained, everybody = found["attendance.pooled.retained_30w"], found["attendance.pooled.cumulative"]
    yield Line(
        page,
        f"{_percent(retained)} ({_plain(retained)}) among the {retained['people']} people",
        ("attendance.pooled.retained_30w",),
    )
    yield Line(
        page,
        f"Everybody, since opening: {_percent(everybody)} ({_plain(everybody)})",
        ("attendance.pooled.cumulative",),
    )
    strict, middle = found["attendance.strict.cumulative"], found["attendance.median_person.cumulative"]
    words = f"counted as offered: {_percent(strict)}. The middle person's own share: {_percent(middle)}."
    yield Line(page, words, ("attendance.strict.cumulative", "attendance.median_person.cumulative"))
    dose = found["dosing.median_daily_mg.month"]
    yield Line(page, f"given {number(dose['value'])} mg a day", ("dosing.median_daily_mg.month",))
    page = "Wraparound delivered"
    reached = found["support.people.month"]
    yield Line(page, f"In the month {share(reached)} people in treatment", ("support.people.month",))
    each, away = found["support.per_person.month"], found["support.did_not_attend.month"]
    yield Line(page, f"come to {number(each['value'], 1)} for each person", ("support.per_person.month",))
    for key, words in DOMAINS.items():
        held = found[f"support.sessions.{key}.month"]
        yield Line(
            page, f"{words} {held['value']} " if held["value"] else "", (f"support.sessions.{key}.month",)
        )
    came = sum(found[f"support.sessions.{key}.month"]["value"] for key in DOMAINS)
    yield Line(page, f"Oct 2020 {came} {away['value']}", ("support.did_not_attend.month",))


def _percent(figure: Mapping[str, Any]) -> str:
    return f"{100 * figure['value']:.0f} %"


def _plain(figure: Mapping[str, Any]) -> str:
    return f"{figure['numerator']:,} of {figure['denominator']:,}"


def _urine(found: Figures) -> Iterator[Line]:
    for label, id in (
        ("Samples free of street heroin, this month", "urine.negative_samples.month"),
        ("The same, since opening", "urine.negative_samples.cumulative"),
        ("Steady responders, weeks 14 to 26 (people)", "urine.responders"),
        ("The same, only weeks with a result (people)", "urine.responders_as_observed"),
        ("Samples taken, of those due", "quality.urine_taken"),
    ):
        yield _line("Street heroin", found, label, (separate, id))
    for label, id in (
        ("People with an outcome form at the start", "quality.top_start"),
        ("People whose home at the start is recorded", "quality.housing_start"),
        ("Urine samples taken, of those due", "quality.urine_taken"),
    ):
        figure = found[id]
        yield Line("Data quality", f"{label} {share(figure)} {spread(figure)} {figure['missing']}", (id,))


def _offending(found: Figures) -> Iterator[Line]:
    page, recorded = "Offending", "offending.recorded"
    for source in ("recorded", "self_reported"):
        name = f"offending.{source}"
        ids = [id for id in found if id.startswith(f"{name}.")]
        if source == "self_reported" and found[f"{name}.pre_total"]["note"] == "no self-report recorded":
            yield Line(page, "No self-report of offences is recorded", tuple(ids))
            continue
        yield _line(page, found, "Offences", (short, f"{name}.pre_total"), (short, f"{name}.post_total"))
        means = (f"{name}.pre_mean", f"{name}.post_mean")
        words = " ".join(number(found[id]["value"], 2) for id in means)
        yield Line(page, f"Offences a person {words}", means)
        label = "Per person-year outside custody (95 % interval)"
        yield _line(page, found, label, (rate, f"{name}.pre_rate"), (rate, f"{name}.post_rate"))
        yield Line(page, f"People with none – {share(found[f'{name}.none_post'])}", (f"{name}.none_post",))
    ratio = found[f"{recorded}.rate_ratio"]
    low, high = ratio["interval"]["low"], ratio["interval"]["high"]
    words = f"Rate ratio {number(ratio['value'], 2)}, 95 % interval {number(low, 2)} to {number(high, 2)}"
    yield Line(page, words, (f"{recorded}.rate_ratio",))
    earlier = found[f"{recorded}.earlier_total"]
    yield Line(
        page,
        f"{number(earlier['value'])} more offences are known from earlier",
        (f"{recorded}.earlier_total",),
    )
    for group in ("acquisitive", "violence", "drug", "order"):
        ids = (f"{recorded}.{group}.pre_total", f"{recorded}.{group}.post_total")
        yield _line(page, found, group.capitalize(), *((short, id) for id in ids))
    severity = tuple(f"offending.severity.{key}_median" for key in ("pre", "post"))
    pre, post = (number(found[id]["value"], 1) for id in severity)
    yield Line(page, f"was {pre} before and {post} after the start", severity)
    page = "Custody"
    for label, how, ids in (
        ("Days inside for each person-year", short, ("custody.days.pre", "custody.days.post")),
        (
            "Stays begun for each person-year (95 % interval)",
            rate,
            ("custody.stays.pre_rate", "custody.stays.post_rate"),
        ),
    ):
        words = " ".join(number(found[i]["value"], 1) if how is short else how(found[i]) for i in ids)
        yield Line(page, f"{label} {words}", ids)
    started = found["flow.started"]["value"]
    people = ("custody.people.pre", "custody.people.post")
    words = " ".join(
        f"{found[i]['value']} of {started} ({100 * found[i]['value'] / started:.0f} %)" for i in people
    )
    yield Line(page, f"People with any day inside {words}", people)


def _answers(found: Figures) -> Iterator[Line]:
    page = "Drugs, injecting and wellbeing"
    for key, words in DAYS.items():
        id = f"top.{key}_days"
        cells = [(short, f"{id}.{when}") for when in ("start", "latest", "change")]
        cells += [(share, f"{id}.abstinent"), (share, f"{id}.initiated")]
        yield _line(page, found, f"{words} {found[f'{id}.start']['people_paired']}", *cells)
    for key, words in SCORES.items():
        cells = [(short, f"top.{key}.{when}") for when in ("start", "latest", "change")]
        yield _line(page, found, f"{words} {found[f'top.{key}.start']['people_paired']}", *cells)
    for key, words in YES_OR_NO.items():
        yield _line(page, found, words, *((share, f"top.{key}.{when}") for when in ("start", "latest")))
    for label, id in (
        ("Every day, at the start", "top.shoplifting_days.daily_at_start"),
        ("Of these, none in the latest form", "top.shoplifting_days.daily_to_zero"),
    ):
        yield Line(page, f"{label} {share(found[id])} {spread(found[id])} {found[id]['missing']}", (id,))
    page, spent = (
        "The clinic's own questions",
        [f"own.spend_week_gbp.{key}" for key in ("start", "latest", "change")],
    )
    if all(found[f"own.{key}.start"]["value"] is None for key in ("spend_week_gbp", *OWN)):
        ids = [id for id in found if id.startswith("own.")]
        yield Line(page, found["own.spend_week_gbp.start"]["note"], tuple(ids))
        return
    for key, words in OWN.items():
        more = found[f"own.{key}.change"]["numerator"]
        sign = f"+{more}" if more > 0 else f"{more}".replace("-", "−")
        sign = DASH if found[f"own.{key}.change"]["value"] is None else sign
        line = _line(page, found, words, *((share, f"own.{key}.{when}") for when in ("start", "latest")))
        yield line._replace(words=f"{line.words} {sign}", ids=(*line.ids, f"own.{key}.change"))
    first = found[spent[0]]
    yield _line(page, found, f"Spent in a week {first['people_paired']}", *((money, id) for id in spent))


def _services(found: Figures) -> Iterator[Line]:
    for id in found:
        if id.startswith("health.") and id.partition("@")[0].endswith("pre_rate"):
            service, source = id.split(".")[1], id.partition("@")[2]
            ids = [f"health.{service}.{key}@{source}" for key in ("pre_rate", "during_rate", "rate_ratio")]
            words = " ".join(rate(found[one]) for one in ids)
            events = [found[one]["events"] for one in ids[:2]]
            label = f"{SERVICES[service]} {events[0]} {events[1]}"
            yield Line("Other health services", f"{label} {words}", tuple(ids))
    for key, words in HOMES.items():
        cells = [(share, f"housing.{key}.{when}") for when in ("start", "month1", "latest")]
        yield _line("Housing and work", found, words, *cells)


def _money_and_safety(found: Figures) -> Iterator[Line]:
    for key, words in COSTS.items():
        cost = found[f"cost.programme.{key}"]
        spent = "not entered" if cost["value"] is None else money(cost)
        yield Line("Costs", f"{words} {spent}", (f"cost.programme.{key}",))
    for id in found:
        if id.startswith("cost.payer."):
            yield _line("Costs", found, id.removeprefix("cost.payer."), (money, id))
    running = (("per_patient_year", "All but setting up"),)
    drugs = (("drug_per_patient_year", "Diamorphine and other drugs alone"),)
    for key, label in running + drugs:
        id = f"cost.{key}"
        yield Line("Costs", f"{label} {money(found[id])} {number(found[id]['denominator'], 1)}", (id,))
    for kind, title in (("response", "response cost to public bodies"), ("social", "wider cost to society")):
        ids = [f"crime_cost.{kind}.{key}" for key in ("pre", "post")]
        words = f"{title} A year before Up to a year after Sum over the offences with a unit cost "
        words += " ".join(money(found[id]) for id in ids)
        words += " Offences without a unit cost " + " ".join(f"{found[id]['not_costed']}" for id in ids)
        yield Line("Costs", words, tuple(ids))
    for label, id in (
        ("Over-sedation", "safety.over_sedation"),
        ("Overdoses in the clinic", "safety.overdose.on_site"),
        ("Overdoses elsewhere", "safety.overdose.off_site"),
        ("Events in which naloxone was given", "safety.naloxone"),
    ):
        yield Line("Safety", f"{label} {short(found[id])} {_limit(found[id])}", (id,))
    for key, label in DEATHS.items():
        deaths, each = found[f"safety.deaths.{key}"], found[f"safety.deaths.{key}.rate"]
        words = f"{label} {short(deaths)} {number(each['denominator'], 1)} {rate(each)} {_limit(deaths)}"
        yield Line("Safety", words, (f"safety.deaths.{key}", f"safety.deaths.{key}.rate"))


def _limit(figure: Mapping[str, Any]) -> str:
    return f"{100 * figure['upper_if_zero']:.1f} %" if "upper_if_zero" in figure else DASH


def _legacy(found: Figures) -> Iterator[Line]:
    for key in ("known_before", "recorded_after"):
        yield _legacy_line(found, key, short(found[f"legacy.{key}"]))
    for key in ("none_after", "homeless_month1", "secure_start", "rough_start"):
        figure = found[f"legacy.{key}"]
        yield _legacy_line(found, key, DASH if figure["value"] is None else _plain(figure))
    for key in ("psychological_change_percent", "physical_change_percent", "offending_change_percent"):
        value = found[f"legacy.{key}"]["value"]
        words = DASH if value is None else f"{'+' if value > 0 else ''}{number(value, 1)} %"
        yield _legacy_line(found, key, words)
    yield _legacy_line(found, "saving_gbp", money(found["legacy.saving_gbp"]))


def _legacy_line(found: Figures, key: str, words: str) -> Line:
    figure = found[f"legacy.{key}"]
    everybody = "legacy.none_after" if figure["set"] == "L30" else "offending.recorded.none_post"
    among = found[everybody]["denominator"]
    people = f"{among - figure['missing']} of {among}" if figure["missing"] else f"{among}"
    return Line("As the first reports had it", f"{figure['label']} {people} {words}", (f"legacy.{key}",))
