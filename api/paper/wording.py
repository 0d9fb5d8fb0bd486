"""The few words that paper adds to what it tells, in each language."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """The fixed words of a statement."""

    title: str
    headings: tuple[str, str, str, str]
    gave: str
    received: str
    gift: str
    cover: str
    activity: str
    booking: str
    time_note: str
    reversal: str
    nothing: str
    closing: str


WORDS: Mapping[str, Words] = {
    "en": Words(
        title="Your hours",
        headings=("Day", "What", "Time", "Your hours then"),
        gave="You helped {}",
        received="{} helped you",
        gift="Gift: {}",
        cover="Help from the community pot",
        activity="Group: {}",
        booking="Booking: {}",
        time_note="Time note: {}",
        reversal="Undone: {}",
        nothing="Nothing has been added yet.",
        closing="Is something not right? Tell us{}. Everybody's hour is worth the same.",
    ),
    "cy": Words(
        title="Eich oriau",
        headings=("Diwrnod", "Beth", "Amser", "Eich oriau wedyn"),
        gave="Helpoch chi {}",
        received="Helpodd {} chi",
        gift="Rhodd: {}",
        cover="Help o'r gronfa gymunedol",
        activity="Grŵp: {}",
        booking="Bwciad: {}",
        time_note="Nodyn amser: {}",
        reversal="Dadwnaed: {}",
        nothing="Does dim wedi'i ychwanegu eto.",
        closing="Rhywbeth o'i le? Dywedwch wrthym{}. Mae awr pawb yn werth yr un faint.",
    ),
    "bn": Words(
        title="আপনার ঘণ্টা",
        headings=("দিন", "কী", "সময়", "তখন আপনার ঘণ্টা"),
        gave="আপনি {}-কে সাহায্য করেছেন",
        received="{} আপনাকে সাহায্য করেছেন",
        gift="উপহার: {}",
        cover="সবার তহবিল থেকে সাহায্য",
        activity="দল: {}",
        booking="বুকিং: {}",
        time_note="সময়ের নোট: {}",
        reversal="বাতিল করা হয়েছে: {}",
        nothing="এখনো কিছু যোগ হয়নি।",
        closing="কিছু ভুল আছে? আমাদের জানান{}। সবার ঘণ্টার মূল্য সমান।",
    ),
}
