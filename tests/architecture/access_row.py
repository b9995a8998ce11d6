"""One line of the access matrix, and whom its lines speak of."""

from __future__ import annotations

from dataclasses import dataclass, field

from hat_clinic.accounts.rules import Role

NURSE, DOCTOR, PRESCRIBER = Role.NURSE, Role.DOCTOR, Role.PRESCRIBER
CASE_WORKER, COMMISSIONER, REFERRER = Role.CASE_WORKER, Role.COMMISSIONER, Role.REFERRER
CD_LEAD, CLINICAL_LEAD, MANAGER = Role.CD_LEAD, Role.CLINICAL_LEAD, Role.MANAGER
PRIVACY_OFFICER, INSPECTOR = Role.PRIVACY_OFFICER, Role.INSPECTOR
# Who reads reports: those outside the clinic, and who signs them off.
READS_REPORTS = (
    COMMISSIONER,
    CLINICAL_LEAD,
    MANAGER,
    INSPECTOR,
    Role.BOARD,
    Role.POLICE_COMMISSIONER,
    Role.PROBATION,
    Role.PRISON_GROUP,
    Role.EVALUATOR,
)

# Who treats people, and who treats or helps them.
TREATS = (NURSE, DOCTOR, PRESCRIBER, CLINICAL_LEAD)
SEES_PEOPLE = (NURSE, DOCTOR, PRESCRIBER, CASE_WORKER, CLINICAL_LEAD)
# Who works by the clinic's limits, answers for them, or inspects it.
SEES_LIMITS = (NURSE, DOCTOR, PRESCRIBER, CD_LEAD, CLINICAL_LEAD, MANAGER, INSPECTOR)

# Everybody who is not a member of the clinic with both factors proved.
ANONYMOUS = "anonymous"  # not signed in
NEWCOMER = "newcomer"  # gave the password, has no second factor yet
PASSWORD_ONLY = "password only"  # gave the password, has a second factor and did not prove it
STRANGER = "stranger"  # proved both factors, and has every role, in another clinic
OUTSIDERS = (ANONYMOUS, NEWCOMER, PASSWORD_ONLY, STRANGER)
NOBODY: dict[str, tuple[int, int]] = {}


@dataclass(frozen=True)
class Row:
    """One address: its name, who may open it, and what those get for GET and for an empty POST.

    `roles` makes it an address of a clinic: outsiders are sent to sign in, strangers get 404, other roles 403.
    Without roles `otherwise` tells who gets something else, as (GET, POST). `things` names what else stands in
    the address: a key of the fixture `things_of` in test_access_matrix.py.
    """

    name: str
    get: int
    post: int
    roles: tuple[Role, ...] = ()
    otherwise: dict[str, tuple[int, int]] = field(default_factory=dict)
    things: tuple[str, ...] = ()
    note: str = ""

    def expected(self, who: str, method: str) -> int:
        """Return the status that somebody gets: an outsider, or a member by their role."""
        place = 0 if method == "GET" else 1
        if not self.roles:
            return self.otherwise.get(who, (self.get, self.post))[place]
        if who in (ANONYMOUS, NEWCOMER, PASSWORD_ONLY):
            return 302
        if who == STRANGER:
            return 404
        return (self.get, self.post)[place] if who in self.roles else 403


def clinic_page(name: str, *roles: Role, get: int = 200, post: int = 405, things: str = "") -> Row:
    """Return the row of an address of a clinic; `things` are the names of the other parts, with spaces."""
    return Row(name, get, post, roles, things=tuple(things.split()))


def case_pages(names: str, things: str = "", *, get: int = 200, post: int = 405) -> list[Row]:
    """Return the rows of some addresses of the help around treatment that case workers alone may open."""
    return [
        clinic_page(f"outcomes:{name}", CASE_WORKER, get=get, post=post, things=things)
        for name in names.split()
    ]


def own_page(
    name: str, get: int = 200, post: int = 405, otherwise: dict[str, tuple[int, int]] = NOBODY
) -> Row:
    """Return the row of an address for everybody who proved both factors."""
    barred = dict.fromkeys((ANONYMOUS, NEWCOMER, PASSWORD_ONLY), (302, 302))
    return Row(name, get, post, (), {**barred, **otherwise}, note="both factors")


def terminal_page(name: str, get: int, post: int, things: str = "") -> Row:
    """Return the row of an address for whoever stands at an enrolled terminal; members do, outsiders do not."""
    barred = dict.fromkeys(OUTSIDERS, (403, 403))
    return Row(
        name, get, post, (), barred, tuple(things.split()), note="whoever stands at an enrolled terminal"
    )


def set_up_page(name: str, get: int, post: int, newcomer: tuple[int, int]) -> Row:
    """Return the row of an address that somebody without a second factor may open too."""
    barred = {ANONYMOUS: (302, 302), PASSWORD_ONLY: (302, 302), NEWCOMER: newcomer}
    return Row(name, get, post, (), barred, note="both factors, or a password and no second factor yet")


def open_page(name: str, get: int, post: int, anonymous: tuple[int, int], things: str = "") -> Row:
    """Return the row of an address for everybody; people who gave a password get what members get."""
    return Row(name, get, post, (), {ANONYMOUS: anonymous}, tuple(things.split()), note="everybody")
