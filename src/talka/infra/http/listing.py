"""Lists: which filters, ranges, sort fields and limit a resource has, and the SQL they turn into."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, LiteralString

from psycopg import sql
from starlette.datastructures import QueryParams

from talka.infra.db import Row, Tx
from talka.kit import ids, times
from talka.kit.errors import FieldError, ValidationError

Where = tuple[LiteralString, Any]
"""A condition with one placeholder, and its value."""
RANGES: Mapping[str, LiteralString] = {"_gt": ">", "_gte": ">=", "_lt": "<", "_lte": "<="}
"""What is put behind the name of a field to ask for a range of it."""


@dataclass(frozen=True, slots=True)
class Column:
    """Where a field stands in SQL and how its text in a query string is read.

    `read` gives the values for the placeholders, or None for text that cannot be one.
    """

    expression: LiteralString
    read: Callable[[str], tuple[Any, ...] | None]
    error: str = "INVALID_VALUE"
    placeholders: LiteralString = "%s"
    # Whether the field of `expression` is one of several (a list in the query string means any of them).
    many: bool = False
    # A condition of its own in place of `expression = value`.
    condition: LiteralString | None = None
    # Conditions by word: those of a list in the query string are joined with "or", and denied with `denied`.
    words: Mapping[str, LiteralString] | None = None
    denied: bool = False
    # All values that there are, when they are few.
    choices: Collection[str] = ()
    # Of a pair of a pool and a number, the column of the number.
    number: LiteralString | None = None


def _one(value: Any) -> tuple[Any, ...] | None:
    return None if value is None else (value,)


def work_ids(pool_id: LiteralString, number: LiteralString) -> Column:
    """An id of a task, suite or assignment, from the columns of its pool and of its number."""
    return Column(f"({pool_id}, {number})", ids.parse_work_id, placeholders="(%s, %s)", number=number)


def numbers(expression: LiteralString) -> Column:
    """An id made of digits."""
    return Column(expression, lambda text: _one(ids.parse_number(text)))


def object_ids(expression: LiteralString) -> Column:
    """An id of 24 hex digits."""
    return Column(expression, lambda text: _one(ids.parse_object_id(text)))


def integers(expression: LiteralString) -> Column:
    """An integer."""
    return Column(expression, _integer, "INTEGER_EXPECTED")


def moments(expression: LiteralString) -> Column:
    """A date-time or date."""
    return Column(expression, lambda text: _one(times.parse_time(text)), "INVALID_DATE_TIME_SYNTAX")


def texts(expression: LiteralString) -> Column:
    """Exact text."""
    return Column(expression, lambda text: (text,) if "\0" not in text else None, "CHARACTER_NOT_ALLOWED")


def users(expression: LiteralString) -> Column:
    """The id of a worker or requester."""
    return Column(expression, lambda text: _one(ids.parse_user_id(text)))


def owners(account: LiteralString) -> Column:
    """The id of the requester whose the row is; `account` is the column with the number of their account."""
    condition: LiteralString = f"{account} = (select o.id from account o where o.requester_id = %s)"
    return Column(account, lambda text: _one(ids.parse_user_id(text)), condition=condition)


def choices(expression: LiteralString, values: Mapping[str, Any], *, many: bool = False) -> Column:
    """One of a closed set of words (with `many`: any of a comma list)."""
    return Column(
        expression, lambda text: _one(values.get(text)), "UNKNOWN_ENUM_VALUE", many=many, choices=tuple(values)
    )


def conditions(words: Mapping[str, LiteralString], *, denied: bool = False) -> Column:
    """A comma list of words that stand for conditions of their own: any of them holds (`denied`: none does)."""
    known = dict.fromkeys(words, True)
    return Column("", lambda text: _one(known.get(text)), "UNKNOWN_ENUM_VALUE", many=True, words=words, denied=denied)


COMPANIES = Column("null", lambda text: _one(ids.parse_number(text)), condition="%s::bigint is null")
"""The id of an owner's company; no account has one, so nothing is found."""


def _integer(text: str) -> tuple[int] | None:
    digits = text.removeprefix("-")
    return (int(text),) if digits.isascii() and digits.isdigit() and len(digits) <= 18 else None


