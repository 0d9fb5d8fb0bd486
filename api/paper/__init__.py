"""Paper: statements and letters, typeset with Typst as tagged PDF, for people without a screen.

Words arrive ready in the reader's language; nothing is decided here. Scripts beyond Latin are set in fonts
of this machine, and `missing_scripts` says which are not there.
"""

from api.paper.making import letters, statement
from api.paper.prescribing import letter_back, slip
from api.paper.printing import missing_scripts

__all__ = ["letter_back", "letters", "missing_scripts", "slip", "statement"]
