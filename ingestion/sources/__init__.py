"""One module for each source."""
