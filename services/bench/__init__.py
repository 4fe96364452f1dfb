"""Measures what a service costs beside floors that do the same work without one, all in one run."""
