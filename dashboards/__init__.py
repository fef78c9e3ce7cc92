"""Dashboards as code: files that Apache Superset takes in, and what starts it with them."""
