"""Valid bodies in which every field stands, so that each of them can be broken."""

from __future__ import annotations

from typing import Any

from tests.support.bodies import project_body


def full_project(**changes: Any) -> dict[str, Any]:
    """A project with every field of the specification."""
    base = project_body()
    spec = base["task_spec"]
    fields = {
        "item": {"type": "string", "required": True, "hidden": False, "min_length": 1, "max_length": 400},
        "link": {"type": "url", "required": False, "hidden": False},
        "count": {"type": "integer", "required": False, "hidden": False, "min_value": 0, "max_value": 9},
        "weight": {"type": "float", "required": False, "hidden": False, "min_value": 0.5, "max_value": 1.5},
        "place": {"type": "coordinates", "required": False, "hidden": False},
        "extra": {"type": "json", "required": False, "hidden": False},
        "words": {"type": "array_string", "required": False, "hidden": False, "min_size": 1, "max_size": 3},
        "secret": {"type": "string", "required": False, "hidden": True},
    }
    outputs = {
        "label": {"type": "string", "required": True, "hidden": False, "allowed_values": ["a", "b"]},
        "sure": {"type": "boolean", "required": False, "hidden": False, "allowed_values": [True, False]},
        "note": {"type": "string", "required": False, "hidden": False, "pattern": "[a-z ]*"},
        "tags": {"type": "array_string", "required": False, "hidden": False, "min_size": 0, "max_size": 5},
        "data": {"type": "json", "required": False, "hidden": False},
    }
    more = {
        "private_comment": "pilot",
        "task_spec": {
            "input_spec": fields,
            "output_spec": outputs,
            "view_spec": {**spec["view_spec"], "settings": {"showSkip": True}, "inferDataSpec": False},
        },
        "assignments_automerge_enabled": False,
        "max_active_assignments_count": 3,
        "quality_control": {
            "configs": [
                {
                    "collector_config": {
                        "type": "SKIPPED_IN_ROW_ASSIGNMENTS",
                        "uuid": "38830d4b-930b-43ab-a98f-f52e992fd11a",
                    },
                    "rules": [
                        {
                            "conditions": [{"key": "skipped_in_row_count", "operator": "GTE", "value": 5}],
                            "action": {
                                "type": "RESTRICTION_V2",
                                "parameters": {"scope": "PROJECT", "duration": 2, "duration_unit": "DAYS"},
                            },
                        }
                    ],
                }
            ]
        },
        "metadata": {"team": ["vision", "text"]},
        "sensitive": False,
        "localization_config": {
            "default_language": "EN",
            "additional_languages": [
                {"language": "FR", "public_name": {"value": "Lettres", "source": "REQUESTER"}},
            ],
        },
    }
    return {**base, **more, **changes}


def full_skill(**changes: Any) -> dict[str, Any]:
    """A skill with every field of the specification."""
    body = {
        "name": "Street photo review",
        "public_name": {"EN": "Street photos", "PT": "Fotos de rua"},
        "public_requester_description": {"EN": "Share of accepted pages"},
        "private_comment": "pilot",
        "hidden": False,
        "skill_ttl_hours": 720,
        "deprecated": False,
    }
    return {**body, **changes}


