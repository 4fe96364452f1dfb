"""What verdicts cost, as the gateway counts it and as Ray exports it."""

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from ray_cluster import client_of, wait_until
from steady import ITEMS, sums

from guerdon.services.cluster.ports import LOOPBACK

pytestmark = pytest.mark.ray


def samples(url):
    """The samples of an exporter: name, labels and value."""
    answer = httpx2.get(f"{url}/metrics", timeout=10.0, trust_env=False)
    answer.raise_for_status()
    families = text_string_to_metric_families(answer.text)
    return [sample for family in families for sample in family.samples]


def total(url, name, **labels):
    """Sum of a metric over the series that have these labels."""
    return sum(
        sample.value for sample in samples(url) if sample.name == name and labels.items() <= sample.labels.items()
    )


def test_the_gateway_counts_what_verdicts_cost(cluster):
    """A batch adds CPU time of its verifier, and its verdicts."""
    before = total(cluster.http, "guerdon_cpu_seconds_total", verifier="math")
    counted = total(cluster.http, "guerdon_verdicts_total", verifier="math", status="ok")
    with client_of(cluster, "HTTP") as client:
        client.score(sums(88_000))
    assert total(cluster.http, "guerdon_cpu_seconds_total", verifier="math") > before
    assert total(cluster.http, "guerdon_verdicts_total", verifier="math", status="ok") == counted + ITEMS


def test_ray_exports_gateways_and_replicas(cluster):
    """Ray's exporter of the node shows what the gateway counted, and what each replica tells of itself."""
    exporter = f"http://{LOOPBACK}:{cluster.ports.metrics}"
    with client_of(cluster, "HTTP") as client:
        client.score(sums(89_000))
    wait_until(
        lambda: total(exporter, "ray_guerdon_verdicts_total", verifier="math") >= ITEMS, "the gateway's counts"
    )
    wait_until(lambda: total(exporter, "ray_guerdon_cpu_seconds_total", verifier="math") > 0, "the CPU time")
    wait_until(
        lambda: total(exporter, "ray_guerdon_replica_cpu_seconds_total", verifier="math") > 0,
        "the replica's CPU time",
    )
    names = {
        sample.labels["verifier"] for sample in samples(exporter) if sample.name == "ray_guerdon_replica_ready"
    }
    assert names == {"math", "format", "language", "shaping", "code", "bench_sleep", "bench_hang"}
