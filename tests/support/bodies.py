"""Bodies of requests: plain ones that work, to be changed by each test where it matters."""

from __future__ import annotations

import json
from typing import Any

VIEW = {
    "view": {
        "type": "view.list",
        "items": [
            {"type": "view.text", "content": {"type": "data.input", "path": "item"}},
            {
                "type": "field.radio-group",
                "label": "Which letter?",
                "options": [{"label": "A", "value": "a"}, {"label": "B", "value": "b"}],
                "data": {"type": "data.output", "path": "label"},
                "validation": {"type": "condition.required"},
            },
        ],
    },
    "plugins": [
        {
            "type": "plugin.hotkeys",
            "1": {"type": "action.set", "data": {"type": "data.output", "path": "label"}, "payload": "a"},
            "2": {"type": "action.set", "data": {"type": "data.output", "path": "label"}, "payload": "b"},
        }
    ],
}


def project_body(**changes: Any) -> dict[str, Any]:
    """A project that shows an item and asks for the label a or b."""
    body = {
        "public_name": "Letters",
        "public_description": "Say which letter it is",
        "public_instructions": "<p>Choose one.</p>",
        "task_spec": {
            "input_spec": {"item": {"type": "string"}},
            "output_spec": {"label": {"type": "string", "allowed_values": ["a", "b"]}},
            "view_spec": {"type": "tb", "config": json.dumps(VIEW), "lock": {"core": "1.0.0"}},
        },
        "assignments_issuing_type": "AUTOMATED",
    }
    return {**body, **changes}


def pool_body(project_id: str, **changes: Any) -> dict[str, Any]:
    """A paid pool of four general tasks a page, accepted at once."""
    body = {
        "project_id": project_id,
        "private_name": "letters",
        "may_contain_adult_content": False,
        "will_expire": "2100-01-01T00:00:00",
        "reward_per_assignment": 0.05,
        "assignment_max_duration_seconds": 600,
        "auto_accept_solutions": True,
        "mixer_config": {"real_tasks_count": 4, "golden_tasks_count": 0, "training_tasks_count": 0},
        "defaults": {"default_overlap_for_new_tasks": 3, "default_overlap_for_new_task_suites": 1},
    }
    return {**body, **changes}