def full_pool(project_id: str, **changes: Any) -> dict[str, Any]:
    """A pool with every field that needs nothing of a later capability."""
    body: dict[str, Any] = {
        "project_id": project_id,
        "private_name": "letters",
        "private_comment": "first try",
        "public_description": "Letters, again",
        "public_instructions": "<p>Look well.</p>",
        "may_contain_adult_content": False,
        "will_expire": "2100-01-01T00:00:00",
        "auto_close_after_complete_delay_seconds": 60,
        "reward_per_assignment": 0.03,
        "assignment_max_duration_seconds": 600,
        "auto_accept_solutions": False,
        "auto_accept_period_day": 7,
        "assignments_issuing_config": {"issue_task_suites_in_creation_order": False},
        "priority": 10,
        "filter": {"and": [{"or": [{"category": "profile", "key": "country", "operator": "EQ", "value": "PT"}]}]},
        "quality_control": {
            "captcha_frequency": "LOW",
            "configs": [
                {
                    "collector_config": {
                        "type": "ANSWER_COUNT",
                        "uuid": "38830d4b-930b-43ab-a98f-f52e992fd11b",
                    },
                    "rules": [
                        {
                            "conditions": [{"key": "assignments_accepted_count", "operator": "GTE", "value": 50}],
                            "action": {
                                "type": "RESTRICTION_V2",
                                "parameters": {"scope": "POOL", "duration": 1, "duration_unit": "DAYS"},
                            },
                        }
                    ],
                }
            ],
        },
        "speed_quality_balance": {"type": "TOP_PERCENTAGE_BY_QUALITY", "percent": 90},
        "mixer_config": {
            "real_tasks_count": 4,
            "golden_tasks_count": 1,
            "training_tasks_count": 0,
            "min_real_tasks_count": 2,
            "min_golden_tasks_count": 1,
            "min_training_tasks_count": 0,
            "force_last_assignment": True,
            "force_last_assignment_delay_seconds": 10,
            "mix_tasks_in_creation_order": False,
            "shuffle_tasks_in_task_suite": True,
        },
        "defaults": {"default_overlap_for_new_task_suites": 1, "default_overlap_for_new_tasks": 3},
        "metadata": {"batch": ["2024-03"]},
    }
    return {**body, **changes}


def full_task(pool_id: str, **changes: Any) -> dict[str, Any]:
    """A training task with every field."""
    body: dict[str, Any] = {
        "pool_id": pool_id,
        "input_values": {
            "item": "x",
            "link": "https://example.org/a.png",
            "count": 3,
            "weight": 0.75,
            "place": "55.75,37.61",
            "extra": {"any": ["thing"]},
            "words": ["one", "two"],
            "secret": "s",
        },
        "known_solutions": [{"output_values": {"label": "a"}, "correctness_weight": 0.5}],
        "message_on_unknown_solution": "Look at the ears.",
        "baseline_solutions": [{"output_values": {"label": "b"}, "confidence_weight": 1}],
        "overlap": 3,
        "infinite_overlap": False,
        "reserved_for": ["1ad097faba0eff85a04fe30bc04d53db"],
        "unavailable_for": ["9f2b1c0de4a5b6c7d8e9f00112233445"],
        "traits_all_of": ["t"],
        "traits_any_of": ["t"],
        "traits_none_of_any": ["u"],
    }
    return {**body, **changes}


def full_suite(pool_id: str, **changes: Any) -> dict[str, Any]:
    """A ready-made suite with every field."""
    inner = ("input_values", "known_solutions", "message_on_unknown_solution")
    task = {name: value for name, value in full_task(pool_id).items() if name in inner}
    body: dict[str, Any] = {
        "pool_id": pool_id,
        "tasks": [task, {"input_values": {"item": "y"}}],
        "overlap": 2,
        "infinite_overlap": False,
        "reserved_for": ["1ad097faba0eff85a04fe30bc04d53db"],
        "unavailable_for": [],
        "traits_all_of": ["t"],
        "issuing_order_override": 10.3,
        "mixed": False,
        "longitude": 37.61,
        "latitude": 55.75,
    }
    return {**body, **changes}


PROFILE: dict[str, Any] = {
    "first_name": "Ada",
    "last_name": "L",
    "date_of_birth": "1990-05-01",
    "gender": "FEMALE",
    "country": "PT",
    "citizenship": "PT",
    "city": 10,
    "education": "HIGH",
    "languages": ["EN", "PT"],
    "adult_allowed": False,
    "computed": {"client_type": "BROWSER", "region_by_ip": 10, "os_version": 6.5, "rating": 4.5},
}
