"""What people text, in the words they text it; each line is one text and what it asks for."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications import parse
from notifications.commands import ANY, BY_LANGUAGE, CARRIER_START, CARRIER_STOP

TABLE = """
YES | yes
yes. | yes
Yes!! | yes
y | yes
YES 412 | yes 412
412 yes | yes 412
yes #412 thanks | yes 412
Yes please love | yes
yse | unknown
Yess | yes
ok | yes
thats right x | yes
That’s right | yes
Yeah thats right thank you | yes
👍 | yes
👍🏽 | yes
correct | yes
corect | yes
yes it was 2 hours | different 2h
yes i gave him 2 hours | different 2h
YES412 | yes 412
no412 | no 412
yes i can come on tuesday | unknown
sorry wrong number | unknown
no problem | unknown
ok thanks | yes
yes but it was 1h | different 1h
no it was 90 min | different 90m
No, 2 hrs | different 2h
1h not 2 | different 1h not 2h
412 1h not 2h | different 412 1h not 2h
it was an hour and a half not 2 hours | different 90m not 2h
NO | no
no 412 | no 412
No. | no
nope | no
n | no
wrong | no
thats wrong | no
👎 | no
not right | no
yes no | unknown
yes i think so but she never came on tuesday | unknown
no idea who that is and i dont like it | unknown
ie | yes
IE 412 | yes 412
iawn | yes
Ydy, diolch | yes
cywir | yes
na | no
Na 412 | no 412
nage | no
anghywir | no
naddo | no
mae'n gywir | yes
nid 2 awr, 1 awr | different 1h not 2h
হ্যাঁ | yes
হ্যাঁ ৪১২ | yes 412
জি | yes
ঠিক আছে | yes
thik ache | yes
না | no
না ৪১২ | no 412
ঠিক না | no
thik na | no
ভুল | no
hae | yes
bn: ha | yes
bn: ji 412 | yes 412
ha ha | unknown
en: ha | unknown
cy: do | yes
en: do | unknown
BALANCE | balance
balance please | balance
Balence? | balance
balanc | balance
my hours | balance
how many hours | balance
balans | balance
fy oriau | balance
ব্যালেন্স | balance
amar ghonta | balance
MENU | menu
help | menu
HELP | menu
help me | unknown !
menu pls | menu
what's on | whats_on
Whats on? | whats_on
beth sy mlaen | whats_on
কী আছে | whats_on
book 12 | book 12
BOOK 12 please | book 12
bwcio 12 | book 12
বুক ১২ | book 12
leave 12 | leave 12
can't come 12 | leave 12
gadael 12 | leave 12
gave 1h to ann | gave 1h "ann"
I gave Ann 2 hrs | gave 2h "ann"
gave sam 90 min | gave 90m "sam"
gave 1h30 sam | gave 90m "sam"
gave 1.5 hours to sam | gave 90m "sam"
gave 1,5h sam | gave 90m "sam"
gave 1½ hours to sam | gave 90m "sam"
gave half an hour to Sam | gave 30m "sam"
gave 1:30 to sam | gave 90m "sam"
got 2h from Bob | received 2h "bob"
GOT 1h ANN | received 1h "ann"
received 45 mins from bob | received 45m "bob"
had an hour with Bob | received 1h "bob"
rhoddais 1 awr i Ann | gave 1h "ann"
rhoi hanner awr i Siân | gave 30m "siân"
cael 1 awr gan Ann | received 1h "ann"
ces i awr a hanner gan Ann | received 90m "ann"
rahim ke 1 ghonta dilam | gave 1h "rahim"
১ ঘণ্টা দিলাম রহিম | gave 1h "রহিম"
দেড় ঘণ্টা পেলাম রহিম | received 90m "রহিম"
gave ann some help | gave "ann some"
2 hrs gardening | duration 2h "gardening"
2h | duration 2h
90 min | duration 90m
1h 30 | duration 90m
৯০ মিনিট | duration 90m
2 awr | duration 2h
412 | number 412
1 | number 1
need lift tues 10am | need "lift tues 10am"
I need a lift on Tuesday at 10 | need "a lift on tuesday at 10"
Can someone help with my shopping? | need "help with my shopping"
angen lifft dydd Mawrth 10am | need "lifft dydd mawrth 10am"
মঙ্গলবার গাড়ি লাগবে | need "মঙ্গলবার গাড়ি"
bazar lagbe | need "bazar"
call me | call_me
CALL ME please | call_me
please ring me about tuesday | call_me
ffoniwch fi | call_me
আমাকে ফোন করুন | call_me
phone korun | call_me
got it | have_it
GOT IT | have_it
I'm on it | have_it
welsh | language cy
Cymraeg | language cy
english please | language en
bangla | language bn
বাংলা | language bn
STOP | stop
stop | stop
Stop. | stop
STOPALL | stop
cancel | stop
end | stop
quit | stop
unsubscribe | stop
please stop texting me | stop
no more texts | stop
START | start
unstop | start
cancel tuesday | unknown
the end of the week is fine | unknown
hello | unknown
who is this | unknown
 | unknown
