"""Practices, referrals, measures and safeguarding."""

revision = "0006_prescribing"
down_revision = "0005_activities"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is kept here yet."""


def downgrade() -> None:
    """Nothing to take away."""
