"""Scenarios: what a service does when it is overloaded, scaled, crowded or stuck.

Each is a function of a target and a :class:`~guerdon.services.bench.scenarios.context.Context`.
"""