@dataclass(frozen=True, slots=True)
class ListSpec:
    """What one list endpoint offers; `sorts` must have `id`, the tie-break of every order."""

    filters: Mapping[str, Column] = field(default_factory=dict)
    ranges: Mapping[str, Column] = field(default_factory=dict)
    sorts: Mapping[str, Sequence[LiteralString]] = field(default_factory=dict)
    # Sort fields that may be missing: what has none comes last in both directions (the others can use their index).
    nullable: Collection[str] = ()
    max_limit: int = 300
    default_limit: int = 50
    # At least one of these must be given; the error stands at the first.
    required: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class SortKey:
    """One expression that a list is sorted by."""

    column: LiteralString
    descending: bool
    nullable: bool

    def order(self) -> sql.Composed:
        """As it stands after ORDER BY."""
        direction = sql.SQL("desc" if self.descending else "asc")
        return sql.SQL("{} {}{}").format(
            sql.SQL(self.column), direction, sql.SQL(" nulls last" if self.nullable else "")
        )

    def same(self, value: Any) -> sql.Composed:
        """The condition of what stands beside `value`."""
        return sql.SQL("{} is null" if value is None else "{} = %s").format(sql.SQL(self.column))

    def beyond(self, value: Any) -> sql.Composed:
        """The condition of what stands further down than `value`, which is there."""
        text: LiteralString = "({c} {o} %s or {c} is null)" if self.nullable else "{c} {o} %s"
        return sql.SQL(text).format(c=sql.SQL(self.column), o=sql.SQL("<" if self.descending else ">"))


@dataclass(slots=True)
class Listing:
    """A parsed list request: conditions with their values, an order, and how many rows to give."""

    conditions: list[sql.SQL | sql.Composed]
    values: list[Any]
    order: sql.Composed
    limit: int
    keys: Sequence[SortKey] = ()

    async def fetch(
        self, tx: Tx, select: LiteralString, *where: Where, values: Sequence[Any] = ()
    ) -> tuple[list[Row], bool]:
        """The rows of `select … where <all conditions>` in order, and whether there are more.

        `values` are for placeholders in `select`.
        """
        query, found = self._query(select, where)
        rows = await tx.rows(query, [*values, *found])
        return rows[: self.limit], len(rows) > self.limit

    async def start_after(self, tx: Tx, source: LiteralString, *where: Where, values: Sequence[Any] = ()) -> bool:
        """Begin after the row of `source` (`from …`) that the conditions find; False when there is none.

        `values` are for placeholders in `source`.
        """
        columns = [
            sql.SQL("{} as {}").format(sql.SQL(key.column), sql.Identifier(f"k{number}"))
            for number, key in enumerate(self.keys)
        ]
        query = sql.SQL("select {} {} where {}").format(
            sql.SQL(", ").join(columns), sql.SQL(source), sql.SQL(" and ").join(sql.SQL(text) for text, _ in where)
        )
        row = await tx.row(query, [*values, *(value for _, value in where)])
        if row is None:
            return False
        last = [row[f"k{number}"] for number in range(len(self.keys))]
        either: list[sql.Composable] = []
        found: list[Any] = []
        for number, (key, value) in enumerate(zip(self.keys, last, strict=True)):
            if value is None:
                continue  # what is missing comes last: nothing is further down
            same = [each.same(before) for each, before in zip(self.keys[:number], last[:number], strict=True)]
            either.append(sql.SQL("({})").format(sql.SQL(" and ").join([*same, key.beyond(value)])))
            found += [before for before in [*last[:number], value] if before is not None]
        self.conditions.append(sql.SQL("({})").format(sql.SQL(" or ").join(either)))
        self.values += found
        return True

    async def fetch_either(
        self, tx: Tx, select: LiteralString, either: Sequence[Where], *where: Where
    ) -> tuple[list[Row], bool]:
        """Like `fetch`, of the rows for which one of the conditions `either` holds; no two may hold at once.

        Each is read from its own index in the order of the list; with an `or`, all that there is would be sorted. The
        table of the sort fields must be called r.
        """
        parts = [self._query(select, (one, *where)) for one in either]
        query = sql.SQL("select * from ({}) r order by {} limit %s").format(
            sql.SQL(" union all ").join(sql.SQL("({})").format(part) for part, _ in parts), self.order
        )
        rows = await tx.rows(query, [*(value for _, values in parts for value in values), self.limit + 1])
        return rows[: self.limit], len(rows) > self.limit

    def _query(self, select: LiteralString, where: Sequence[Where]) -> tuple[sql.Composed, list[Any]]:
        conditions = [sql.SQL(text) for text, _ in where] + self.conditions
        values = [value for _, value in where] + self.values
        query = sql.SQL("{} where {} order by {} limit %s").format(
            sql.SQL(select), sql.SQL(" and ").join(conditions or [sql.SQL("true")]), self.order
        )
        return query, [*values, self.limit + 1]


