"""CSV files of labels and truth: what is tolerated, and where a mistake is said to be."""

from __future__ import annotations

from pathlib import Path

import pytest

from talka.crowd.model import CrowdError
from talka.crowd.tables import Label, Truth, people_of, read_labels, read_truth


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "file.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_labels_are_read_with_their_lines_and_repeated_ones_keep_the_first(tmp_path: Path) -> None:
    path = written(tmp_path, "item,worker,label,seconds\n25,b,0,83\n25,a,1,3\n25,b,1,9\n35,b,1,\n")
    labels = read_labels(path)
    assert labels == [Label("25", "b", "0", 2), Label("25", "a", "1", 3), Label("35", "b", "1", 5)]
    assert people_of(labels) == ["b", "a"]


@pytest.mark.parametrize(
    "content",
    [
        "\ufeffitem,worker,label\r\n25,ann,yes\r\n",
        "worker, Label ,extra,ITEM\nann,yes,,25\n\n",
        'item, worker, label\n"25", ann, "yes"\n , ,\n',
        "item,worker,label\r25,ann,yes\r",
    ],
    ids=["bom-crlf", "order-case-extra", "spaces-quotes-blank", "cr"],
)
def test_harmless_differences_are_tolerated(tmp_path: Path, content: str) -> None:
    assert [(one.item, one.person, one.text) for one in read_labels(written(tmp_path, content))] == [
        ("25", "ann", "yes")
    ]


def test_quoted_cells_keep_commas_lines_and_spaces(tmp_path: Path) -> None:
    path = written(tmp_path, 'item,truth\n"a, ""b""\nc"," yes"\n')
    assert read_truth(path) == {'a, "b"\nc': Truth(" yes", 3)}


def test_a_repeated_item_keeps_its_first_truth(tmp_path: Path) -> None:
    assert read_truth(written(tmp_path, "item,truth\n1,a\n1,b\n")) == {"1": Truth("a", 2)}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "{} is empty: it must start with the header item,worker,label"),
        ("\n", "{} is empty: it must start with the header item,worker,label"),
        ("item,worker,label\n\n", "{} has a header but no rows"),
        ("item,label\n1,2\n", "{} has no column worker: its header is item,label"),
        ("a;b\n1;2\n", "{} has no column item and no column worker and no column label: its header is a;b"),
        ("item,worker,label\n1,2,3\n1,,3\n", "{}, line 3: nothing in the column worker"),
        ("item,worker,label\n1,2,3\n4,5\n", "{}, line 3: nothing in the column label"),
        ("item,worker,label\n1,2,3,4\n", "{}, line 2: 4 cells where the header has 3"),
        ('item,worker,label\n1,2,3\n1,"2,3\n', "{}, line 3: unexpected end of data"),
        ("item,worker,label\n1,2,3\n1,é,3\n".encode("latin-1"), "{}, line 3: not UTF-8 text; save the file as UTF-8"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, content: str | bytes, message: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(CrowdError) as caught:
        read_labels(path)
    assert str(caught.value) == message.format(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CrowdError) as caught:
        read_labels(tmp_path / "none.csv")
    assert str(caught.value) == f"Cannot read {tmp_path / 'none.csv'}: No such file or directory"
    with pytest.raises(CrowdError, match="Is a directory"):
        read_truth(tmp_path)
