"""Tasks and task suites, and the queue from which they are issued."""
