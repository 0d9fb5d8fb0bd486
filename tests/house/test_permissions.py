"""Who may do what, written down a second time from the roles' side; and who may never approve."""

from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from exchange.errors import NotAllowed
from exchange.hours import log, relations, states, verbs
from exchange.hours.tables import STATES, Hours
from exchange.membership import banks, organisations
from exchange.membership.viewer import Viewer
from exchange.permissions import PERMISSIONS, Relation, Role, may, require
from tests.house.states_page import PAGE, page
from tests.small_bank import Small, gave

OWN_RECORDS = (
    "hours.read hours.log hours.object gift.give statement.read "
    "member.read member.change member.block member.sign_out listing.write listing.match "
    "appointment.read appointment.ask appointment.offer appointment.answer "
    "appointment.change "
    "activity.propose activity.change place.book session.help resource.offer resource.book resource.change "
    "note.issue note.read note.use"
)
GROUPS = (
    "activity.propose activity.change place.book session.help card.make resource.offer resource.book "
    "resource.change note.read note.use"
)
DECIDING_GROUPS = "activity.decide session.correct note.issue"
STAFF_WORK = (
    "hours.read hours.log hours.confirm hours.decline hours.withdraw hours.object statement.read "
    "member.read member.change member.block member.accept member.pause member.sign_out listing.write "
    "listing.match listing.hold appointment.read appointment.ask appointment.offer appointment.answer "
    "appointment.change "
    "referral.read referral.care measure.answer measure.allow visit.plan"
)
DECISIONS = ("hours.approve", "hours.refuse", "hours.dismiss", "hours.reverse")
DECIDING = " ".join(DECISIONS)
BUT_APPROVING = "hours.refuse hours.dismiss hours.reverse"
TRUST = "gift.from_pot limits.raise listing.clear"
DIRECTORY = "directory.read listing.read activity.read concern.raise"
DESK = "member.sign_up organisation.add queue.read policy.read listing.teach circle.read circle.propose"
ASKED = "measure.answer measure.allow"
SEEING_TO = "measure.see_to"
CARE = "practice.manage fund.manage"
CREDITS = "credit.give credit.read clearance.read clearance.keep"
REFERRING = "referral.make referral.read"
OWN_LISTING = "listing.hold"
"""Staff may hold a listing of their own back, as anybody's."""

MAY: dict[str, dict[str, str]] = {
    "member": {
        "own": f"{OWN_RECORDS} {REFERRING} referral.log credit.read clearance.read {ASKED} visit.plan",
        "logger": "hours.withdraw",
        "awaited": "hours.confirm hours.decline",
        "deputised": f"hours.read {DECIDING} limits.raise",
        "bank": DIRECTORY,
    },
    "representative": {
        "own": OWN_RECORDS,
        "logger": "hours.withdraw",
        "awaited": "hours.confirm hours.decline",
        "uninvolved": "note.use",
        "referred": REFERRING,
        "bank": DIRECTORY,
    },
    "assistant": {
        "own": OWN_LISTING,
        "uninvolved": f"{STAFF_WORK} {GROUPS}",
        "bank": f"{DIRECTORY} {DESK} {SEEING_TO}",
    },
    "coordinator": {
        "own": OWN_LISTING,
        "uninvolved": f"{STAFF_WORK} {GROUPS} {BUT_APPROVING} {TRUST} {DECIDING_GROUPS} member.end "
        f"referral.make referral.decide referral.log {CREDITS}",
        "checker": "hours.approve",
        "bank": f"{DIRECTORY} {DESK} {SEEING_TO} {CARE} organisation.represent books.audit circle.decide",
    },
    "administrator": {
        "own": OWN_LISTING,
        "uninvolved": f"hours.read statement.read member.read member.change member.block member.accept "
        f"member.pause member.sign_out listing.write listing.match listing.hold appointment.read {TRUST} "
        f"member.end member.grant {GROUPS} {DECIDING_GROUPS} {REFERRING} referral.log {CREDITS}",
        "deputised": DECIDING,
        "bank": f"{DIRECTORY} {DESK} {CARE} organisation.represent books.audit circle.decide "
        "policy.change data.import practice.connect",
    },
    "auditor": {"bank": "policy.read books.audit"},
    "practice": {"own": "passkey.keep", "referred": REFERRING, "bank": "concern.raise"},
}
"""Role → how the record looks from there → what the role may do to it; everything else is refused."""

CELLS = [(role, relation) for role in Role for relation in Relation]


@pytest.mark.parametrize(("role", "relation"), CELLS, ids=str)
def test_a_role_may_do_this_and_nothing_else(role: Role, relation: Relation) -> None:
    expected = set(MAY[role].get(relation, "").split())
    assert {verb for verb in PERMISSIONS if may([role], verb, [relation])} == expected


def test_nobody_may_do_anything_without_a_role_or_a_relation() -> None:
    for verb in PERMISSIONS:
        assert not may([], verb, list(Relation))
        assert not may(list(Role), verb, [])


def test_what_the_table_does_not_allow_is_refused_aloud() -> None:
    with pytest.raises(NotAllowed):
        require([Role.MEMBER], "hours.approve", [Relation.OWN])


def test_a_verb_that_is_not_in_the_table_is_a_mistake_and_not_a_no() -> None:
    with pytest.raises(KeyError):
        may([Role.ADMINISTRATOR], "hours.aprove", [Relation.BANK])


# Whoever took part.

KEYS = [uuid4() for _ in range(5)]
keys = st.sampled_from(KEYS)


