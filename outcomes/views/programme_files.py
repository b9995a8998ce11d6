"""Bringing in the files of the programme: phases, disruptions, counts of the area, estimates of need."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from outcomes.actions.programme_files import ProgrammeFilesRefused
from outcomes.actions.programme_files import import_programme_files as bring_in
from outcomes.forms.programme_files import ImportProgrammeFiles
from outcomes.queries.programme_files import list_programme_files
from outcomes.rules.cohort.columns import FORMAT_OF
from outcomes.rules.cohort.problems import Problem
from outcomes.rules.programme_files import FILES, MOST_PROBLEMS, MOST_ROWS
from outcomes.views import OPENED_BY_ANOTHER

IMPORT = "outcomes.import_programme_files"


@requires(Permission.IMPORT_PROGRAMME_FILES)
@require_http_methods(["GET", "HEAD", "POST"])
def import_programme_files(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """All lines of all files, or none; every problem by file, line and column."""
    clinic = request.staff.clinic
    form = ImportProgrammeFiles(*((request.POST, request.FILES) if request.method == "POST" else ()))
    problems: tuple[Problem, ...] = ()
    if request.method == "POST" and form.is_valid():
        if open_form_seal(request, purpose=IMPORT, clinic=str(clinic.id)) is None:
            form.add_error(None, OPENED_BY_ANOTHER)
        else:
            try:
                counts = bring_in(clinic=clinic, files=form.content(), by=request.staff.user, at=request.at)
            except ProgrammeFilesRefused as refusal:
                problems, form = refusal.problems, ImportProgrammeFiles()
            else:
                told = ", ".join(f"{name} {lines}" for name, lines in counts.items())
                messages.success(request, f"Saved. Lines brought in: {told}.")
                return redirect("outcomes:import_programme_files", clinic_code=clinic_code)
    form.carry(seal_form(request, purpose=IMPORT, clinic=str(clinic.id)))
    context = {
        "form": form,
        "problems": problems[:MOST_PROBLEMS],
        "problems_in_all": len(problems),
        "more": max(len(problems) - MOST_PROBLEMS, 0),
        "formats": [(name, [column.name for column in FORMAT_OF[name].columns]) for name in FILES],
        "most_rows": MOST_ROWS,
        "files": list_programme_files(clinic=clinic),
    }
    return render(request, "outcomes/import_programme_files.html", context)
