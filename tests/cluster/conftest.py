"""The cluster that the tests of this folder share."""

from stub_cluster import found_here, stub_ray

__all__ = ["found_here", "stub_ray"]