@st.composite
def meetings(draw: st.DrawFn) -> tuple[Viewer, Hours]:
    """Anybody with any roles, speaking for any organisations, and any hours between any two."""
    viewer = Viewer(
        bank_id=KEYS[0],
        member_id=draw(keys),
        name="",
        language="en",
        roles=frozenset(draw(st.sets(st.sampled_from(list(Role))))),
        organisation_ids=frozenset(draw(st.sets(keys, max_size=2))),
    )
    giver, receiver = draw(st.lists(keys, min_size=2, max_size=2, unique=True))
    logger, awaited = draw(st.sampled_from([giver, receiver])), draw(st.sampled_from([giver, receiver]))
    hours = SimpleNamespace(giver_id=giver, receiver_id=receiver, logger_id=logger, awaited_id=awaited)
    return viewer, hours  # type: ignore[return-value]


def took_part(viewer: Viewer, hours: Hours) -> bool:
    sides: set[UUID] = {hours.giver_id, hours.receiver_id}
    return viewer.member_id in sides or bool(sides & viewer.organisation_ids)


def at_their_own_house() -> tuple[Viewer, Hours]:
    """A coordinator, and hours that the organisation they speak for received."""
    roles, house = frozenset({Role.COORDINATOR}), frozenset({KEYS[1]})
    viewer = Viewer(
        bank_id=KEYS[0], member_id=KEYS[0], name="", language="en", roles=roles, organisation_ids=house
    )
    hours = SimpleNamespace(giver_id=KEYS[2], receiver_id=KEYS[1], logger_id=KEYS[2], awaited_id=KEYS[1])
    return viewer, hours  # type: ignore[return-value]


def never_decides_for_itself(own_side) -> None:
    @example(at_their_own_house())
    @given(meetings())
    def holds(met: tuple[Viewer, Hours]) -> None:
        viewer, hours = met
        found = own_side(viewer, hours)
        if took_part(viewer, hours):
            assert not any(may(viewer.roles, verb, found or {Relation.UNINVOLVED}) for verb in DECISIONS)

    holds()


def test_nobody_who_took_part_decides() -> None:
    never_decides_for_itself(relations.own_side)


def test_a_rule_that_forgets_organisations_is_found() -> None:
    """The control: looking only at the member lets a representative approve their organisation's hours."""

    def naive(viewer: Viewer, hours: Hours) -> frozenset[Relation]:
        is_side = viewer.member_id in (hours.giver_id, hours.receiver_id)
        return frozenset({Relation.OWN}) if is_side else frozenset()

    with pytest.raises(AssertionError):
        never_decides_for_itself(naive)


@given(meetings())
def test_own_sides_are_exactly_the_sides(met: tuple[Viewer, Hours]) -> None:
    viewer, hours = met
    found = relations.own_side(viewer, hours)
    assert (Relation.OWN in found) == took_part(viewer, hours)
    assert (Relation.LOGGER in found) == (hours.logger_id in viewer.party_ids)
    assert not (Relation.AWAITED in found and Relation.LOGGER in found), "nobody says yes to themselves"


async def test_a_coordinator_cannot_approve_what_their_organisation_took_part_in(small: Small) -> None:
    await banks.set_approval_rules(small.session, small["admin"], {"first_exchange": (0, 30)})
    ask = small.session, small["admin"], small.organisation_id
    await organisations.represent(*ask, small["Cora"].member_id)
    await organisations.represent(*ask, small["Ben"].member_id)
    cora, ben = await small.reload("Cora"), await small.reload("Ben")
    hours = await log.log(small.session, small["Ann"], gave(small.organisation_id), at=small.at)
    await verbs.confirm(small.session, ben, hours.hours_id, at=small.at)
    assert hours.state == "awaiting_approval"
    with pytest.raises(NotAllowed):
        await verbs.approve(small.session, cora, hours.hours_id, at=small.at)
    await verbs.approve(small.session, small["admin"], hours.hours_id, at=small.at)


# The states, as a table.


def reachable(transitions: tuple[states.Transition, ...]) -> set[str]:
    found: set[str | None] = {None}
    while new := {t.to for t in transitions if t.state in found} - found:
        found |= new
    return {state for state in found if state}


def dead_ends(transitions: tuple[states.Transition, ...]) -> set[str]:
    return {t.to for t in transitions} - {t.state for t in transitions}


def test_every_state_can_be_reached_and_is_known_to_the_database() -> None:
    assert reachable(states.TRANSITIONS) == set(STATES) == {t.to for t in states.TRANSITIONS}


def test_no_state_is_a_dead_end_unless_it_says_what_to_do_instead() -> None:
    assert dead_ends(states.TRANSITIONS) == states.ENDS.keys()


def test_a_dead_end_and_an_unreachable_state_are_found() -> None:
    lost = tuple(t for t in states.TRANSITIONS if t.state != "declined")
    assert "declined" in dead_ends(lost)
    cut = tuple(t for t in states.TRANSITIONS if t.to != "objected")
    assert reachable(cut) == set(STATES) - {"objected"}


def test_every_verb_of_the_states_has_a_row_in_the_permission_table() -> None:
    asked = {states.permission_for(t.state, t.verb) for t in states.TRANSITIONS if t.state}
    assert asked <= PERMISSIONS.keys()


def test_two_ways_by_the_same_verb_say_when() -> None:
    ways: dict[tuple[str | None, str], list[str]] = {}
    for t in states.TRANSITIONS:
        ways.setdefault((t.state, t.verb), []).append(t.when)
    unclear = {
        way for way, when in ways.items() if len(when) > 1 and (not all(when) or len(set(when)) < len(when))
    }
    assert unclear == set()


def test_the_drawing_in_the_docs_is_the_table() -> None:
    """When this fails: .venv/bin/python -m tests.house.states_page"""
    assert states.drawing() in page()
    assert PAGE.read_text() == page()