?? | unknown
I want to die | unknown !
i cant go on i want to die | unknown !
he hits me | unknown !
dwi eisiau marw | unknown !
আমি মরতে চাই | unknown !
amake mare | unknown !
yes he hurt me | yes !
yes i had a fall | unknown !
Ann gave me 2h | received 2h "ann"
Ann helped me for 2 hours | received 2h "ann"
got 1h from me ann | gave 1h "ann"
Tom gave 1h | duration 1h "tom"
on monday Tom gave 1h | duration 1h "tom"
yesterday I gave Tom 1h | gave 1h "tom"
gave Ji 1h | gave 1h "ji"
bn: gave Ji 1h | gave 1h "ji"
had 1h from Dilan | received 1h "dilan"
gave Tom 1h not 2h | gave 1h not 2h "tom"
recvd 2h ann | received 2h "ann"
1 and a half hours | duration 90m
2 hours and a half | duration 150m
1 1/2 hours | duration 90m
gave tom 1/2 hour | gave 30m "tom"
1 hour and 30 minutes | duration 90m
an hour and 20 minutes | duration 80m
forty five minutes | duration 45m
dwy awr a hanner | duration 150m
rhoi awr i Tom | gave 1h "tom"
সাড়ে তিন ঘণ্টা | duration 210m
1 not 2 | different 1h not 2h
90 min not 60 | different 90m not 1h
1 awr dim 2 | different 1h not 2h
১ ঘণ্টা ২ না | different 1h not 2h
১ ঘণ্টা, ২ ঘণ্টা না | different 1h not 2h
২ ঘণ্টা না ১ ঘণ্টা | different 1h not 2h
1 ghonta, 2 noy | different 1h not 2h
yes-412 | yes 412
412yes | yes 412
that's fine | yes
dim diolch | no
STOP ALL | stop
stop it | stop
opt out | stop
do not text | stop
stop sending me messages | stop
stopio | stop
বন্ধ করুন | stop
bondho korun | stop
he won't stop it | unknown
start again | start
i can help | able
sorry i can't | unable
yes i can | yes
no i can't sorry | no
yes but i can't | unknown
can't remember | unknown
i cant make it tuesday | leave
পারব না | unable
thank you | thanks
diolch yn fawr | thanks
🙏 | thanks
thanks but no idea who that is | unknown
i got it | have_it
yes got it | have_it
on my way | have_it
person | call_me
nice person that | unknown
ring | call_me
ফোন দেন | call_me
help with shopping please | need "shopping please"
i'd like to come to 2 | book 2
beth sy'n digwydd | whats_on
faint o oriau sydd gen i | balance
how many hours have i got | balance
i've fallen | unknown !
he's hitting me | unknown !
call 999 | unknown 999 !
yes 999 | yes 999
i can't go on tuesday | unknown
mae e'n fy mrifo | unknown !
ভয় করছে | unknown !
"""


def expectations() -> list[tuple[str, str]]:
    lines = [line.rpartition(" | ") for line in TABLE.strip("\n").splitlines()]
    return [(text, wanted) for text, _, wanted in lines]


def said(minutes: int | None) -> str:
    if minutes is None:
        return ""
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"


@pytest.mark.parametrize(("text", "wanted"), expectations())
def test_a_text_is_understood(text: str, wanted: str) -> None:
    language = None
    if text[2:4] == ": ":
        language, text = text[:2], text[4:]
    intent = parse(text, language=language)
    parts = [
        intent.verb,
        intent.language or "",
        intent.reference or "",
        said(intent.minutes) if intent.verb != "need" else "",
        f"not {said(intent.not_minutes)}" if intent.not_minutes else "",
        f'"{intent.rest}"' if '"' in wanted else "",
        "!" if intent.is_alarming else "",
    ]
    assert " ".join(part for part in parts if part) == wanted


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=1600), st.sampled_from([None, "en", "cy", "bn"]))
def test_anything_at_all_is_read_without_falling_over(body: str, language: str | None) -> None:
    intent = parse(body, language=language)
    assert intent.minutes is None or 0 < intent.minutes <= 24 * 60


@pytest.mark.parametrize(
    "shape", [str.upper, str.lower, str.title, "  {}  ".format, "{}!!".format, "{}.".format]
)
def test_no_command_depends_on_case_or_punctuation(shape: object) -> None:
    assert callable(shape)
    for word, verb in (("yes", "yes"), ("balance", "balance"), ("call me", "call_me"), ("naddo", "no")):
        assert parse(shape(word)).verb == verb


def test_no_command_of_ours_is_a_carriers() -> None:
    """YES is opt-in to the carrier and still reaches us; HELP and INFO get our menu beside the carrier's."""
    tables = [ANY, *BY_LANGUAGE.values()]
    ours = {
        (phrase, verb) for table in tables for verb, listed in table.items() for phrase in listed.split("|")
    }
    assert not {phrase for phrase, _ in ours} & (CARRIER_STOP | CARRIER_START)
    assert {parse(word).verb for word in CARRIER_STOP} == {"stop"}
    assert {parse(word).verb for word in CARRIER_START} == {"start"}


