"""How this room's tables say what the database must hold: times in UTC, lists of words, keys in one bank."""

from sqlalchemy import ARRAY, CheckConstraint, DateTime, ForeignKeyConstraint, Integer, Text


class Timestamp(DateTime):
    """A moment, kept with its time zone."""

    def __init__(self) -> None:
        super().__init__(timezone=True)


class Words(ARRAY[str]):
    """A short list of words."""

    def __init__(self) -> None:
        super().__init__(Text)


class Numbers(ARRAY[int]):
    """A short list of numbers."""

    def __init__(self) -> None:
        super().__init__(Integer)


def one_of(table: str, column: str, values: tuple[str, ...]) -> CheckConstraint:
    """A named CHECK: `column` holds one of `values`."""
    allowed = ", ".join(repr(value) for value in values)
    return CheckConstraint(f"{column} in ({allowed})", name=f"{table}_{column}_check")


def belongs_to(table: str, column: str, target: str, target_column: str) -> ForeignKeyConstraint:
    """A named foreign key that cannot leave its bank."""
    return ForeignKeyConstraint(
        ["bank_id", column], [f"{target}.bank_id", f"{target}.{target_column}"], name=f"{table}_{column}_fkey"
    )


def of_bank(table: str) -> ForeignKeyConstraint:
    """A named foreign key to the bank itself."""
    return ForeignKeyConstraint(["bank_id"], ["bank.bank_id"], name=f"{table}_bank_id_fkey")
