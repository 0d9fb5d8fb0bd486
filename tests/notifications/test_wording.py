"""Every template exists in every language, says the same things, fits its segments, and tells nobody else."""

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest
from uuid_utils.compat import uuid7

from notifications import Address, Notice, Policy
from notifications.clusters import clusters
from notifications.errors import UnknownPlaceholder
from notifications.own_texts import examples
from notifications.segments import measure
from notifications.wording import (
    LANGUAGES,
    NAMES,
    check_placeholders,
    declarations,
    fill,
    placeholders,
    texts,
    words_for,
)

Make = Callable[..., Notice]
TEMPLATES = sorted(declarations())
TEXTED = [name for name in TEMPLATES if "sms" in declarations()[name].told_by]
EVERY_TEXT = list(itertools.product(TEXTED, LANGUAGES))
TELLING = ("bank", "banc", "ব্যাংক", "surgery", "doctor", "meddyg", "ডাক্তার", "prescri", "evenhour")


def example(template: str, language: str, **more: str) -> dict[str, str]:
    known = {**examples(language), **more}
    return {name: known[name] for name in declarations()[template].parameters}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_template_is_there_with_the_same_placeholders(language: str) -> None:
    for template in TEMPLATES:
        ours, english = texts(language)[template], texts("en")[template]
        assert ours.keys() == english.keys(), template
        for part in english:
            assert placeholders(ours[part]) == placeholders(english[part]), f"{language} {template} {part}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_frame_says_the_same_things(language: str) -> None:
    ours, english = texts(language)["frame"], texts("en")["frame"]
    assert {name: placeholders(text) for name, text in ours.items()} == {
        name: placeholders(text) for name, text in english.items()
    }


@pytest.mark.parametrize(("template", "language"), EVERY_TEXT)
def test_a_text_fits_its_segments_and_says_everything(
    template: str, language: str, gift: Make, policy: Policy
) -> None:
    declaration = declarations()[template]
    values = example(template, language)
    for discreet in (False, True):
        address = Address(channel="sms", to="+447700900123", discreet=discreet)
        notice = gift(template=template, parameters=values, language=language, address=address)
        words = words_for(notice, "sms", policy)
        assert "((" not in words.body
        assert words.segments <= declaration.sms_segments_max, words.body
        if not discreet:
            part = texts(language)[template]["sms"]
            said = {name for name in placeholders(part) if name in values}
            assert all(values[name] in words.body for name in said), words.body


@pytest.mark.parametrize(("template", "language"), EVERY_TEXT)
def test_a_discreet_text_names_no_service_and_nobody(template: str, language: str) -> None:
    parts = texts(language)[template]
    named = {"logger", "other", "coordinator", "giver", "receiver", "bank", "list"}
    for part in ("discreet", "discreet_email"):
        assert not placeholders(parts.get(part, "")) & named, template
        assert not [word for word in TELLING if word in parts.get(part, "").lower()], template


@pytest.mark.parametrize(("template", "language"), EVERY_TEXT)
def test_every_other_way_of_telling_has_its_words(
    template: str, language: str, gift: Make, policy: Policy
) -> None:
    for channel in sorted(declarations()[template].told_by - {"sms"}):
        for discreet in (False, True):
            address = Address(channel=channel, to="x", discreet=discreet)  # type: ignore[arg-type]
            notice = gift(
                template=template, parameters=example(template, language), language=language, address=address
            )
            words = words_for(notice, notice.address.channel, policy)
            assert words.subject
            assert words.body
            assert "((" not in words.subject + words.body
            if discreet and channel == "call":
                assert words.body.startswith("Be careful"), "what to make sure of comes before what to say"
            elif discreet:
                assert policy.bank_name not in words.subject + words.body


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_answer_says_that_somebody_else_here_is_a_member(language: str) -> None:
    """Who shares a telephone may not know that the other belongs; the answer must be dull."""
    for template in ("reply_shared_number", "reply_balance_hidden"):
        for part in ("sms", "discreet"):
            words = texts(language)[template][part].lower()
            assert not [w for w in ("person", "share", "people", "একাধিক", "জন ") if w in words], words


def test_a_name_is_cut_to_fit_and_never_inside_a_letter(gift: Make, policy: Policy) -> None:
    name = "শ্রীমতী " + "ক্ষ্মী" * 40
    values = example("hours_logged_gave", "bn", logger=name)
    words = words_for(gift(template="hours_logged_gave", parameters=values, language="bn"), "sms", policy)
    assert words.segments == 2
    cut = words.body.partition(" বলছেন")[0]
    assert len(cut) < len(name)
    assert name.startswith(cut)
    assert clusters(cut) == clusters(name)[: len(clusters(cut))]


