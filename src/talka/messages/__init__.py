"""Messages between requesters and workers, in threads."""
