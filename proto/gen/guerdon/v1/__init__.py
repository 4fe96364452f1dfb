"""Generated code of the protocol ``guerdon.v1``: messages in ``reward_pb2``, stubs in ``reward_pb2_grpc``.

Never edited; ``python proto/generate.py`` writes it.
"""