LONG_NAMES = {
    "en": "Bartholomew-Christopher Featherstonehaugh-Cholmondeley the Third of Pontypridd",
    "cy": "Gwenllïan Llŷrwŷn-Gŵyddelwern ap Llanfairpwllgwyngyllgogerychwyrndrobwll",
    "bn": "মোসাম্মৎ জান্নাতুল ফেরদৌস রহিমা খাতুন চৌধুরী বেগম সাহেবা",
}
LONG_WHATS = {"en": "sewing, mending and knitting", "cy": "gwnïo, trwsio a gwau", "bn": "সেলাই, মেরামত ও বোনা"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_costs_more_than_it_states_whatever_people_are_called(language: str, policy: Policy) -> None:
    name, reach = LONG_NAMES[language], "bartholomew.featherstonehaugh@llanfair.example"
    hard = {"what": LONG_WHATS[language], "reach": reach, **dict.fromkeys(NAMES, name)}
    cut = 0
    for template, declaration in declarations().items():
        if "sms" not in declaration.told_by:
            continue
        values = {n: hard.get(n, v) for n, v in example(template, language).items()}
        notice = Notice(
            event_id=uuid7(),
            recipient_id=uuid7(),
            template=template,
            address=Address(channel="sms", to="+447700900123"),
            language=language,
            parameters=values,
        )
        words = words_for(notice, "sms", replace(policy, bank_name=name))
        assert words.segments <= declaration.sms_segments_max, words.body
        whole = fill(texts(language)[template]["sms"], {**values, "bank": name, "contact": policy.contact})
        cut += measure(whole).segments > declaration.sms_segments_max
    assert cut or language == "en", "the control: uncut, some would"


def test_a_flag_is_one_letter() -> None:
    wales = "\U0001f3f4" + "".join(chr(0xE0000 + ord(tag)) for tag in "gbwls") + "\U000e007f"
    bangladesh = "\U0001f1e7\U0001f1e9"
    assert clusters(f"Si{wales}{bangladesh}{bangladesh}") == ["S", "i", wales, bangladesh, bangladesh]


def test_a_list_is_cut_between_its_items(gift: Make, policy: Policy) -> None:
    items = [f"{number} Margaret {number} h" for number in range(60)]
    notice = gift(template="reply_which", parameters={"list": ", ".join(items)})
    words = words_for(notice, "sms", policy)
    assert words.segments <= 3
    assert words.body.rpartition(", ")[2] in items


def test_a_name_cannot_start_a_new_line_or_run_anything(gift: Make, policy: Policy) -> None:
    nasty = "Ann\r\nBcc: everybody@example.org ((code)) {{ 7*7 }}"
    address = Address(channel="email", to="a@example.org")
    words = words_for(gift(parameters={"giver": nasty, "duration": "1 h"}, address=address), "email", policy)
    assert "\n" not in words.subject
    assert "((code)) {{ 7*7 }}" in words.body


def test_a_call_is_said_in_the_members_language_and_explained_in_the_coordinators(
    gift: Make, policy: Policy
) -> None:
    values = example("hours_logged_gave", "bn")
    address = Address(channel="call", to="+441632960123", discreet=True)
    notice = gift(template="hours_logged_gave", parameters=values, language="bn", address=address)
    first, second = words_for(notice, "call", policy).body.splitlines()
    assert first.startswith("Be careful: first make sure that it is them")
    assert "এটা কি ঠিক?" in first
    assert second.startswith("That means:")
    assert "Is that right?" in second
    welsh_desk = replace(policy, desk_language="cy")
    assert words_for(notice, "call", welsh_desk).body.startswith("Byddwch yn ofalus")


def test_what_a_call_means_has_the_coordinators_days_and_lengths_too(gift: Make, policy: Policy) -> None:
    address = Address(channel="call", to="+441632960123")
    welsh = gift(parameters={"giver": "Ann", "duration": "1 awr"}, language="cy", address=address)
    first, second = words_for(replace(welsh, meant={"duration": "1 h"}), "call", policy).body.splitlines()
    assert "1 awr" in first
    assert "1 h as a gift" in second
    assert "1 awr" in words_for(welsh, "call", policy).body.splitlines()[1], "the control"


def test_whom_to_call_is_written_as_it_is_dialled(gift: Make, policy: Policy) -> None:
    notice = gift(template="reply_cannot", parameters={})
    for contact, written in (
        ("+442079460123", "020 7946 0123"),
        ("020 7946 0123", "020 7946 0123"),
        ("+33123456789", "+33 1 23 45 67 89"),
        ("", "your coordinator"),
    ):
        assert written in words_for(notice, "sms", replace(policy, contact=contact)).body


def test_an_unknown_or_broken_placeholder_is_refused() -> None:
    declaration = declarations()["gift_received"]
    check_placeholders("((giver)) gave you ((duration)) (((bank)))", declaration)
    for wrong in ("((who)) gave", "((giver gave", "giver)) gave", "((Giver))", "((giver.x))"):
        with pytest.raises(UnknownPlaceholder):
            check_placeholders(wrong, declaration)


def test_welsh_letters_are_kept_and_cost_what_they_cost() -> None:
    assert measure("Diolch am yr awr").encoding == "gsm7"
    assert measure("Diolch am y dŵr").encoding == "ucs2"
