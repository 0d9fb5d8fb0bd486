"""The fixed words of printed sheets, in each language: posters, cards, rosters, notes, what's on."""

from collections.abc import Mapping

Words = Mapping[str, str]

POSTER: Mapping[str, Words] = {
    "en": {
        "here": "I'm here",
        "how": "Open your phone's camera, hold it to the square, then tap once.",
        "without": "No phone, or it won't work? Tell whoever runs this: they tick your name. "
        "Or text the code above to the time bank.",
        "alt": "Square code that opens the page where you say you are here",
    },
    "cy": {
        "here": "Rwyf yma",
        "how": "Agorwch gamera eich ffôn, daliwch ef at y sgwâr, yna tapiwch unwaith.",
        "without": "Dim ffôn, neu ddim yn gweithio? Dywedwch wrth bwy bynnag sy'n arwain: byddant yn "
        "ticio'ch enw. Neu tecstiwch y cod uchod i'r banc amser.",
        "alt": "Cod sgwâr sy'n agor y dudalen lle dywedwch eich bod yma",
    },
    "bn": {
        "here": "আমি এসেছি",
        "how": "ফোনের ক্যামেরা খুলে চৌকো কোডের দিকে ধরুন, তারপর একবার চাপুন।",
        "without": "ফোন নেই, বা কাজ করছে না? যিনি পরিচালনা করছেন তাঁকে বলুন, তিনি নামে টিক দেবেন। "
        "অথবা উপরের কোডটি টাইম ব্যাংকে টেক্সট করুন।",
        "alt": "চৌকো কোড, যা আপনি এসেছেন বলার পাতা খোলে",
    },
}
CARD: Mapping[str, Words] = {
    "en": {
        "title": "Member cards",
        "how": "Show this when you come. It says who you are and nothing more.",
        "found": "Found it? Ring {}",
        "alt": "Member card code of {}",
    },
    "cy": {
        "title": "Cardiau aelodau",
        "how": "Dangoswch hwn pan ddewch. Mae'n dweud pwy ydych chi a dim mwy.",
        "found": "Wedi'i ganfod? Ffoniwch {}",
        "alt": "Cod cerdyn aelod {}",
    },
    "bn": {
        "title": "সদস্য কার্ড",
        "how": "এলে এটি দেখান। এটি শুধু বলে আপনি কে, আর কিছু নয়।",
        "found": "পেয়েছেন? ফোন করুন {}",
        "alt": "{}-এর সদস্য কার্ডের কোড",
    },
}
ROSTER: Mapping[str, Words] = {
    "en": {
        "title": "Who is expected",
        "how": "Tick who came. Enter it later, or take it to the coordinator.",
        "came": "Came",
        "name": "Name",
        "note": "Note",
        "leader": "leads",
        "waiting": "waiting list",
        "companions": "brings {}",
        "lift": "needs a lift",
        "nobody": "Nobody has a place yet.",
        "others": "Others who came:",
        "hidden": "{} more: ask the coordinator.",
        "alt": "Square code of this session",
    },
    "cy": {
        "title": "Pwy a ddisgwylir",
        "how": "Ticiwch bwy ddaeth. Rhowch ef i mewn wedyn, neu ewch ag ef at y cydlynydd.",
        "came": "Daeth",
        "name": "Enw",
        "note": "Nodyn",
        "leader": "yn arwain",
        "waiting": "rhestr aros",
        "companions": "yn dod â {}",
        "lift": "angen lifft",
        "nobody": "Does gan neb le eto.",
        "others": "Eraill a ddaeth:",
        "hidden": "{} arall: gofynnwch i'r cydlynydd.",
        "alt": "Cod sgwâr y sesiwn hon",
    },
    "bn": {
        "title": "কারা আসবেন",
        "how": "যাঁরা এসেছেন টিক দিন। পরে লিখুন, বা সমন্বয়কারীকে দিন।",
        "came": "এসেছেন",
        "name": "নাম",
        "note": "নোট",
        "leader": "পরিচালনা করেন",
        "waiting": "অপেক্ষার তালিকা",
        "companions": "সঙ্গে {} জন",
        "lift": "গাড়ি দরকার",
        "nobody": "এখনো কেউ জায়গা নেননি।",
        "others": "আর যাঁরা এসেছেন:",
        "hidden": "আরও {} জন: সমন্বয়কারীকে জিজ্ঞাসা করুন।",
        "alt": "এই আসরের চৌকো কোড",
    },
}
DAY: Mapping[str, Words] = {
    "en": {
        "title": "Today's list",
        "how": "Tick the name, keep the slip or write its code on the line. Nothing to sign in to.",
        "nothing": "Nothing is booked for this day.",
        "nobody": "Nobody has booked.",
        "later": "At the end of the day: give this sheet to the coordinator, or enter it.",
    },
    "cy": {
        "title": "Rhestr heddiw",
        "how": "Ticiwch yr enw, cadwch y slip neu ysgrifennwch ei god ar y llinell. Dim angen mewngofnodi.",
        "nothing": "Does dim wedi'i archebu ar gyfer y diwrnod hwn.",
        "nobody": "Does neb wedi archebu.",
        "later": "Ar ddiwedd y dydd: rhowch y daflen hon i'r cydlynydd, neu rhowch hi i mewn.",
    },
    "bn": {
        "title": "আজকের তালিকা",
        "how": "নামে টিক দিন, স্লিপ রাখুন বা তার কোড দাগে লিখুন। কোথাও সাইন ইন করতে হয় না।",
        "nothing": "এই দিনের জন্য কিছু বুক করা নেই।",
        "nobody": "কেউ বুক করেননি।",
        "later": "দিনের শেষে: কাগজটি সমন্বয়কারীকে দিন, বা লিখে রাখুন।",
    },
}
NOTE: Mapping[str, Words] = {
    "en": {
        "title": "Time notes",
        "worth": "of somebody's time, for whoever holds this. Used once.",
        "from": "Given by {}",
        "until": "Until {}",
        "scan": "Scan, text or hand in",
        "alt": "Square code that uses this note",
    },
    "cy": {
        "title": "Nodiadau amser",
        "worth": "o amser rhywun, i bwy bynnag sy'n dal hwn. Defnyddir unwaith.",
        "from": "Rhoddwyd gan {}",
        "until": "Tan {}",
        "scan": "Sganio, tecstio neu roi i mewn",
        "alt": "Cod sgwâr sy'n defnyddio'r nodyn hwn",
    },
    "bn": {
        "title": "সময়ের নোট",
        "worth": "কারও সময়, যাঁর হাতে এটি তাঁর জন্য। একবার ব্যবহার্য।",
        "from": "দিয়েছে {}",
        "until": "{} পর্যন্ত",
        "scan": "স্ক্যান, টেক্সট বা জমা দিন",
        "alt": "চৌকো কোড, যা এই নোট ব্যবহার করে",
    },
}
WHATS_ON: Mapping[str, Words] = {
    "en": {
        "title": "What's on",
        "nothing": "Nothing is planned for these weeks yet.",
        "closing": "Everybody is welcome, and everybody's hour is worth the same.{}",
        "ring": " Ring us: {}.",
        "earns": "you earn {}",
        "costs": "costs {}",
        "period": "{} to {}",
    },
    "cy": {
        "title": "Beth sydd ymlaen",
        "nothing": "Does dim wedi'i drefnu ar gyfer yr wythnosau hyn eto.",
        "closing": "Mae croeso i bawb, ac mae awr pawb yn werth yr un faint.{}",
        "ring": " Ffoniwch ni: {}.",
        "earns": "rydych yn ennill {}",
        "costs": "yn costio {}",
        "period": "{} i {}",
    },
    "bn": {
        "title": "কী কী হচ্ছে",
        "nothing": "এই সপ্তাহগুলোর জন্য এখনো কিছু ঠিক হয়নি।",
        "closing": "সবাইকে স্বাগতম, সবার ঘণ্টার মূল্য সমান।{}",
        "ring": " ফোন করুন: {}।",
        "earns": "আপনি পাবেন {}",
        "costs": "লাগবে {}",
        "period": "{} থেকে {}",
    },
}
RECEIPT: Mapping[str, Words] = {
    "en": {
        "title": "Receipt for an hour",
        "gave": "You gave {other} {time}",
        "received": "{other} gave you {time}",
        "state": "It was added to your hours.",
        "number": "Number:",
    },
    "cy": {
        "title": "Derbynneb am awr",
        "gave": "Rhoesoch chi {time} i {other}",
        "received": "Rhoddodd {other} {time} i chi",
        "state": "Fe'i hychwanegwyd at eich oriau.",
        "number": "Rhif:",
    },
    "bn": {
        "title": "ঘণ্টার রসিদ",
        "gave": "আপনি {other}-কে {time} দিয়েছেন",
        "received": "{other} আপনাকে {time} দিয়েছেন",
        "state": "এটি আপনার ঘণ্টায় যোগ হয়েছে।",
        "number": "নম্বর:",
    },
}


def words(table: Mapping[str, Words], language: str) -> Words:
    """The table's words in a language, or in English."""
    return table.get(language, table["en"])
