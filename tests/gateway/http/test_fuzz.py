"""Whatever the OpenAPI document allows, and what it does not, finds no fault of the service."""

import pytest
import schemathesis
from background import running
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from guerdon.services.gateway.core import Gateway
from guerdon.services.gateway.http.app import create_app
from guerdon.services.gateway.settings import GatewaySettings
from guerdon.services.runtime.build import build_backend


def is_no_fault(_context, response, _case) -> None:
    """500 is a fault of the service; 503 and 504 are answers the document declares."""
    assert response.status_code != 500, response.text


CHECKS = [is_no_fault, response_schema_conformance, content_type_conformance]


def make_gateway() -> Gateway:
    """The service as it is shipped."""
    return Gateway(build_backend(), GatewaySettings(port=0, grpc_port=0))


SCHEMA = schemathesis.openapi.from_dict(create_app(make_gateway()).openapi())
OPERATIONS = [result.ok() for result in SCHEMA.get_all_operations()]
WITH_INPUT = [operation for operation in OPERATIONS if operation.body or operation.path_parameters]
CASES = [(operation, GenerationMode.POSITIVE) for operation in OPERATIONS]
CASES += [(operation, GenerationMode.NEGATIVE) for operation in WITH_INPUT]


@pytest.fixture(scope="module")
def url():
    """Where a running service answers."""
    with running(make_gateway) as addresses:
        yield addresses.http


@pytest.mark.parametrize(("operation", "mode"), CASES, ids=lambda part: getattr(part, "label", None))
def test_no_request_finds_a_server_error(url, operation, mode):
    """Every answer has a declared form, and none is a fault of the service."""

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    def fuzz(case):
        case.call_and_validate(base_url=url, checks=CHECKS)

    fuzz()
