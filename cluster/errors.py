"""What can go wrong between the warehouse and the cluster."""

from __future__ import annotations


class ClusterError(Exception):
    """The marts can't be built on Spark; the message says why and what to do."""
