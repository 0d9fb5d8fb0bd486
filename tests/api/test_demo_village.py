"""The demo village: the same each time, with books as clean as anybody's, and ready for a first hour."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlmodel import col
from uuid_utils.compat import uuid7

import ledger
from api.database import Database
from api.demo import Size, Village, announcement, helping, write_village
from api.demo.dice import key_of
from api.demo.people import villagers
from api.demo.village import FULL, NEWS_LIFE
from exchange.appointments import read as appointments
from exchange.appointments.tables import Appointment
from exchange.directory import listings, matches, reviews
from exchange.hours import log, read, verbs
from exchange.hours.log import Telling
from exchange.hours.tables import Gift, Hours
from exchange.membership import contacts, parties, sign_in, viewer
from exchange.membership.tables import Contact, Member, Party
from exchange.outbox import Event

SMALL = Size(people=22, weeks=6)
PRESENT = datetime(2026, 5, 12, 11, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
async def village(database: Database) -> Village:
    return await write_village(database, at=PRESENT, size=SMALL, bank_id=uuid7())


async def told(database: Database, bank_id: UUID) -> list[tuple]:
    """Everything that was told in a village, by names and moments."""
    async with database.transaction(bank_id) as session:
        names = {p.party_id: p.name for p in (await session.scalars(select(Party))).all()}
        hours = (await session.scalars(select(Hours).where(col(Hours.bank_id) == bank_id))).all()
        gifts = (await session.scalars(select(Gift).where(col(Gift.bank_id) == bank_id))).all()
        people = (await session.scalars(select(Member).where(col(Member.bank_id) == bank_id))).all()
        return sorted(
            [
                *(
                    (names[h.giver_id], names[h.receiver_id], str(h.done_on), h.skill, h.state, h.minutes)
                    for h in hours
                ),
                *((names[g.from_id], names[g.to_id], str(g.given_at), g.note, "", g.minutes) for g in gifts),
                *((p.full_name, p.language, str(p.joined_on), p.address or "", p.status, 0) for p in people),
            ]
        )


async def test_its_books_are_clean(database: Database, village: Village) -> None:
    async with database.transaction(village.bank_id) as session:
        report = await ledger.audit(session, village.bank_id)
    assert report.is_clean, report.findings
    assert report.checked["transfers"] > 20


async def test_it_is_the_same_village_in_every_database(database: Database, village: Village) -> None:
    again = await write_village(database, at=PRESENT, size=SMALL, bank_id=uuid7())
    first, second = await told(database, village.bank_id), await told(database, again.bank_id)
    assert first == second
    assert len(first) > 60


async def test_a_second_start_finds_it_and_brings_fresh_links(database: Database, village: Village) -> None:
    before = await told(database, village.bank_id)
    later = PRESENT + timedelta(days=3)
    again = await write_village(database, at=later, size=SMALL, bank_id=village.bank_id)
    assert await told(database, village.bank_id) == before
    assert (village.is_new, again.is_new) == (True, False)
    assert {p.member_id for p in again.people} == {p.member_id for p in village.people}
    assert not {p.token.text for p in again.people} & {p.token.text for p in village.people}


async def test_a_broken_off_start_leaves_nothing(database: Database) -> None:
    bank_id = uuid7()

    def interrupted(done: int, total: int, what: str) -> None:
        if done > 40:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await write_village(database, at=PRESENT, size=SMALL, bank_id=bank_id, progress=interrupted)
    async with database.transaction(bank_id) as session:
        assert await session.scalar(select(func.count()).select_from(Party)) == 0


async def test_its_links_sign_in_again_and_again(database: Database, village: Village) -> None:
    async with database.transaction(village.bank_id) as session:
        for person in village.people * 2:
            token = await sign_in.follow_link(session, person.token, device="a browser", at=PRESENT)
            seen = await sign_in.viewer_of(session, token, at=PRESENT)
            assert seen is not None
            assert seen.member_id == person.member_id


async def test_its_announcement_says_who_may_sign_in(village: Village) -> None:
    told = announcement(village, "http://127.0.0.1:8000/")
    assert (told["url"], told["bank_id"]) == ("http://127.0.0.1:8000", str(village.bank_id))
    roles = [person["role"] for person in told["people"]]
    assert roles.count("member") >= 2
    assert {"coordinator", "administrator", "assistant", "representative", "auditor", "practice"} <= set(
        roles
    )
    for person in told["people"]:
        assert set(person) == {"role", "name", "phone", "member_id", "link"}
        assert person["link"].startswith("http://127.0.0.1:8000/link/")
        has_mobile = person["phone"].startswith("+447700900")
        assert has_mobile or (person["role"], person["phone"]) == ("practice", "")
    assert len({person["phone"] for person in told["people"]}) == len(told["people"])


async def test_everybody_presented_may_be_texted(database: Database, village: Village) -> None:
    async with database.transaction(village.bank_id) as session:
        for person in village.people:
            reach = await contacts.reach(session, village.bank_id, person.member_id)
            assert reach is not None
            by_text = ("sms", person.phone, False)
            is_practice = person.role == "practice"
            assert is_practice or (reach.channel, reach.to, reach.is_shared) == by_text


async def test_a_first_hour_between_the_two_members_holds_no_surprise(
    database: Database, village: Village
) -> None:
    one, other = (p.member_id for p in village.people if p.role == "member")
    async with database.transaction(village.bank_id) as session:
        giver = await viewer.load(session, village.bank_id, one)
        receiver = await viewer.load(session, village.bank_id, other)
        coordinator = await viewer.load(session, village.bank_id, village.people[2].member_id)
        assert giver
        assert receiver
        assert coordinator
        assert (giver.language, receiver.language) == ("en", "en")
        assert await read.waiting_for(session, giver) == []
        assert await read.waiting_for(session, receiver) == []
        assert {v.other_id for v in await read.companions(session, giver)} >= {other}
        for minutes, state in ((60, "posted"), (120, "posted"), (150, "awaiting_approval")):
            telling = Telling(
                hours_id=uuid7(),
                direction="gave",
                with_id=other,
                minutes=minutes,
                done_on=PRESENT.date(),
            )
            await log.log(session, giver, telling, at=PRESENT)
            hours = await verbs.confirm(session, receiver, telling.hours_id, at=PRESENT)
            assert (hours.state, hours.approval_reasons) == (
                state,
                ["over_minutes"] if minutes > 120 else [],
            )
        approved = await verbs.approve(session, coordinator, telling.hours_id, at=PRESENT)
        assert approved.state == "posted"
        await session.rollback()


async def test_a_coordinators_desk_has_one_of_everything(database: Database, village: Village) -> None:
    async with database.transaction(village.bank_id) as session:
        josie = await viewer.load(session, village.bank_id, village.people[2].member_id)
        winston = await viewer.load(session, village.bank_id, key_of(village.bank_id, "member", "winston"))
        assert josie
        assert winston
        desk = await read.desk(session, josie)
        assert desk.approvals
        assert desk.floor_cases
        assert desk.objections
        assert desk.unanswered
        assert desk.declined
        named = await read.desk(session, winston)
        assert [v.giver for v in named.approvals] == ["Josie"]


async def test_it_offers_asks_and_has_help_arranged(database: Database, village: Village) -> None:
    async with database.transaction(village.bank_id) as session:
        josie = await viewer.load(session, village.bank_id, village.people[2].member_id)
        assert josie
        for kind, at_least in (("offer", 20), ("request", 15)):
            assert len(await listings.find(session, josie, kind=kind)) >= at_least
        bulb = helping.listing_key(village.bank_id, "edith", helping.ASKS[6][1])
        found = await matches.for_listing(session, josie, bulb, at=PRESENT)
        assert {"Tom", "Olu", "Frank"} <= {match.name for match in found}
        assert len(await reviews.desk(session, josie, at=PRESENT)) >= 2
        assert len(await appointments.desk(session, josie)) >= 2
        states = set((await session.scalars(select(Appointment.state))).all())
        assert states >= {"asked", "agreed", "happened", "did_not_happen"}


async def test_nobody_presented_waits_for_anything_by_text(database: Database, village: Village) -> None:
    """A first YES by text must mean the first hour."""
    async with database.transaction(village.bank_id) as session:
        for person in village.people[:3]:
            seen = await viewer.load(session, village.bank_id, person.member_id)
            assert seen
            arranged = await appointments.mine(session, seen, since=PRESENT)
            assert [v for v in arranged if v.waits_for_me or v.appointment.state != "happened"] == []
            assert await reviews.asked_of(session, seen) == []


async def test_old_news_rests_and_the_last_days_news_is_alive(database: Database, village: Village) -> None:
    async with database.transaction(village.bank_id) as session:
        alive = (await session.scalars(select(Event).where(col(Event.handled_at).is_(None)))).all()
        resting = await session.scalar(
            select(func.count()).select_from(Event).where(col(Event.handled_at).is_not(None))
        )
    assert 5 < len(alive) < 60
    assert min(event.recorded_at for event in alive) >= PRESENT - NEWS_LIFE
    assert (resting or 0) > 60


async def test_no_number_could_ring(database: Database, village: Village) -> None:
    async with database.transaction(village.bank_id) as session:
        reachable = (await session.scalars(select(Contact))).all()
    for contact in reachable:
        if contact.kind in ("mobile", "landline"):
            assert contact.value.startswith(("+447700900", "+442079460")), contact.value
    assert {"mobile", "landline", "post", "email"} == {contact.kind for contact in reachable}
    assert any(contact.is_discreet for contact in reachable)
    values = [contact.value for contact in reachable]
    assert any(values.count(value) > 1 for value in values), "somebody shares a telephone"


@pytest.mark.parametrize(
    "at",
    [datetime(2026, 10, 25, 1, 30, tzinfo=UTC), datetime(2028, 2, 29, 23, 58, tzinfo=UTC)],
    ids=["the night the clocks go back", "a leap day, before midnight"],
)
async def test_it_can_be_written_at_any_moment(database: Database, at: datetime) -> None:
    village = await write_village(database, at=at, size=SMALL, bank_id=uuid7())
    async with database.transaction(village.bank_id) as session:
        assert (await ledger.audit(session, village.bank_id)).is_clean
        last = await session.scalar(select(func.max(Hours.logged_at)))
    assert last is not None
    assert at - timedelta(days=3) < last <= at


async def test_a_full_village_is_as_planned() -> None:
    opens_at = PRESENT - timedelta(weeks=FULL.weeks)
    people = villagers("lantern-street", uuid7(), FULL.people, opens_at, PRESENT)
    names = [p.draft.full_name for p in people]
    assert 110 <= len(people) <= 125
    assert len(set(names)) == len(names)
    languages = [p.draft.language for p in people]
    assert languages.count("cy") >= 8
    assert languages.count("bn") >= 8
    quiet = [p for p in people if p.energy < 1]
    assert len(quiet) > len(people) / 2, "most are quiet"


@pytest.mark.long
async def test_the_full_village_has_clean_books_and_two_years(database: Database) -> None:
    village = await write_village(database, at=PRESENT, bank_id=uuid7())
    async with database.transaction(village.bank_id) as session:
        assert (await ledger.audit(session, village.bank_id)).is_clean
        hours = await session.scalar(select(func.count()).select_from(Hours))
        first = await session.scalar(select(func.min(Hours.done_on)))
        states = set((await session.scalars(select(col(Hours.state)).distinct())).all())
        kinds = (
            await session.execute(select(col(Member.status), func.count()).group_by(col(Member.status)))
        ).all()
        pot = await session.scalar(select(Party).where(col(Party.kind) == "pot"))
        assert pot is not None
        assert (await ledger.balance(session, village.bank_id, pot.account_id)).posted > 0
        assert await parties.get(session, village.bank_id, key_of(village.bank_id, "place", "holm"))
    assert (hours or 0) >= 2000
    assert first is not None
    assert first < (PRESENT - timedelta(days=690)).date()
    assert len(states) == 7, "every state an hour may be in"
    assert {"active", "applied", "paused", "left", "deceased"} <= {row[0] for row in kinds}
