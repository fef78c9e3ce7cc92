"""Publication of the marts: a read-only DuckDB file, replaced in one step."""
