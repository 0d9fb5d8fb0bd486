"""Words to skills: as people say it, with slips of the finger, in Welsh and in Bengali."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.understand import answers
from exchange.directory import lexicon, taxonomy, tokens
from exchange.directory.errors import SkillNotAllowed, UnknownSkill
from exchange.directory.understanding import is_sure, understand, understand_groups
from exchange.errors import UnknownChoice

WEAVER = "community-weaver"


@pytest.mark.parametrize(
    ("said", "skill"),
    [
        ("can someone fix my leaky tap", "taps_and_plumbing"),
        ("my bulb has gone", "light_bulbs"),
        ("MY BULB HAS GONE!!!", "light_bulbs"),
        ("I'd love to teach guitar to beginners", "guitar"),
        ("someone to walk my dog while I'm in hospital", "dog_walking"),
        ("Gib board", "building_work"),
        ("GED tutor", "tutoring"),
        ("Lean to sail", "knowledge_talks"),
        ("dogwalking", "dog_walking"),
        ("gardning", "gardening"),
        ("babysiting", "childcare"),
        ("hairdreser needed", "hair_beauty"),
        ("transportaiton to the doctor", "lifts_to_health"),
        ("need a lift to hospital", "lifts_to_health"),
        ("lift tues", "lifts"),
        ("can anyone give me a lift to the shops", "lifts"),
        ("help to lift a sofa", "moving_house"),
        ("heavy lifting", "moving_house"),
        ("newid bwlb", "light_bulbs"),
        ("garddio", "gardening"),
        ("torri gwallt", "hair_beauty"),
        ("dysgu Cymraeg", "welsh"),
        ("রান্না করা", "cooking"),
        ("kapor selai", "sewing_mending"),
        ("help with my asylum claim", "immigration_advice"),
        ("service my gas boiler", "gas_work"),
    ],
)
def test_what_people_say_is_understood(said: str, skill: str) -> None:
    assert understand(said)[0].skill == skill


@pytest.mark.parametrize("said", ["", " ", "🙂🙂", "?", "12345", "' or 1=1 --", "ابحث", "\x00", "Q"])
def test_what_says_nothing_is_understood_as_nothing_or_hardly(said: str) -> None:
    assert not is_sure(understand(said))


@given(st.text(max_size=2000))
def test_no_text_breaks_it(said: str) -> None:
    found = understand(said)
    assert [g.score for g in found] == sorted((g.score for g in found), reverse=True)
    assert len(understand_groups(said, WEAVER)) == 10


def test_a_surer_guess_is_surer() -> None:
    assert is_sure(understand("dog walking"))
    assert not is_sure(understand("painting"))
    assert not is_sure(understand("blue"))


def test_a_banks_own_word_counts_beside_ours() -> None:
    assert "hauling" not in {g.skill for g in understand("tatting the flitting")}
    assert understand("a flitting", own_words=[("flitting", "moving_house")])[0].skill == "moving_house"


def test_groups_of_another_system_come_best_first_and_all_of_them() -> None:
    groups = understand_groups("ride to the airport", WEAVER)
    assert (groups[0], len(groups)) == ("Transportation", 10)
    assert understand_groups("knitting lessons", WEAVER)[:2] == ["Arts, crafts and music", "Education"]
    with pytest.raises(UnknownChoice):
        understand_groups("ride", "nobody's")


def test_the_command_answers_a_line_with_a_line() -> None:
    lines = list(answers(["dog walking\n", "\n"], scheme=WEAVER))
    assert [json.loads(line)[0] for line in lines] == ["Help at home", "Help at home"]
    assert json.loads(next(iter(answers(["dog walking"]))))[0]["skill"] == "dog_walking"


def test_every_skill_is_whole_and_in_its_schemes() -> None:
    known = taxonomy.load()
    assert len(known.skills) >= 140
    for skill in known.skills.values():
        assert skill.group in known.groups
        assert skill.names["cy"]
        assert skill.names["bn"]
        assert set(skill.groups_by_scheme[WEAVER]) <= set(known.schemes[WEAVER].groups)
        assert skill.groups_by_scheme[WEAVER], skill.code


def test_every_skill_is_understood_by_its_own_name() -> None:
    lost = {s.code for s in taxonomy.load().skills.values() if s.code not in _first_three(s.name)}
    assert lost == set()


def _first_three(said: str) -> set[str]:
    return {guess.skill for guess in understand(said)[:3]}


@pytest.mark.parametrize(
    "code",
    ["lifts_to_health", "personal_care", "shopping", "paying_bills_cash", "childcare", "prescriptions"],
)
def test_regulated_help_is_never_open(code: str) -> None:
    assert taxonomy.needs_coordinator([code])
    assert not taxonomy.needs_coordinator(["cooking"])


@pytest.mark.parametrize("code", ["gas_work", "immigration_advice", "medicines"])
def test_work_for_professionals_is_refused(code: str) -> None:
    with pytest.raises(SkillNotAllowed):
        taxonomy.check([code])
    with pytest.raises(UnknownSkill):
        taxonomy.check(["no_such_skill"])


def test_folding_keeps_what_is_not_an_accent() -> None:
    assert tokens.words("Tŷ, rhy-dod & Café's 24") == ["ty", "rhy", "dod", "cafes"]
    assert tokens.words("ছবি আঁকা") == ["ছবি", "আঁকা"]


def test_one_slip_is_one_step() -> None:
    assert [lexicon.distance("gardning", w) for w in ("gardning", "gardening", "gradning", "sewing")] == [
        0,
        1,
        1,
        3,
    ]
