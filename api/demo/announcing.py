"""What a newcomer, or a program, is told about the village that was written."""

from typing import Any

from api.demo.village import Village


def announcement(village: Village, public_url: str) -> dict[str, Any]:
    """`{url, bank_id, people: [{role, name, phone, member_id, link}]}`: the first line of `demo --json`."""
    url = public_url.rstrip("/")
    return {
        "url": url,
        "bank_id": str(village.bank_id),
        "people": [
            {
                "role": person.role,
                "name": person.name,
                "phone": person.phone,
                "member_id": str(person.member_id),
                "link": f"{url}/link/{person.token.text}",
            }
            for person in village.people
        ],
    }
