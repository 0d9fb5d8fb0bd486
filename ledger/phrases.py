"""A seal's hash as words that a committee can write in its minutes and read out on the telephone.

Each word is five letters that anyone can say: consonant, vowel, consonant, vowel, consonant, after
"proquints" (Daniel Wilkerson, arXiv:0901.4016), sixteen bits to a word. Eight words are the first 128 bits
of the hash: nobody makes other books with the same phrase. What must never happen: a phrase that reads in
two ways, so its letters are few and none are doubled in sound.
"""

from ledger.errors import BadPhrase

CONSONANTS = "bdfghjklmnprstvz"
VOWELS = "aiou"
WORDS = 8
WORD_LETTERS = 5


def phrase_of(seal_hash: bytes) -> str:
    """The eight words for the first 16 bytes of a seal's hash."""
    pairs = (int.from_bytes(seal_hash[at : at + 2]) for at in range(0, 2 * WORDS, 2))
    return " ".join(_word(pair) for pair in pairs)


def is_phrase_of(phrase: str, seal_hash: bytes) -> bool:
    """Whether somebody's words are a seal's, however they were spaced or capitalised.

    Raises:
        BadPhrase: they are not eight such words at all.
    """
    words = phrase.replace("-", " ").lower().split()
    if len(words) != WORDS or not all(_is_word(word) for word in words):
        raise BadPhrase(phrase=phrase)
    return " ".join(words) == phrase_of(seal_hash)


def _word(bits: int) -> str:
    return (
        CONSONANTS[bits >> 12 & 15]
        + VOWELS[bits >> 10 & 3]
        + CONSONANTS[bits >> 6 & 15]
        + VOWELS[bits >> 4 & 3]
        + CONSONANTS[bits & 15]
    )


def _is_word(word: str) -> bool:
    letters = (CONSONANTS, VOWELS, CONSONANTS, VOWELS, CONSONANTS)
    return len(word) == WORD_LETTERS and all(
        letter in allowed for letter, allowed in zip(word, letters, strict=True)
    )
