"""The engine: what came in is written down, carried in batches, linked, audited, and never lost."""
