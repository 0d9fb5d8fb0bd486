"""What every table of a time bank gets when it is made: row-level security and the application's rights."""

from alembic import context, op

OWN_BANK = "bank_id = nullif(current_setting('evenhour.bank_id', true), '')::uuid"
"""After a commit the setting is an empty string, not null."""


def application_role() -> str:
    """The role that serves; it owns nothing and may do only what is granted here."""
    return str(context.config.attributes.get("application_role", "evenhour_app"))


def protect(table: str, *, may: str = "select, insert, update, delete") -> None:
    """Hold a tenant table to the session's bank, and grant the application `may` and nothing else."""
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"create policy own_bank on {table} using ({OWN_BANK}) with check ({OWN_BANK})")
    grant(table, may)


def grant(table: str, may: str) -> None:
    """Let the application's role do `may` on a table that belongs to no bank."""
    op.execute(f'grant {may} on {table} to "{application_role()}"')


def grant_function(signature: str) -> None:
    """Let the application's role, and nobody else, call one of the owner's functions."""
    op.execute(f"revoke all on function {signature} from public")
    op.execute(f'grant execute on function {signature} to "{application_role()}"')
