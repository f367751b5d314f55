"""Which bonuses of a request are paid: not the same one twice, and no more than there is money for."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from talka.bonuses.model import NewBonus, Texts


def repeated(bonuses: Sequence[NewBonus]) -> set[int]:
    """Indexes of bonuses that stand in the request before: same worker, amount, assignment, comment and message."""
    seen: set[object] = set()
    found = set()
    for bonus in bonuses:
        texts = (_frozen(bonus.title), _frozen(bonus.message))
        key = (bonus.worker_id, bonus.amount, bonus.assignment, bonus.private_comment, texts)
        if key in seen:
            found.add(bonus.index)
        seen.add(key)
    return found


def _frozen(texts: Texts | None) -> frozenset[tuple[str, str]] | None:
    return frozenset(texts.items()) if texts is not None else None


def beyond(costs: Sequence[Decimal], money: Decimal) -> set[int]:
    """Positions of what cannot be paid when each is paid in turn for which there is still enough."""
    found = set()
    for position, cost in enumerate(costs):
        if cost > money:
            found.add(position)
        else:
            money -= cost
    return found
