"""Finds the real data of tests; where there is none, the same tests run on a synthetic crowd of the same shape."""

from __future__ import annotations

import csv
import os
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_BESIDE = Path(__file__).resolve().parents[3] / "shared" / "data"
_ITEMS, _PEOPLE, _OVERLAP, _BLOCK = 800, 164, 10, 20


@dataclass(frozen=True, slots=True)
class TextPair:
    """Does the hypothesis follow from the text? Experts say `truth`, "1" or "0"."""

    item: str
    text: str
    hypothesis: str
    truth: str


@dataclass(frozen=True, slots=True)
class Label:
    """What one person said about one item, and how long it took."""

    item: str
    worker: str
    label: str
    seconds: str


@dataclass(frozen=True, slots=True)
class TextPairs:
    """800 text pairs and 8,000 labels of 164 people, ten for each pair; the files hold the same.

    `majority` is the published accuracy of the majority vote; a synthetic crowd has none.
    """

    pairs: Sequence[TextPair]
    labels: Sequence[Label]
    items_file: Path
    labels_file: Path
    majority: float | None


def real_data() -> Path | None:
    """The folder of real data: TALKA_TEST_DATA, else beside the repository, else none."""
    named = os.environ.get("TALKA_TEST_DATA")
    folder = Path(named) if named else _BESIDE
    return folder if folder.is_dir() else None


def text_pairs(folder: Path) -> TextPairs:
    """The text pairs; synthetic ones are written to `folder`."""
    real = real_data()
    if real is None:
        _write_synthetic(folder)
    source = real / "rte_text" if real else folder
    items_file, labels_file = source / "items.csv", source / "labels.csv"
    return TextPairs(
        pairs=[TextPair(**row) for row in _rows(items_file)],
        labels=[Label(**row) for row in _rows(labels_file)],
        items_file=items_file,
        labels_file=labels_file,
        majority=0.897 if real else None,
    )


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _write_synthetic(folder: Path) -> None:
    dice = random.Random(164)
    pairs = [
        TextPair(
            str(25 + 3 * number), f"Number {number} is {2 * number}.", f"It is {2 * number + 1 - truth}.", str(truth)
        )
        for number, truth in enumerate(dice.choice((0, 1)) for _ in range(_ITEMS))
    ]
    skills = [dice.betavariate(8, 2) for _ in range(_PEOPLE)]
    labels = [
        Label(pair.item, str(person), _said(dice, pair.truth, skills[person]), str(dice.randint(5, 300)))
        for block, crew in enumerate(_crews(dice))
        for pair in pairs[block * _BLOCK : (block + 1) * _BLOCK]
        for person in crew
    ]
    _write(folder / "items.csv", ("item", "text", "hypothesis", "truth"), pairs)
    _write(folder / "labels.csv", ("item", "worker", "label", "seconds"), labels)


def _crews(dice: random.Random) -> list[list[int]]:
    """Ten people for each block of twenty pairs: everybody does one at least, a few do most of them."""
    crews: list[list[int]] = [[] for _ in range(_ITEMS // _BLOCK)]
    for person in range(_PEOPLE):
        min(crews, key=len).append(person)
    zeal = [1 / (1 + place) for place in range(_PEOPLE)]
    for crew in crews:
        while len(crew) < _OVERLAP:
            [person] = dice.choices(range(_PEOPLE), zeal)
            if person not in crew:
                crew.append(person)
    return crews


def _said(dice: random.Random, truth: str, skill: float) -> str:
    return truth if dice.random() < skill else str(1 - int(truth))


def _write(path: Path, header: Sequence[str], rows: Sequence[TextPair] | Sequence[Label]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows([getattr(row, name) for name in header] for row in rows)


@dataclass(frozen=True, slots=True)
class Crowd:
    """One set of labels: (item, worker, label), each worker once an item, and what experts say of some items.

    `dawid_skene` is the published accuracy of that model; a synthetic crowd has none.
    """

    labels: Sequence[tuple[str, str, str]]
    truth: Mapping[str, str]
    dawid_skene: float | None


_PUBLISHED = {
    "cf": 0.830, "bluebird": 0.889, "face": 0.640, "rte": 0.927, "dog": 0.843, "sp": 0.915, "trec": 0.702,
    "adult": 0.766, "fact_eval": 0.891,
}  # fmt: skip
CROWDS = tuple(_PUBLISHED)


def crowd(name: str) -> Crowd:
    """A set by its name, one of `CROWDS`."""
    real = real_data()
    if real is None:
        return _synthetic_crowd(name)
    folder = real / "crowd" / name
    said: dict[tuple[str, str], str] = {}
    for row in _rows(folder / "label.csv"):
        said.setdefault((row["item"], row["worker"]), row["label"])
    truth = {row["item"]: row["truth"] for row in _rows(folder / "truth.csv")}
    return Crowd([(item, worker, label) for (item, worker), label in said.items()], truth, _PUBLISHED[name])


def _synthetic_crowd(name: str) -> Crowd:
    dice = random.Random(name)
    words = "abcd"[: 2 + len(name) % 3]
    truth = {str(item): dice.choice(words) for item in range(300)}
    skills = [dice.betavariate(7, 3) for _ in range(30)]
    labels = []
    for item, right in truth.items():
        for person in dice.sample(range(30), 5):
            label = right if dice.random() < skills[person] else dice.choice(words)
            labels.append((item, str(person), label))
    return Crowd(labels, truth, None)
