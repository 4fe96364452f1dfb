"""The gRPC transport: ``guerdon.v1.RewardService``, health and reflection over the gateway's core.

Only translation happens here. :mod:`wire` reads bytes, :mod:`mapping_in` and :mod:`mapping_out` map messages,
:mod:`status` maps errors, :mod:`servicer` joins them to the core, :mod:`server` binds a port.
"""
