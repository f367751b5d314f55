"""How many and how much: limits of sizes and counts, in one table; how often something may be done is in `quotas`."""

from __future__ import annotations

# Of an account.
KEYS = 50
MEMBERS = 100

# Of one synchronous request; asynchronous batches have none of these.
TASKS_AT_ONCE = 5_000
"""Tasks, suites, or tasks in suites."""
BONUSES_AT_ONCE = 100
INPUT_BYTES = 1_048_576
"""All `input_values` together, as JSON."""
OUTPUT_BYTES = 4_194_304
"""All known solutions together, as JSON."""

# Of a pool. The reference holds a tenth of the tasks; there is nothing here that would slow down.
POOL_UNITS = 10_000_000
"""Tasks, or ready-made suites."""

# Of a project.
SPEC_FIELDS = 500
"""Fields of the input, and as many of the output: each is one or two columns of the results, of which PostgreSQL
writes 1,664 at most."""
