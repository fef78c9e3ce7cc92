"""The whole night against what a user would pick instead: ``python -m benchmarks.night``."""
