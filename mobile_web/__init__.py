"""The human door: pages and forms that work without JavaScript, on a cheap phone.

Every page is rendered here and every change is a POST that names its form; the rules themselves live in
`exchange`. What must never happen: a change on a GET, a third party's script, font or tracker, or a word
about somebody's health on a page that another may see.
"""

from mobile_web.door import Desk, Paper, Transactions
from mobile_web.problem import error_page
from mobile_web.room import Room
from mobile_web.site import page_rooms

__all__ = ["Desk", "Paper", "Room", "Transactions", "error_page", "page_rooms"]
