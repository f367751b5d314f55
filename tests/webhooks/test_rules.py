"""Signatures against the documented vector, and how long failures make deliveries wait."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta

from talka.webhooks.rules import gives_up, signature, wait_after

BODY = (
    b'{"events":[{"event_time":"2000-01-01T12:00:00","project_id":"project-1","pool_id":"pool-1",'
    b'"uuid":"00000000-0000-0000-0000-000000000000","task_suite_id":"task-suite-1","assignment_id":"assignment-1",'
    b'"webhook_subscription_id":"subscription-1","type":"ASSIGNMENT_APPROVED"}]}'
)


def test_the_documented_signature() -> None:
    digest = "609af3eefd4c12b6afad30ab456efcd21fe82f4247d3340151a3ca0c97a6cbcb"
    moment = datetime.fromtimestamp(946728000, UTC)
    assert signature("12345", moment, BODY) == f"{{v=1, ts=946728000000, sign={digest}}}"


def test_no_digest_begins_with_zero() -> None:
    moved = 0
    for number in range(300):
        moment = datetime.fromtimestamp(946728000, UTC) + timedelta(milliseconds=number * 50)
        found = re.fullmatch(r"\{v=1, ts=(\d+), sign=([0-9a-f]{64})\}", signature("12345", moment, BODY))
        assert found is not None
        message = f"{found[1]}.1.".encode() + BODY
        assert found[2] == hmac.new(b"12345", message, hashlib.sha256).hexdigest()
        assert not found[2].startswith("0")
        moved += int(found[1]) != int(moment.timestamp() * 1000)
    assert 5 < moved < 50


def test_waits_double_up_to_an_hour() -> None:
    waits = [wait_after(failures).total_seconds() for failures in range(1, 12)]
    assert waits == [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]
    assert wait_after(10**6) == timedelta(hours=1)


def test_a_dead_endpoint_is_given_up_after_three_days() -> None:
    start = datetime(2030, 1, 1, tzinfo=UTC)
    assert not gives_up(start, start + timedelta(hours=71))
    assert gives_up(start, start + timedelta(hours=72))
