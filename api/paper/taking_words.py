"""The fixed words of what a member takes away: in English or Welsh, since others read it."""

from collections.abc import Mapping

Words = Mapping[str, str]

RECORD: Mapping[str, Words] = {
    "en": {
        "title": "Record of contribution and skills",
        "since": "Member of {} since {}.",
        "given": "Time given to others",
        "times": "{} times, from {} to {}",
        "nothing": "Nothing has been added yet.",
        "skills": "What it was",
        "groups": "Groups",
        "came": "Times taken part in a group",
        "led": "Groups led",
        "training": "Training",
        "how": "Each hour stands here because somebody else said yes to it. Everybody's hour "
        "is worth the same; nobody was paid.",
        "ask": "Questions about this record",
        "coordinator": "For the time bank",
    },
    "cy": {
        "title": "Cofnod o gyfraniad a sgiliau",
        "since": "Aelod o {} ers {}.",
        "given": "Amser a roddwyd i eraill",
        "times": "{} o weithiau, o {} i {}",
        "nothing": "Does dim wedi'i ychwanegu eto.",
        "skills": "Beth oedd e",
        "groups": "Grwpiau",
        "came": "Gweithiau'n cymryd rhan mewn grŵp",
        "led": "Grwpiau a arweiniwyd",
        "training": "Hyfforddiant",
        "how": "Mae pob awr yma am fod rhywun arall wedi cytuno iddi. Mae awr pawb yn werth yr"
        " un faint; ni thalwyd neb.",
        "ask": "Cwestiynau am y cofnod hwn",
        "coordinator": "Ar ran y banc amser",
    },
}
BENEFITS: Mapping[str, Words] = {
    "en": {
        "title": "Time credits: what they are",
        "to": "To whom it may concern",
        "about": "{} is a member of {}, a time bank, since {}.",
        "what": "Members help each other. Whoever gives an hour may receive an hour. Hours are "
        "written down as time; everybody's hour is worth the same, whatever was done.",
        "not": "Hours are not money: they cannot be bought, sold or paid out, and are not "
        "wages. Giving them is voluntary, and nobody is obliged to be there at any "
        "time, so members remain free for work and for appointments.",
        "goods": "Hours are for people's time. If anything was received for hours that is a good"
        " rather than somebody's time, please ask us about it: that may be seen "
        "differently.",
        "rules": "What has been said about them",
        "check": "Please check",
        "check_words": "This letter explains; it decides nothing. Rules change, and this list was last"
        " looked at on {}. Please check how your own rules apply to this person, and "
        "ask us for anything you need.",
        "source": "Source",
        "ask": "Questions",
        "coordinator": "For the time bank",
    },
    "cy": {
        "title": "Credydau amser: beth ydynt",
        "to": "At bwy bynnag y mae'n berthnasol",
        "about": "Mae {} yn aelod o {}, banc amser, ers {}.",
        "what": "Mae aelodau'n helpu ei gilydd. Gall pwy bynnag sy'n rhoi awr dderbyn awr. "
        "Cofnodir oriau fel amser; mae awr pawb yn werth yr un faint, beth bynnag a "
        "wnaed.",
        "not": "Nid arian yw oriau: ni ellir eu prynu, eu gwerthu na'u talu allan, ac nid "
        "cyflog ydynt. Gwirfoddol yw eu rhoi, ac nid oes rheidrwydd ar neb i fod yno ar"
        " unrhyw adeg, felly mae aelodau'n rhydd i weithio ac i gadw apwyntiadau.",
        "goods": "Amser pobl yw oriau. Os derbyniwyd rhywbeth am oriau sy'n nwydd yn hytrach nag"
        " amser rhywun, gofynnwch i ni amdano: gellir gweld hynny'n wahanol.",
        "rules": "Beth a ddywedwyd amdanynt",
        "check": "Gwiriwch os gwelwch yn dda",
        "check_words": "Mae'r llythyr hwn yn egluro; nid yw'n penderfynu dim. Mae rheolau'n newid, ac "
        "edrychwyd ar y rhestr hon ddiwethaf ar {}. Gwiriwch sut mae eich rheolau chi "
        "yn gymwys i'r person hwn, a gofynnwch i ni am unrhyw beth sydd ei angen.",
        "source": "Ffynhonnell",
        "ask": "Cwestiynau",
        "coordinator": "Ar ran y banc amser",
    },
}
