"""What goes wrong between a proxy and the gateway's replicas is told by the table of errors."""

import asyncio

import grpc
import pytest
from ray.exceptions import ActorDiedError, ActorUnavailableError, TaskCancelledError
from ray.serve._private.common import DeploymentID
from ray.serve._private.constants import RAY_SERVE_REPLICA_GRPC_MAX_MESSAGE_LENGTH
from ray.serve.exceptions import BackPressureError, DeploymentUnavailableError, RequestCancelledError

from guerdon.services.contract.errors import BatchTooLarge, Overloaded, VerifierUnavailable
from guerdon.services.gateway.serve.calls import RelayedCall
from guerdon.services.gateway.serve.replicas import GatewayReplicas, raise_as_told


def broken(code: grpc.StatusCode) -> grpc.aio.AioRpcError:
    """How a connection to a replica ends."""
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata())


@pytest.mark.parametrize(
    ("cause", "error"),
    [
        (BackPressureError(num_queued_requests=8, max_queued_requests=8), Overloaded),
        (DeploymentUnavailableError(DeploymentID(name="gateway", app_name="gateway")), VerifierUnavailable),
        (ActorDiedError(), VerifierUnavailable),
        (ActorUnavailableError("no answer", bytes(16)), VerifierUnavailable),
        (RequestCancelledError("call"), VerifierUnavailable),
        (TaskCancelledError(), VerifierUnavailable),
        (asyncio.CancelledError(), VerifierUnavailable),
        (broken(grpc.StatusCode.UNAVAILABLE), VerifierUnavailable),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
async def test_a_failure_of_the_way_is_worth_another_try(cause, error):
    """Callers hear when to come back."""
    with pytest.raises(error) as told:
        raise_as_told(cause)
    assert told.value.retryable
    assert told.value.retry_after_s == 1.0


@pytest.mark.parametrize(
    "cause", [RuntimeError("a bug"), TimeoutError(), GeneratorExit(), broken(grpc.StatusCode.INTERNAL)]
)
async def test_any_other_failure_stays_what_it_is(cause):
    """A fault of ours is found in the log, under its own name."""
    raise_as_told(cause)


async def test_the_end_of_the_caller_stays_what_it_is():
    """A call whose client has left is cancelled, and nothing is answered."""

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError as cause:
            raise_as_told(cause)
            raise

    task = asyncio.create_task(wait())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_request_that_fits_into_no_message_is_refused():
    """Ray would break the call off without saying why."""
    request = bytes(RAY_SERVE_REPLICA_GRPC_MAX_MESSAGE_LENGTH)
    with pytest.raises(BatchTooLarge, match="split it"):
        await GatewayReplicas().ask(RelayedCall("/guerdon.v1.RewardService/Score", request, (), None))
