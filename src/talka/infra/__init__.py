"""Everything that touches the outside: database, HTTP, files, processes, clock, settings, telemetry."""
