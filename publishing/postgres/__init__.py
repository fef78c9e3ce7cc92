"""Publication to PostgreSQL, for BI tools: each night in a schema of its own, ``mart`` flipped to it in one transaction.

How and why: docs/decisions/016.
"""
