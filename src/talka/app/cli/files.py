"""Commands that send files of tasks and of verdicts, and fetch results, over HTTP."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import click
import httpx
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from talka.app.cli.crowd import access_options, find
from talka.crowd.model import Access

_FORMATS = ("tsv", "csv", "xlsx", "json", "jsonl", "parquet")
_ROWS = ("tsv", "csv", "jsonl", "parquet")
_PIECE = 1 << 16
_SHOWN = 20


@contextmanager
def _client(access: Access) -> Iterator[httpx.Client]:
    # A proxy of the environment is for the world outside, not for a plain-text server next door.
    secure = access.base_url.startswith("https:")
    headers = {"Authorization": f"ApiKey {access.api_key}"}
    timeout = httpx.Timeout(600, connect=5)
    try:
        with httpx.Client(base_url=access.base_url, headers=headers, timeout=timeout, trust_env=secure) as client:
            yield client
    except (httpx.TransportError, httpx.InvalidURL) as error:
        what = str(error) or type(error).__name__
        raise click.ClickException(f"No Talka answers at {access.base_url} ({what}): start it or mend --url") from None


@contextmanager
def _bar(title: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A bar that counts bytes, on standard error."""
    columns = (TextColumn(title), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        line = bar.add_task(title, total=total)
        yield lambda size: bar.advance(line, size)


def _pieces(file: BinaryIO, advance: Callable[[int], None]) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece
        advance(len(piece))


def _send(client: httpx.Client, path: str, params: Mapping[str, str], file: Path) -> httpx.Response:
    size = file.stat().st_size
    headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
    with file.open("rb") as source, _bar(f"Sending {file.name}", size) as advance:
        return client.post(path, params=dict(params), content=_pieces(source, advance), headers=headers)


def _refused(answer: httpx.Response) -> click.ClickException:
    """The error of an answer in one sentence."""
    try:
        body = answer.json()
        fields = body["payload"] if isinstance(body.get("payload"), dict) else {}
        wrong = [f"{name}: {part['message']}" for name, part in fields.items() if _tells(part)]
        return click.ClickException("; ".join([body["message"], *wrong]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return click.ClickException(f"{answer.url} answered HTTP {answer.status_code}: is it a Talka server?")


def _tells(part: Any) -> bool:
    """Whether a part of a payload is the error of a field."""
    return isinstance(part, dict) and "code" in part and "message" in part


def _show_errors(report: Mapping[str, Any]) -> None:
    """The table of errors by row and column, on standard error."""
    found = report.get("errors") or []
    if not found:
        return
    table = Table("row", "column", "what is wrong", box=None)
    for error in found[:_SHOWN]:
        table.add_row(str(error["row"]), error["column"] or "", error["message"])
    console = Console(stderr=True, markup=False, highlight=False)
    console.print(table)
    more = report["error_count"] - min(len(found), _SHOWN)
    if more:
        console.print(f"… and {more} more")


def _report(answer: httpx.Response) -> Any:
    """The body of a good answer.

    Raises:
        ClickException: it was refused; the table of errors is shown before.
    """
    if answer.is_success:
        return answer.json()
    refused = _refused(answer)
    try:
        payload = answer.json().get("payload")
    except (ValueError, AttributeError):
        payload = None
    if isinstance(payload, dict) and isinstance(payload.get("errors"), list):
        _show_errors(payload)
    raise refused


@click.group()
def tasks() -> None:
    """Tasks of a pool."""


@tasks.command("upload")
@click.argument("pool")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@access_options
@click.option("--format", "form", type=click.Choice(_FORMATS), help="What the file is. Default: by its name.")
@click.option("--preview", is_flag=True, help="Only check the file.")
@click.option("--skip-invalid", is_flag=True, help="Create what is valid of a file with errors.")
@click.option("--open", "open_pool", is_flag=True, help="Open the pool when all tasks are in it.")
@click.option("--tasks-per-suite", type=click.IntRange(1, 500), help="Rows per suite, in a pool of ready-made suites.")
@click.option("--by-empty-row", is_flag=True, help="Suites end with an empty row, in a pool of ready-made suites.")
@click.option("--operation-id", metavar="UUID", help="Repeat an upload under its id without creating anything twice.")
def upload(pool: str, file: Path, data: Path | None, url: str | None, api_key: str | None, **given: Any) -> None:
    """Create the tasks of FILE in POOL and wait until they are there."""
    access = find(data, url, api_key)
    form = given["form"] or file.suffix.lower().removeprefix(".")
    if form not in _FORMATS:
        raise click.BadParameter(f"say what {file.name} is: {', '.join(_FORMATS)}", param_hint="--format")
    flags = {"preview": given["preview"], "skip_invalid_items": given["skip_invalid"], "open_pool": given["open_pool"]}
    params = {name: "true" for name, value in flags.items() if value}
    params |= {"format": form, "operation_id": given["operation_id"] or str(uuid.uuid4())}
    if given["tasks_per_suite"]:
        params["tasks_per_suite"] = str(given["tasks_per_suite"])
    if given["by_empty_row"]:
        params["by_empty_row"] = "true"
    with _client(access) as client:
        report = _report(_send(client, f"/api/v1/pools/{pool}/tasks/upload", params, file))
        _show_errors(report)
        for warning in report["warnings"]:
            click.echo(warning["message"], err=True)
        shown = {name: report[name] for name in ("total_count", "valid_count", "not_valid_count", "kinds")}
        if given["preview"]:
            click.echo(json.dumps(shown))
            return
        created = _wait(client, [operation["id"] for operation in report["operations"]], report["valid_count"])
    click.echo(json.dumps({"operation_id": params["operation_id"], **shown, "success_count": created}))


def _wait(client: httpx.Client, ids: list[str], total: int) -> int:
    """Wait for all operations; how many items they created.

    Raises:
        ClickException: one of them failed.
    """
    done = 0
    columns = (TextColumn("Creating tasks"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        line = bar.add_task("", total=total)
        for operation_id in ids:
            pause = 0.05
            while True:
                operation = _report(client.get(f"/api/v1/operations/{operation_id}"))
                if operation["status"] in {"SUCCESS", "FAIL"}:
                    break
                time.sleep(pause)
                pause = min(pause * 1.5, 1.0)
            if operation["status"] == "FAIL":
                why = operation["details"].get("message") or "see its log"
                raise click.ClickException(f"Operation {operation_id} failed after {done} items were created: {why}")
            done += operation["details"]["success_count"]
            bar.update(line, completed=min(done, total))
    return done


@tasks.command("download")
@click.argument("pool")
@access_options
@click.option("--format", "form", type=click.Choice(_ROWS), default="tsv", show_default=True, help="Kind of file.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Where to. Default: standard output.")
def download_tasks(
    pool: str, data: Path | None, url: str | None, api_key: str | None, form: str, output: Path | None
) -> None:
    """Download all tasks of POOL by suite."""
    _fetch(find(data, url, api_key), f"/api/new/requester/pools/{pool}/tasks.{form}", {}, output)


def _fetch(access: Access, path: str, params: Mapping[str, str], output: Path | None) -> None:
    """Write a file of the server to `output`, where it appears whole or not at all, or to standard output."""
    with _client(access) as client, client.stream("GET", path, params=dict(params)) as answer:
        if not answer.is_success:
            answer.read()
            raise _refused(answer)
        if output is None:
            for piece in answer.iter_bytes(_PIECE):
                click.echo(piece, nl=False)
            return
        part = output.with_name(f"{output.name}.part")
        try:
            with part.open("wb") as target, _bar(f"Fetching {output.name}", None) as advance:
                for piece in answer.iter_bytes(_PIECE):
                    target.write(piece)
                    advance(len(piece))
            part.replace(output)
        except OSError as error:
            raise click.ClickException(f"Cannot write {output} ({error.strerror})") from None
        finally:
            part.unlink(missing_ok=True)
    click.echo(json.dumps({"file": str(output), "bytes": output.stat().st_size}))


@click.group()
def assignments() -> None:
    """Assignments of a pool."""


@assignments.command("review")
@click.argument("pool")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@access_options
@click.option("--preview", is_flag=True, help="Only check the file.")
@click.option("--skip-invalid", is_flag=True, help="Carry out what is valid of a file with errors.")
def review(pool: str, file: Path, data: Path | None, url: str | None, api_key: str | None, **given: bool) -> None:
    """Accept and reject assignments of POOL by the verdicts of FILE (TSV)."""
    access = find(data, url, api_key)
    flags = {"preview": given["preview"], "skip_invalid_items": given["skip_invalid"]}
    params = {name: "true" for name, value in flags.items() if value}
    with _client(access) as client:
        report = _report(_send(client, f"/api/v1/pools/{pool}/assignments/upload", params, file))
    _show_errors(report)
    click.echo(json.dumps({name: report[name] for name in ("accepted_count", "rejected_count", "error_count")}))
    if report["error_count"] and not given["skip_invalid"]:
        raise click.ClickException(f"{report['error_count']} rows were not carried out")


@click.group()
def results() -> None:
    """Results of a pool."""


@results.command("download")
@click.argument("pool")
@access_options
@click.option("--format", "form", type=click.Choice(_ROWS), default="tsv", show_default=True, help="Kind of file.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Where to. Default: standard output.")
@click.option("--status", metavar="LIST", help="ACTIVE SUBMITTED APPROVED REJECTED SKIPPED EXPIRED. Default: APPROVED.")
@click.option("--field", metavar="LIST", help="ASSIGNMENT columns, such as ASSIGNMENT:link,ASSIGNMENT:reward.")
@click.option("--from", "start_from", metavar="TIME", help="Only assignments that started then or later.")
@click.option("--to", "start_to", metavar="TIME", help="Only assignments that started then or earlier.")
@click.option("--exclude-banned", is_flag=True, help="Leave out workers who are kept out of the pool now.")
def download(pool: str, data: Path | None, url: str | None, api_key: str | None, **given: Any) -> None:
    """Download the answers of POOL, one row per task of each assignment."""
    access = find(data, url, api_key)
    names = {"status": "status", "field": "field", "start_from": "startTimeFrom", "start_to": "startTimeTo"}
    params = {wire: given[name] for name, wire in names.items() if given[name]} | {"addRowDelimiter": "false"}
    if given["exclude_banned"]:
        params["excludeBanned"] = "true"
    _fetch(access, f"/api/new/requester/pools/{pool}/assignments.{given['form']}", params, given["output"])
