"""What the platform tells people by itself, in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from html import escape
from typing import NamedTuple

from talka.kit.languages import MAX_TITLE
from talka.messages.model import Texts


class Words(NamedTuple):
    """Topic and text."""

    topic: Texts
    text: Texts


LOW_FUNDS = Decimal(5)
"""Below this a requester is told that money runs out."""
_CLOSED: Mapping[str, str] = {
    "COMPLETED": "All its tasks are done.",
    "EXPIRED": "Its end date has passed.",
    "NOT_ENOUGH_BALANCE": "The balance does not pay its next page: add money, then open it again.",
    "ASSIGNMENTS_LIMIT_EXCEEDED": "It has as many pages as a pool may have.",
    "BLOCKED": "It was closed by the operator.",
}


def pool_closed(name: str, reason: str) -> Words | None:
    """A pool closed; nothing is told to a requester who closed it themselves."""
    why = _CLOSED.get(reason)
    if why is None:
        return None
    done = "completed" if reason == "COMPLETED" else "closed"
    return _words(f"Pool {done}: {name}", f"The pool “{escape(name)}” is {done}. {why}")


def aggregation_ended(name: str, *, succeeded: bool) -> Words:
    """The aggregation of a pool is over."""
    how = "is completed" if succeeded else "has failed"
    return _words(f"Aggregation {how}: {name}", f"The aggregation of the pool “{escape(name)}” {how}.")


def low_funds(balance: Decimal) -> Words:
    """Money runs out."""
    text = f"The account has {balance.normalize():f} US dollars left. Pools close when they cannot pay the next page."
    return _words(f"Less than {LOW_FUNDS} US dollars are left", text)


def project_decided(name: str, comment: str | None, *, approved: bool) -> Words:
    """An operator has approved or rejected a project."""
    said = f" The operator says: {escape(comment)}" if comment else ""
    how, what = ("approved", "can be opened") if approved else ("rejected", "cannot be opened")
    text = f"The project “{escape(name)}” was {how}: its pools {what}.{said}"
    return _words(f"Project {how}: {name}", text)


def fee_changed(percent: Decimal) -> Words:
    """The platform fee is another one now."""
    text = f"From now on the platform fee is {percent.normalize():f} % of what workers get."
    return _words("The platform fee has changed", text)


def banned(until: datetime | None) -> Words:
    """The platform keeps a worker out; why, the operator says."""
    end = "until further notice" if until is None else f"until {until:%Y-%m-%d %H:%M} UTC"
    return _words("You are banned", f"You cannot take tasks or withdraw money {end}. The operator can lift the ban.")


def ban_lifted() -> Words:
    """The platform lets a worker in again."""
    return _words("Your ban is over", "You can take tasks and withdraw money again.")


def skill_given(names: Texts) -> Words:
    """A worker has a skill that they may see."""
    return Words(
        {language: f"New skill: {name}"[:MAX_TITLE] for language, name in names.items()},
        {language: f"You were given the skill “{escape(name)}”." for language, name in names.items()},
    )


def complaint_closed(assignment_id: str, comment: str | None) -> Words:
    """The operator has dealt with a complaint."""
    said = f" The operator says: {escape(comment)}" if comment else ""
    text = f"Your complaint about the page {assignment_id} was looked at.{said}"
    return _words("Your complaint was looked at", text)


def payout_ended(amount: Decimal, status: str, comment: str | None) -> Words | None:
    """What became of a payout; nothing is told of what the worker did themselves."""
    said = f" The operator says: {escape(comment)}" if comment else ""
    sum_ = f"{amount.normalize():f} US dollars"
    if status == "PAID":
        return _words("Your money was paid out", f"{sum_} were paid out.{said}")
    if status == "REJECTED":
        return _words("Your payout was rejected", f"{sum_} were not paid out and are yours to withdraw again.{said}")
    return None


def _words(topic: str, text: str) -> Words:
    return Words({"EN": topic[:MAX_TITLE]}, {"EN": text})
