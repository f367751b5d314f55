"""Files of tasks and of verdicts."""
