"""What an operator is told in one sentence, where a member of a bank would be told a rule."""


class OperatorRefused(ValueError):
    """A command that cannot do what it was asked; its sentence says why and what to do."""
