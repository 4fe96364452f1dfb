"""The form of a Serve configuration: what Ray Serve takes, without the names it would silently ignore."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from guerdon.services.cluster.errors import ConfigError

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}(\+[a-z][a-z0-9_]{0,63})*$")]
"""That of what runs there; several verifiers that share replicas are joined by ``+``."""
Port = Annotated[int, Field(ge=1, le=65535)]
Mapping = dict[str, Any]

GATEWAY = "gateway"
"""The application that accepts the calls."""
MAX_REPLICAS = 4096
_SHOWN_CHARS = 60


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HttpOptions(_Part):
    """Where HTTP calls are accepted."""

    host: str = "127.0.0.1"
    port: Port = 8000
    root_path: str = ""
    request_timeout_s: Annotated[float, Field(gt=0)] | None = None
    keep_alive_timeout_s: Annotated[int, Field(ge=1)] = 90


class GrpcOptions(_Part):
    """Where gRPC calls are accepted, on the host of HTTP."""

    port: Port = 9000
    grpc_servicer_functions: list[str] = []
    request_timeout_s: Annotated[float, Field(gt=0)] | None = None
    enable_reflection: bool = False


class ActorOptions(_Part):
    """What one replica asks of its node."""

    num_cpus: Annotated[float, Field(ge=0)] | None = None
    num_gpus: Annotated[float, Field(ge=0)] | None = None
    memory: Annotated[float, Field(gt=0)] | None = None
    resources: dict[str, Annotated[float, Field(ge=0)]] = {}
    accelerator_type: str | None = None
    label_selector: dict[str, str] | None = None
    fallback_strategy: list[Mapping] | None = None
    runtime_env: Mapping | None = None


class Deployment(_Part):
    """Replicas of one class."""

    name: Name
    num_replicas: Annotated[int, Field(ge=1, le=MAX_REPLICAS)] | None = None
    max_ongoing_requests: Annotated[int, Field(ge=1)] | None = None
    max_queued_requests: Annotated[int, Field(ge=1)] | None = None
    backpressure_config: Mapping | None = None
    user_config: Mapping | None = None
    autoscaling_config: Mapping | None = None
    graceful_shutdown_wait_loop_s: Annotated[float, Field(ge=0)] | None = None
    graceful_shutdown_timeout_s: Annotated[float, Field(ge=0)] | None = None
    health_check_period_s: Annotated[float, Field(gt=0)] | None = None
    health_check_timeout_s: Annotated[float, Field(gt=0)] | None = None
    ray_actor_options: ActorOptions = ActorOptions()
    placement_group_bundles: list[dict[str, float]] | None = None
    placement_group_strategy: str | None = None
    max_replicas_per_node: Annotated[int, Field(ge=1, le=100)] | None = None
    logging_config: Mapping | None = None
    request_router_config: Mapping | None = None
    rolling_update_percentage: Annotated[float, Field(gt=0, le=1)] | None = None
    max_surge_percent: Annotated[int, Field(ge=0, le=100)] | None = None


class Application(_Part):
    """One application: the gateway, one verifier, or several that share replicas."""

    name: Name
    route_prefix: str | None = "/"
    import_path: Annotated[str, Field(pattern=r"^[\w.]+[:.]\w+$")]
    args: Mapping = {}
    runtime_env: Mapping | None = None
    external_scaler_enabled: bool = False
    autoscaling_policy: Mapping | None = None
    logging_config: Mapping | None = None
    deployments: list[Deployment] = []


class ServeConfig(_Part):
    """Everything that a cluster runs."""

    proxy_location: Literal["EveryNode", "HeadOnly", "Disabled"] = "EveryNode"
    http_options: HttpOptions = HttpOptions()
    grpc_options: GrpcOptions = GrpcOptions()
    logging_config: Mapping | None = None
    tracing_config: Mapping | None = None
    controller_options: Mapping | None = None
    target_capacity: Annotated[float, Field(ge=0, le=100)] | None = None
    applications: Annotated[list[Application], Field(min_length=1)]


class _Loader(yaml.SafeLoader):
    """Refuses a key that stands twice in one mapping: YAML would silently take the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """The mapping of a node."""
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen and key != "<<":
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def read_config(file: Path) -> Mapping:
    """The content of a YAML file.

    Raises:
        ConfigError: it cannot be read, or is no mapping.
    """
    try:
        content = yaml.load(file.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a safe loader
    except FileNotFoundError:
        raise ConfigError([f"{file} does not exist"]) from None
    except OSError as cause:
        raise ConfigError([f"{file} cannot be read: {cause.strerror}"]) from None
    except (yaml.YAMLError, UnicodeDecodeError) as cause:
        raise ConfigError([f"{file} is not valid YAML: {' '.join(str(cause).split())}"]) from None
    if not isinstance(content, dict):
        raise ConfigError([f"{file} holds no mapping; it needs at least the key 'applications'"])
    return content


def parse_config(content: Mapping) -> ServeConfig:
    """The configuration that a mapping holds.

    Raises:
        ConfigError: names or values do not fit; all faults at once.
    """
    try:
        return ServeConfig.model_validate(content)
    except ValidationError as cause:
        raise ConfigError([_problem(content, error) for error in cause.errors()]) from None


def pointer(content: Any, *places: str | int) -> str:
    """A place in a configuration, such as ``applications[1] (math).deployments[0].num_replicas``."""
    text = ""
    for place in places:
        if isinstance(place, int):
            content = content[place] if isinstance(content, list) and place < len(content) else None
            name = content.get("name") if isinstance(content, dict) else None
            text += f"[{place}]" + (f" ({name})" if isinstance(name, str) and "deployments" not in text else "")
        else:
            content = content.get(place) if isinstance(content, dict) else None
            text += f".{place}" if text else place
    return text


def said(error: ErrorDetails) -> str:
    """What is wrong with a value, in words."""
    if error["type"] == "extra_forbidden":
        return "there is no such key"
    if error["type"] == "missing":
        return "has to be given"
    value = repr(error["input"])
    shown = value if len(value) <= _SHOWN_CHARS else f"{value[:_SHOWN_CHARS]}…"
    return f"= {shown}: {error['msg']}"


def _problem(content: Mapping, error: ErrorDetails) -> str:
    place, what = pointer(content, *error["loc"]), said(error)
    return f"{place} {what}" if what.startswith("=") else f"{place}: {what}"
