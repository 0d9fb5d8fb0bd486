"""Ways out of the house: the console, a text-message provider, e-mail.

A channel sends one message and says what it knows: taken, certainly not taken, or unsure. It keeps no
state and opens no transaction; only this folder may import a provider's SDK.
"""

from notifications.channels.contract import Channel, Found, Outgoing, Refused, Retry, Sent, Taken, Unsure

__all__ = ["Channel", "Found", "Outgoing", "Refused", "Retry", "Sent", "Taken", "Unsure"]
