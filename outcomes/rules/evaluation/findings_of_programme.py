"""The sentences of the programme's own pages: custody, and the clinic's own questions. Chosen by rule.

Source: Indicators 7 and 8 (evaluation).
"""

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
