"""Cohort folders: records from outside, checked as a whole and refused as a whole.

The public face:

* `folder.check_cohort(files, *, today, offence_codes, clinic_state, found=())` gives a
  `folder.CheckedCohort`: the cohort, or every problem; rows per file; the folder's hash.
* `folder.read_clinic_code(files, *, today)` gives the code with which to look up the clinic beforehand.
* `folder.folder_sha256(files)` names the content of a folder.
* `checks.clinic.ClinicFacts` and `EarlierImport` say what the app already knows of the clinic.
* `rows.Cohort` and its row classes are what is stored; `problems.Problem` prints as one line.
* `columns` holds the formats and code sets as data.

The files themselves are read from the disc by `outcomes.queries.cohort.load_folder`.

Source: cohort files (evaluation).
"""
