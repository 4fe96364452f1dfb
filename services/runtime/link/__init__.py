"""The wire between a gateway and the replicas of a verifier.

Frames of msgpack over one connection for many calls at a time. A call through a Ray Serve handle costs the two
processes several times as much CPU as the work of a light verifier; Serve places and watches replicas, verdicts
travel here. Nothing that arrives is ever unpickled.
"""
