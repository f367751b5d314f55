"""A table of kinds: one name, one implementation; duplicates and unknown names are refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

Kind = TypeVar("Kind")


class Registry(Generic[Kind]):
    """Kinds by name, in the order in which they were given."""

    def __init__(self, what: str, **kinds: Kind) -> None:
        self.what = what
        self._kinds: dict[str, Kind] = {}
        for name, kind in kinds.items():
            self.add(name, kind)

    def add(self, name: str, kind: Kind) -> None:
        """Add one kind.

        Raises:
            ValueError: the name is taken.
        """
        if name in self._kinds:
            raise ValueError(f"the {self.what} {name!r} is registered twice")
        self._kinds[name] = kind

    def get(self, name: object) -> Kind | None:
        """The kind of that name, or None."""
        return self._kinds.get(name) if isinstance(name, str) else None

    def names(self) -> list[str]:
        """All names."""
        return list(self._kinds)

    def __iter__(self) -> Iterator[tuple[str, Kind]]:
        return iter(self._kinds.items())
