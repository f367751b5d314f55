"""Content of files: a local folder, or a bucket of S3, Google Cloud Storage or Azure, behind one interface."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import obstore
from obstore import exceptions
from obstore.store import AzureStore, GCSStore, LocalStore, S3Store

from talka.infra.settings import SettingsError
from talka.kit.errors import TalkaError

Store = LocalStore | S3Store | GCSStore | AzureStore
_PART = 5 << 20
"""How much is sent or fetched at a time: what S3 demands of a part."""
_AT_ONCE = 2
# Whoever waits is a worker with a phone: say soon that the storage is down. Single requests are short (one part each).
_RETRIES: Any = {"max_retries": 3, "retry_timeout": timedelta(seconds=20)}
# Plain HTTP only where the operator gives an endpoint of that scheme: those of the clouds are HTTPS.
_CLIENT: Any = {"connect_timeout": "5s", "timeout": "60s", "allow_http": True}
_CLOUDS: Mapping[str, type[S3Store] | type[GCSStore] | type[AzureStore]] = {
    **dict.fromkeys(("s3", "s3a"), S3Store),
    "gs": GCSStore,
    **dict.fromkeys(("az", "azure", "abfs", "abfss"), AzureStore),
}
_OUTAGES = (exceptions.BaseError, OSError)


class Blobs:
    """Blobs by key; one is written once, whole or not at all, and never changed."""

    def __init__(self, store: Store, folder: Path | None) -> None:
        self._store = store
        self._folder = folder

    @classmethod
    def at(cls, url: str | None, folder: Path) -> Blobs:
        """The storage at `url`, with the credentials of its provider's usual variables; without one, `folder`.

        Raises:
            SettingsError: saying what is wrong with the address.
        """
        if url is None:
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                return cls(LocalStore(folder), folder)
            except (exceptions.BaseError, OSError) as error:
                raise SettingsError(f"Files cannot be kept in {folder}: {_reason(error)}") from error
        kind = _CLOUDS.get(url.partition("://")[0])
        if kind is None:
            raise SettingsError("The setting attachments_url must start with s3://, gs:// or az://")
        try:
            store = kind.from_url(url, client_options=_CLIENT, retry_config=_RETRIES)
        except (exceptions.BaseError, ValueError) as error:
            raise SettingsError(f"The setting attachments_url cannot be used: {_reason(error)}") from error
        return cls(store, None)

    async def put(self, key: str, content: AsyncIterator[bytes]) -> None:
        """Write a blob as its content comes; when `content` raises, so does this, and there is no blob.

        Raises:
            TalkaError: REMOTE_SERVICE_UNAVAILABLE.
        """
        try:
            await obstore.put_async(self._store, key, content, chunk_size=_PART, max_concurrency=_AT_ONCE)
            if self._folder is not None:
                await asyncio.to_thread(_settle, self._folder / key)
        except _OUTAGES as error:
            raise _unavailable() from error

    async def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes of a blob from `start` to before `end`, piece by piece, each fetched when it is asked for.

        Raises:
            TalkaError: REMOTE_SERVICE_UNAVAILABLE, also when the blob is not there.
        """
        while start < end:
            until = min(start + _PART, end)
            try:
                piece = await obstore.get_range_async(self._store, key, start=start, end=until)
            except _OUTAGES as error:
                raise _unavailable() from error
            if len(piece) != until - start:
                raise _unavailable()
            yield bytes(piece)
            start = until

    async def remove(self, key: str) -> None:
        """Remove a blob and what an interrupted `put` left of it in a folder; no error when there is none.

        Raises:
            TalkaError: REMOTE_SERVICE_UNAVAILABLE.
        """
        try:
            if self._folder is not None:
                await asyncio.to_thread(_remove, self._folder / key)
            else:
                await obstore.delete_async(self._store, key)
        except FileNotFoundError:
            return
        except _OUTAGES as error:
            raise _unavailable() from error


def _reason(error: Exception) -> str:
    """The first line of a message: what follows is for debugging."""
    return str(error).split("\n", maxsplit=1)[0]


def _unavailable() -> TalkaError:
    return TalkaError("REMOTE_SERVICE_UNAVAILABLE", "The storage of files cannot be reached now")


def _settle(path: Path) -> None:
    """Let a new file outlive a power failure: the database is about to say that it is there."""
    for place in (path, path.parent, path.parent.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    # A file under way is called `<name>#<number>`.
    for rest in path.parent.glob(f"{path.name}#*"):
        rest.unlink(missing_ok=True)
