"""Reads the direct dependencies of the wheel from requirements/*.in, so that each is written down once."""

from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface


def _names(path: Path) -> list[str]:
    lines = (line.split("#")[0].strip() for line in path.read_text().splitlines())
    return [line for line in lines if line and not line.startswith("-")]


class Requirements(MetadataHookInterface):
    """Fills the dynamic dependency fields of pyproject.toml."""

    def update(self, metadata: dict[str, object]) -> None:
        """Add `dependencies` and the `demo` extra to `metadata`."""
        root = Path(self.root) / "requirements"
        metadata["dependencies"] = _names(root / "main.in")
        metadata["optional-dependencies"] = {"demo": _names(root / "demo.in")}
