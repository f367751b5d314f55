"""The columns of the file of an aggregation, as SQL expressions over solution `s` and task `t`."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg import sql

from talka.infra.exports import Column
from talka.projects.columns import field_columns
from talka.projects.fields import Specs


def columns(inputs: Specs, outputs: Specs, names: Sequence[str]) -> Sequence[Column]:
    """Inputs, the aggregated outputs `names`, and in percent how sure each of these is."""
    chosen = {name: outputs[name] for name in names if name in outputs}
    return [
        *field_columns("INPUT", inputs, "t.input_values"),
        *field_columns("OUTPUT", chosen, "s.output_values"),
        *(_confidence(name, number) for number, name in enumerate(names, 1) if name in outputs),
    ]


def _confidence(name: str, number: int) -> Column:
    # Of a single output it is the task's.
    share = sql.SQL("case when s.confidences is null then s.confidence else s.confidences[{}] end").format(
        sql.Literal(number)
    )
    shown = sql.SQL("to_char(({}) * 100, 'FM990.00') || '%'").format(share)
    value = sql.SQL("to_json(round((({}) * 100)::numeric, 4))").format(share)
    return Column(f"CONFIDENCE:{name}", shown, value, "float")