def test_no_phrase_means_two_things() -> None:
    for language in ("en", "cy", "bn"):
        meanings: dict[str, set[str]] = {}
        for table in (ANY, BY_LANGUAGE[language]):
            for verb, listed in table.items():
                for phrase in listed.split("|"):
                    meanings.setdefault(phrase, set()).add(verb)
        assert {phrase for phrase, verbs in meanings.items() if len(verbs) > 1} == set()


def test_a_hostile_text_is_read_quickly() -> None:
    for nasty in ("1 " * 5000, "not " * 5000, "h" * 20000, "1h" * 8000, "#" * 20000, "((" * 9000):
        parse(nasty)


def test_a_no_that_names_a_time_is_remembered_as_a_no() -> None:
    assert parse("no 2h").says_no
    assert not parse("yes 2h").says_no
    assert not parse("no").says_no


@pytest.mark.parametrize("odd", ["-1h", "\u22121h", "1-2h", "0.33h", "1.5 min", "-1:30"])
def test_a_length_with_a_sign_or_a_broken_minute_is_none(odd: str) -> None:
    """It is asked for again, and nothing is rounded; a quarter of an hour is the control."""
    told = parse(f"gave Tom {odd}")
    assert (told.verb, told.minutes) == ("gave", None)
    assert (parse(odd).verb, parse(odd).minutes) == ("duration", None)
    assert parse(f"yes {odd}").verb == "unknown"
    assert parse("gave Tom 0.25h").minutes == 15


TODAY = date(2026, 5, 12)
"""A Tuesday."""


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("gave Tom 1h yesterday", date(2026, 5, 11)),
        ("gave Tom 1h on Monday", date(2026, 5, 11)),
        ("gave Tom 1h on tuesday", date(2026, 5, 5)),
        ("had 1h from Tom on 3 May", date(2026, 5, 3)),
        ("gave Tom 1h 3/5/2026", date(2026, 5, 3)),
        ("gave Tom 1h on 3/5/2024", date(2024, 5, 3)),
        ("gave Tom 1h 2 days ago", date(2026, 5, 10)),
        ("gave Tom 1h 27 December", date(2025, 12, 27)),
        ("rhoddais 1 awr i Tom ddoe", date(2026, 5, 11)),
        ("rhoddais 1 awr i Tom ddydd Llun", date(2026, 5, 11)),
        ("rhoddais 1 awr i Tom 3 Mai", date(2026, 5, 3)),
        ("Tom ১ ঘণ্টা দিলাম গতকাল", date(2026, 5, 11)),
        ("Tom ১ ঘণ্টা দিলাম সোমবার", date(2026, 5, 11)),
        ("৩ মে Tom ১ ঘণ্টা দিলাম", date(2026, 5, 3)),
        ("gave Tom 1h tomorrow", date(2026, 5, 13)),
        ("gave Tom 1h on 31/2/2026", None),
        ("gave Tom 1h monday and friday", None),
    ],
)
def test_a_day_is_read_as_people_write_it(said: str, day: date | None) -> None:
    told = parse(said, language="bn" if not said.isascii() else None)
    assert told.day is not None
    assert (told.day.on(TODAY), told.minutes, told.rest.split()[0]) == (day, 60, "tom")


def test_a_name_that_is_also_a_month_or_a_day_is_a_name() -> None:
    for said in ("gave May 1h", "gave Sun 1h", "gave May 1 hour"):
        assert parse(said).day is None
