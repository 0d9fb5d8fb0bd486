"""Groups: sessions, places, check-in by codes, time notes, rooms and equipment.

Most hours are earned and spent here, by people without signal and without telephones. What must never
happen: a credit that moves twice, or a person lost because a telephone had no signal.
"""
