"""Two practices in the small bank, the people who work there, and a whole referral to send."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from exchange.membership import viewer
from exchange.membership.viewer import Viewer
from exchange.prescribing import practices, sending, suggestions
from exchange.prescribing.checking import Consent, NewReferral, Who, Why
from exchange.prescribing.practices import NewStaff
from exchange.prescribing.tables import Referral
from tests.small_bank import Small

NHS = "943 476 5919"
SECRET_NAME = "Wilhelmina Quince"
CONSENT = Consent(consents=True, basis="health_care", back="notes")
PEOPLE = (("Gita", "gp"), ("Nora", "nurse"), ("Liz", "link_worker"), ("Rex", "receptionist"))


@dataclass
class Surgery:
    """Two practices of one small bank; `Gita` and her colleagues work at the first, `Omar` at the other."""

    small: Small
    practice_id: UUID
    other_id: UUID
    suggestion_id: UUID

    def __getitem__(self, name: str) -> Viewer:
        return self.small[name]

    async def staff(self, name: str, job: str, practice_id: UUID) -> Viewer:
        small = self.small
        new = NewStaff(name=name, email=f"{name.lower()}.{uuid7().hex}@surgery.example.org", job=job)
        made = await practices.add_staff(small.session, small["Cora"], practice_id, new, at=small.at)
        found = await viewer.load(small.session, small.bank_id, made.member_id)
        assert found
        small.people[name] = found
        return found

    def referral(self, **changes: Any) -> NewReferral:
        """A whole referral of the first practice; `who`, `why` and `consent` may be dicts of changes."""
        new = NewReferral(
            referral_id=uuid7(),
            route="practice",
            referrer_id=self.practice_id,
            who=Who(
                name=SECRET_NAME,
                born_on=date(1950, 5, 3),
                address="1 Quince Row",
                nhs_number=NHS,
                telephone="07700 900777",
                may_text=True,
            ),
            why=Why(needs=["company"], flags=["falls"], aspiration="I want to garden again"),
            what=[self.suggestion_id],
            consent=CONSENT,
        )
        for part in ("who", "why", "consent"):
            if isinstance(changes.get(part), dict):
                changes[part] = replace(getattr(new, part), **changes[part])
        return replace(new, **changes)

    async def send(self, by: str = "Gita", **changes: Any) -> Referral:
        small = self.small
        return await sending.send(small.session, self[by], self.referral(**changes), at=small.at)


async def open_surgery(small: Small) -> Surgery:
    """Write both practices through the verbs that a coordinator uses."""
    cora = small["Cora"]
    first = await practices.add(small.session, cora, "Larch Surgery", ods_code="g85123", at=small.at)
    other = await practices.add(small.session, cora, "Elm Surgery", ods_code="G85124", at=small.at)
    garden = suggestions.NewSuggestion(words="Garden group", when_words="Tuesdays at 10")
    made = await suggestions.add(small.session, cora, garden)
    surgery = Surgery(small, first.practice_id, other.practice_id, made.suggestion_id)
    for name, job in PEOPLE:
        await surgery.staff(name, job, first.practice_id)
    await surgery.staff("Omar", "gp", other.practice_id)
    return surgery
