"""`evenhour understand`: descriptions in, what they were understood as out, a line for a line.

Needs no database and writes nothing down.
"""

import json
from collections.abc import Iterable, Iterator

from exchange.directory.understanding import understand, understand_groups


def answers(lines: Iterable[str], *, scheme: str | None = None) -> Iterator[str]:
    """One JSON line for each line: `scheme`'s group names best first, or our skills with their scores.

    Raises:
        UnknownChoice: no such scheme.
    """
    for line in lines:
        words = line.rstrip("\n")
        if scheme:
            found: list[object] = list(understand_groups(words, scheme))
        else:
            found = [{"skill": guess.skill, "score": guess.score} for guess in understand(words)]
        yield json.dumps(found, ensure_ascii=False)
