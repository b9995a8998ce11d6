"""Pages of help around treatment, and of the reports."""

OPENED_BY_ANOTHER = (
    "This form was opened by somebody else. Nothing was saved. Open the page again and fill it in."
)
