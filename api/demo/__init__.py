"""The demo village: a time bank with two years behind it, for newcomers, rehearsals and screenshots.

Everything in it is told, confirmed, approved and given through the verbs that members use, so its books
pass the same audit as anybody's. What must never happen here: a row written past a verb, a telephone number
that could ring, or a resemblance to a real person's misfortune.
"""

from api.demo.announcing import announcement
from api.demo.village import FULL, Neighbour, Size, Village, write_village

__all__ = ["FULL", "Neighbour", "Size", "Village", "announcement", "write_village"]
