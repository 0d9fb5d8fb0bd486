"""Agreed help: who helps whom, what, when and where, from the asking to the hour it becomes.

A person asks and a person agrees; several helpers may be asked in turn and the first yes wins. What must
never happen: contact details shared before both agreed, or a reason for a no told to the other side.
"""