class _Reader:
    def __init__(self, params: QueryParams) -> None:
        self.params = params
        self.errors: dict[str, FieldError] = {}
        self.conditions: list[sql.SQL | sql.Composed] = []
        self.values: list[Any] = []

    def equal(self, name: str, column: Column) -> None:
        text = self.params.get(name)
        if text is None:
            return
        parts = text.split(",") if column.many else [text]
        read = [self._value(name, column, part) for part in parts]
        if any(value is None for value in read):
            return
        if column.words is not None:
            either = sql.SQL(" or ").join(sql.SQL(column.words[part]) for part in parts)
            self.conditions.append(sql.SQL("not ({})" if column.denied else "({})").format(either))
        elif column.many:
            self.conditions.append(sql.SQL("{} = any(%s)").format(sql.SQL(column.expression)))
            self.values.append([value[0] for value in read if value])
        elif column.condition is not None:
            self.conditions.append(sql.SQL(column.condition))
            self.values.extend(read[0] or ())
        else:
            self._compare(column, "=", read[0] or ())

    def range(self, name: str, column: Column) -> None:
        for suffix, operator in RANGES.items():
            text = self.params.get(name + suffix)
            if text is None:
                continue
            value = self._value(name + suffix, column, text)
            if value is not None:
                self._compare(column, operator, value)
                if column.number is not None and str(value[0]) == self.params.get("pool_id"):
                    # It follows, but within a pool no index is entered at a pair: all before it would be read.
                    self._compare(Column(column.number, column.read), operator, value[1:])

    def _value(self, name: str, column: Column, text: str) -> tuple[Any, ...] | None:
        value = column.read(text)
        if value is None:
            self.errors[name] = FieldError(column.error, f"{text[:100]!r} is not a value of {name}")
        return value

    def _compare(self, column: Column, operator: LiteralString, value: tuple[Any, ...]) -> None:
        pattern = sql.SQL("{} {} {}")
        parts = (sql.SQL(column.expression), sql.SQL(operator), sql.SQL(column.placeholders))
        self.conditions.append(pattern.format(*parts))
        self.values.extend(value)

    def keys(self, spec: ListSpec) -> list[SortKey]:
        names = [part.strip() for part in self.params.get("sort", "id").split(",") if part.strip()] or ["id"]
        keys: list[SortKey] = []
        for name in [*names, "id"]:
            field_name = name.removeprefix("-")
            columns = spec.sorts.get(field_name)
            if columns is None:
                message = f"{name[:100]!r} is not a sort field of this list"
                self.errors["sort"] = FieldError("UNKNOWN_ENUM_VALUE", message, tuple(spec.sorts))
                continue
            descending, nullable = name.startswith("-"), field_name in spec.nullable
            known = {key.column for key in keys}
            keys += [SortKey(column, descending, nullable) for column in columns if column not in known]
        return keys

    def limit(self, spec: ListSpec) -> int:
        text = self.params.get("limit")
        if text is None:
            return spec.default_limit
        value = _integer(text)
        if value is None:
            self.errors["limit"] = FieldError("INTEGER_EXPECTED", "Must be a whole number")
        elif value[0] < 1:
            self.errors["limit"] = FieldError("VALUE_LESS_THAN_MIN", "Must be at least 1", (1,))
        elif value[0] > spec.max_limit:
            message = f"Must be at most {spec.max_limit}"
            self.errors["limit"] = FieldError("VALUE_GREATER_THAN_MAX", message, (spec.max_limit,))
        else:
            return value[0]
        return spec.default_limit


def parse_listing(params: QueryParams, spec: ListSpec) -> Listing:
    """The list request of a query string; unknown parameters are ignored.

    Raises:
        ValidationError: naming every wrong parameter.
    """
    reader = _Reader(params)
    if spec.required and not any(name in params for name in spec.required):
        message = f"One of {', '.join(spec.required)} must be given"
        reader.errors[spec.required[0]] = FieldError("VALUE_REQUIRED", message)
    for name, column in spec.filters.items():
        reader.equal(name, column)
    for name, column in spec.ranges.items():
        reader.range(name, column)
    keys, limit = reader.keys(spec), reader.limit(spec)
    if reader.errors:
        raise ValidationError(reader.errors)
    order = sql.SQL(", ").join(key.order() for key in keys)
    return Listing(reader.conditions, reader.values, order, limit, keys)


def page(items: Sequence[Any], has_more: bool) -> dict[str, Any]:
    """The list answer."""
    return {"items": list(items), "has_more": has_more}
