"""The tables of the foundation."""

from talka.infra.migrations import apply_sql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL text beside this file."""
    apply_sql(__file__)
