"""What stands in the database, to see that a refused request wrote nothing."""

from __future__ import annotations

from talka.infra.db import Database

# `last_used` of keys is touched by every request.
_UNWATCHED = ("api_key", "operator_key", "alembic_version")


async def contents(db: Database) -> dict[str, str]:
    """A digest of all rows by table."""
    return await _each_table(db, "count(*) || ' ' || coalesce(md5(string_agg(t::text, '' order by t::text)), '')")


async def sizes(db: Database) -> dict[str, str]:
    """The number of rows by table."""
    return await _each_table(db, "count(*)::text")


async def _each_table(db: Database, expression: str) -> dict[str, str]:
    async with db.reading() as tx:
        names = tx.memory.get("tables")
        if names is None:
            rows = await tx.rows(
                "select table_name::text as name from information_schema.tables"
                " where table_schema = 'public' and table_type = 'BASE TABLE' and table_name <> all(%s)",
                (list(_UNWATCHED),),
            )
            names = tx.memory["tables"] = [row["name"] for row in rows]
        parts = [f"select '{name}' as name, {expression} as found from {name} t" for name in names]
        found = await tx.rows(" union all ".join(parts))
    return {row["name"]: row["found"] for row in found}
