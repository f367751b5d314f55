"""Where the crowd finds the server: flags before the data folder's file, one sentence when neither helps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from talka.crowd.access import find_access
from talka.crowd.model import Access, CrowdError


def test_flags_win_over_the_file_one_by_one(tmp_path: Path) -> None:
    file = {"base_url": "http://127.0.0.1:1/", "requester_id": "r", "api_key": "k"}
    (tmp_path / "credentials.json").write_text(json.dumps(file))
    assert find_access(tmp_path) == Access("http://127.0.0.1:1", "k")
    assert find_access(tmp_path, url="http://other/") == Access("http://other", "k")
    assert find_access(tmp_path, api_key="z") == Access("http://127.0.0.1:1", "z")
    assert find_access(tmp_path / "none", "http://other", "z") == Access("http://other", "z")


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "Cannot read .*No such file"), ("{", "is not JSON"), ("[]", "lacks"), ('{"base_url": "x"}', "lacks")],
)
def test_what_cannot_be_read_says_what_to_do(tmp_path: Path, content: str | None, message: str) -> None:
    if content is not None:
        (tmp_path / "credentials.json").write_text(content)
    with pytest.raises(CrowdError, match=message) as caught:
        find_access(tmp_path)
    assert str(caught.value).endswith("start `talka up` with this data folder, or give --url and --api-key")
