"""Apps: their projects, batches and items."""

from talka.infra.migrations import apply_sql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL text beside this file."""
    apply_sql(__file__)
