"""The same models on Apache Spark: the raw tables as open files, a cluster of our own on loopback, dbt's build there.

Knows table names and paths; no other room. Spark and dbt-spark live in an environment of their own and are started as processes.
"""
