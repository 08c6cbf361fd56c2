"""The data that flows between stages: frozen, no I/O, no arithmetic; one canonical byte encoding and digest."""
