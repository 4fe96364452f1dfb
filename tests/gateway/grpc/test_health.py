"""`grpc.health.v1` and reflection."""

import grpc
import pytest
import toys
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from guerdon.services.runtime.backend import VerifierState

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
KEYS = [{"name": "k", "secret": "a-key-of-enough-length"}]


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("", SERVING),
        ("guerdon.v1.RewardService", SERVING),
        ("echo", SERVING),
        ("unstartable", NOT_SERVING),
    ],
)
async def test_health_is_told_per_verifier_without_a_key(connect, name, status):
    """The service serves while one verifier does; each verifier has its own entry."""
    client = await connect(api_keys=KEYS)
    stub = health_pb2_grpc.HealthStub(client.channel)
    assert (await stub.Check(health_pb2.HealthCheckRequest(service=name))).status == status


async def test_an_unknown_name_is_not_found(client):
    """A verifier that is not there has no health."""
    call = health_pb2_grpc.HealthStub(client.channel).Check(health_pb2.HealthCheckRequest(service="nobody"))
    assert await call.code() == grpc.StatusCode.NOT_FOUND


async def test_not_serving_without_any_verifier(connect):
    """When none can answer, the service as a whole does not serve."""
    client = await connect(toys.UnstartableVerifier)
    stub = health_pb2_grpc.HealthStub(client.channel)
    assert (await stub.Check(health_pb2.HealthCheckRequest())).status == NOT_SERVING


async def test_watchers_are_told_of_changes(client):
    """A verifier that goes down is told to who watches it."""
    stub = health_pb2_grpc.HealthStub(client.channel)
    watch = stub.Watch(health_pb2.HealthCheckRequest(service="echo"))
    assert (await watch.read()).status == SERVING
    client.gateway.backend._states["echo"] = VerifierState(state="unavailable")
    assert (await watch.read()).status == NOT_SERVING
    watch.cancel()


async def test_watchers_are_told_of_the_stop(client):
    """A server that stops says so before it goes."""
    watch = health_pb2_grpc.HealthStub(client.channel).Watch(health_pb2.HealthCheckRequest())
    assert (await watch.read()).status == SERVING
    await client.server.stop(0.1)
    assert (await watch.read()).status == NOT_SERVING


async def test_reflection_lists_the_services(connect):
    """Tools find the services and their files without a key."""
    client = await connect(api_keys=KEYS)
    stub = reflection_pb2_grpc.ServerReflectionStub(client.channel)
    call = stub.ServerReflectionInfo()
    await call.write(reflection_pb2.ServerReflectionRequest(list_services=""))
    listed = (await call.read()).list_services_response.service
    assert {service.name for service in listed} == {
        "guerdon.v1.RewardService",
        "grpc.health.v1.Health",
        "grpc.reflection.v1alpha.ServerReflection",
    }
    await call.write(reflection_pb2.ServerReflectionRequest(file_containing_symbol="guerdon.v1.RewardService"))
    assert (await call.read()).HasField("file_descriptor_response")
    await call.done_writing()
    assert await call.code() == grpc.StatusCode.OK
