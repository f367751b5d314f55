"""The embedded database: PostgreSQL's own programs, run in a folder, gone when Talka is gone."""

from talka.infra.embedded.errors import EmbeddedPostgresError
from talka.infra.embedded.programs import binaries
from talka.infra.embedded.server import EmbeddedPostgres

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError", "binaries"]
