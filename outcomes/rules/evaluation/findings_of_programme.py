"""The sentences of the programme's own pages: custody, area and need, the clinic's own questions. Chosen by rule.

Source: Indicators 7 and 8 (evaluation).
"""

from outcomes.rules.evaluation.around import BEFORE, LAST, MEASURE_WORDS, AroundFacts
from outcomes.rules.evaluation.custody import CustodyFacts
from outcomes.rules.evaluation.own import ITEM_WORDS, SHARES, SPEND, OwnFacts
from outcomes.rules.evaluation.words import of, plural, whole


def custody_finding(facts: CustodyFacts) -> str:
    """How many people were inside before the start and since, and how many days."""
    if not facts.started:
        return "Nobody had started treatment, so no day in custody is counted"
    if not facts.rows:
        return "No stay in custody is recorded"
    if not facts.pre.inside and not facts.post.inside:
        return "No day in custody is recorded in the year before the start or after it"
    return (
        f"{of(facts.pre.people, facts.started)} people were inside for {plural(facts.pre.inside, 'day', 'days')} in the "
        f"year before the start, {whole(facts.post.people)} for {plural(facts.post.inside, 'day', 'days')} after it"
    )


def area_finding(facts: AroundFacts, *, referred: int, started: int) -> str:
    """How many of those who need it have come; without an estimate, the first count of the area that both years have."""
    need = facts.need
    if need.estimated_on is not None and not need.is_twice and need.people:
        return (
            f"{plural(need.people, 'person is', 'people are')} estimated to need this treatment: {whole(referred)} were "
            f"referred, {whole(started)} started"
        )
    for measure, words in MEASURE_WORDS.items():
        last, before = (facts.sums.get((measure, which)) for which in (LAST, BEFORE))
        if last and before and not last.has_overlap and not before.has_overlap:
            return (
                f"The area, {words}: {whole(last.total)} in the last twelve months, {whole(before.total)} in the twelve "
                "before the clinic opened"
            )
    if facts.sums:
        return (
            "What is published of the area covers only one of the two times, so that nothing stands beside it"
        )
    return "Nobody has entered a count of the area or an estimate of need"


def own_finding(facts: OwnFacts) -> str:
    """What people answered of the first question that somebody answered twice."""
    if not facts.started:
        return "Nobody had started treatment, so nobody was asked the clinic's own questions twice"
    for item in SHARES:
        if pairs := facts.paired(item):
            start, latest = sum(first for first, _ in pairs), sum(last for _, last in pairs)
            words = ITEM_WORDS[item][0].upper() + ITEM_WORDS[item][1:]
            return f"{words}: {of(start, len(pairs))} at the start, {whole(latest)} of the same people last"
    if pairs := facts.paired(SPEND):
        return (
            f"{plural(len(pairs), 'person', 'people')} told twice what they spend on street drugs in a week"
        )
    return "Nobody answered the clinic's own questions both at the start and later"
