"""Files in and out: members, listings and hours from a spreadsheet; everything of one bank as a folder.

A file is read whole, judged line by line through the same verbs as everything else, and written in one
transaction or not at all. What must never happen: a line that is silently dropped, a person texted because
a file was imported, or a second copy of anything when a file is imported twice.
"""

from api.files.codes import import_codes
from api.files.exporting import TargetExists, export_bank
from api.files.hours import import_hours
from api.files.listings import import_listings
from api.files.members import import_members
from api.files.report import Problem, Report
from api.files.writing import NoAdministrator

__all__ = [
    "NoAdministrator",
    "Problem",
    "Report",
    "TargetExists",
    "export_bank",
    "import_codes",
    "import_hours",
    "import_listings",
    "import_members",
]
