"""Skills, user skills, restrictions and metadata."""

from talka.infra.migrations import apply_sql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL text beside this file."""
    apply_sql(__file__)
