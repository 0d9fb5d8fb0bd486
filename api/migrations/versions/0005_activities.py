"""Sessions, places, check-ins, codes, time notes and bookings."""

revision = "0005_activities"
down_revision = "0004_directory"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is kept here yet."""


def downgrade() -> None:
    """Nothing to take away."""
