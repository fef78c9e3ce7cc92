"""Raw tables: what landed, loaded as reported into the warehouse."""
