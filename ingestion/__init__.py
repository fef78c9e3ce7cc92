"""The three sources, the reader of forms, the landing zone and the raw tables."""
