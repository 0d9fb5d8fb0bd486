"""Paper: statements, letters and sheets, typeset with Typst as tagged PDF, for people without a screen.

Words arrive ready in the reader's language; nothing is decided here. Scripts beyond Latin are set in fonts
of this machine, and `missing_scripts` says which are not there.
"""

from api.paper.making import letters, statement
from api.paper.posting import (
    cards,
    day_sheet,
    notes,
    poster,
    receipt,
    receipts_by_post,
    roster,
    statements_by_post,
    waiting_on_paper,
    whats_on,
    whats_on_by_post,
)
from api.paper.prescribing import letter_back, slip
from api.paper.printing import missing_scripts
from api.paper.taking import benefits_letter, record
from api.paper.wellbeing import questions

__all__ = [
    "benefits_letter",
    "cards",
    "day_sheet",
    "letter_back",
    "letters",
    "missing_scripts",
    "notes",
    "poster",
    "questions",
    "receipt",
    "receipts_by_post",
    "record",
    "roster",
    "slip",
    "statement",
    "statements_by_post",
    "waiting_on_paper",
    "whats_on",
    "whats_on_by_post",
]
