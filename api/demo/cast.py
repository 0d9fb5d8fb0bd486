"""The people whom the village's stories are about: fixed, whatever the village's size.

Tables only. Telephones are Ofcom's drama numbers, which never ring.
"""

from typing import NamedTuple


class Part(NamedTuple):
    """One villager of the cast. `reach` says how they can be told something (`REACHES`)."""

    key: str
    name: str
    full_name: str
    language: str = "en"
    reach: str = "mobile"
    role: str = ""
    energy: float = 2.0


REACHES = (
    "mobile",
    "landline",
    "post",
    "email",
    "discreet",
    "shared",
    "voice",
)
"""How a villager is reached: texts; a landline; letters only; e-mail; texts without our name in safe hours;
a mobile that two people use; a mobile that must never be texted."""

CAST: tuple[Part, ...] = (
    Part("grace", "Grace", "Grace Okafor", energy=5.0),
    Part("tom", "Tom", "Tom Whitfield", energy=5.0),
    Part("josie", "Josie", "Josie Bevan", role="coordinator", energy=1.0),
    Part("marcus", "Marcus", "Marcus Reid", role="assistant", energy=1.0),
    Part("winston", "Winston", "Winston Grant", role="named", energy=3.0),
    Part("priya", "Priya", "Priya Nair", role="auditor", energy=0.5),
    Part("sian", "Siân", "Siân Pritchard", "cy", role="representative", energy=4.0),
    Part("farida", "Farida", "Farida Begum", "bn", role="representative", energy=4.0),
    Part("leon", "Leon", "Leon Castellanos", role="representative", energy=2.0),
    Part("bronwen", "Bronwen", "Bronwen Ellis", "cy", energy=6.0),
    Part("rafiq", "Rafiq", "Rafiqul Islam", "bn", energy=3.0),
    Part("edith", "Edith", "Edith Marlow", reach="landline", energy=3.0),
    Part("stan", "Stan", "Stanley Kaczmarek", reach="post", energy=2.0),
    Part("megan", "Megan", "Megan Rees", "cy", reach="landline", energy=1.5),
    Part("nell", "Nell", "Nell Ashworth", reach="discreet", energy=1.0),
    Part("hari", "Hari", "Hari Patel", reach="shared", energy=2.0),
    Part("uma", "Uma", "Uma Patel", reach="shared", energy=2.0),
    Part("derek", "Derek", "Derek Holloway", reach="mobile", energy=0.0),
    Part("olu", "Olu", "Oluwaseun Bakare", energy=7.0),
    Part("bea", "Bea", "Beatriz Moreira", energy=4.0),
    Part("frank", "Frank", "Frank Dunmore", reach="email", energy=1.0),
    Part("joan", "Joan", "Joan Templeton", reach="voice", energy=1.0),
)

BUDDIES = ("bronwen", "olu", "grace", "farida", "bea")
"""Who shows newcomers around."""
ADMINISTRATOR = "Ruth Levy"
ASKING = (
    ("Danuta", "Danuta Wójcik", "en"),
    ("Shirin", "Shirin Akter", "bn"),
    ("Callum", "Callum Firth", "en"),
)
"""People who asked to join in the last days and wait for a coordinator."""


class Names(NamedTuple):
    """Given and family names of one community in the village."""

    language: str
    share: float
    given: str
    family: str

    def pairs(self) -> list[tuple[str, str]]:
        """Every given name with every family name, in the table's order."""
        return [(given, family) for given in self.given.split() for family in self.family.split()]


CROWD: tuple[Names, ...] = (
    Names(
        "en",
        0.34,
        "Alan Barbara Colin Denise Eric Fiona Graham Hazel Ian Janet Keith Linda Malcolm Norma Oliver "
        "Pauline Roy Sheila Trevor Vera Wendy Yvonne Neil Carol Dennis Jean",
        "Ackroyd Barlow Chandler Dacre Eastwood Fenwick Garland Hobbs Ingram Jessop Kettle Lomax",
    ),
    Names(
        "en", 0.16, "Ama Chidi Delroy Efua Femi Gloria Hyacinth Kofi Marcia Yaw", "Mensah Campbell Adeyemi"
    ),
    Names("en", 0.12, "Asha Bilal Deepa Imran Lakshmi Nasreen Sunil Zainab", "Sharma Qureshi Fernando Kaur"),
    Names("en", 0.10, "Agnieszka Bogdan Carlos Elif Lucia Mehmet Rosa Tomasz", "Nowak Silva Yilmaz Ionescu"),
    Names(
        "cy", 0.12, "Aled Carys Dilys Eirwen Gareth Huw Mair Rhys Tegwen Owain", "Griffiths Probert Llewellyn"
    ),
    Names("bn", 0.12, "Anwara Habib Jahanara Kamal Nurun Rashida Selim Taslima", "Khatun Uddin Chowdhury"),
    Names("en", 0.04, "Hodan Abdi Li Mei Bao", "Warsame Zhang Tran"),
)
