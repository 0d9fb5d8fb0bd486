"""A text that came in: understood, done by the same verbs as everything else, answered once.

The sender's number finds the bank and the person. A number that several share never hears a balance and
never answers for both sides. Whatever is not understood is answered all the same and waits on the desk.
What must never happen: the same text acted on twice, or a text that nobody reads.
"""

from api.texts.receiving import Received, Text, receive

__all__ = ["Received", "Text", "receive"]
