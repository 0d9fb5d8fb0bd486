"""The people and their promises."""

revision = "0003_exchange"
down_revision = "0002_notifications"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
