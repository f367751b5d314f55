"""${message}."""

from talka.infra.migrations import apply_sql

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL text beside this file."""
    apply_sql(__file__)
