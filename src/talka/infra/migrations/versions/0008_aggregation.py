"""Aggregated solutions and analytics."""

from talka.infra.migrations import apply_sql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL text beside this file."""
    apply_sql(__file__)
