"""What the service tells about itself."""

import re

import msgspec
import toys


async def test_verifiers_tell_what_a_caller_must_know(client):
    """Each reward has version, range, parameters and state; the limits and the digest are told too."""
    body = (await client.get("/v1/verifiers")).json()
    by_name = {reward["name"]: reward for reward in body["verifiers"]}
    assert by_name["echo"]["max_score"] == 1.0
    assert by_name["echo"]["version"].startswith("0.")
    assert by_name["shortest"]["group_wise"]
    assert by_name["shortest"]["params_schema"]["required"] == ["of"]
    assert by_name["unstartable"]["state"] == "unavailable"
    assert body["limits"]["max_items"] == 4096


async def test_profiles_are_listed(client):
    """The shipped profiles are told with their rewards."""
    profiles = (await client.get("/v1/profiles")).json()["profiles"]
    assert {p["name"]: [r["name"] for r in p["rewards"]] for p in profiles} == {
        "r1_reasoning": ["math", "code", "format", "language"],
        "r1_zero": ["math", "code", "format"],
    }


async def test_ready_while_one_verifier_is(client):
    """A verifier that is down is named and makes the service degraded, not dead."""
    answer = await client.get("/readyz")
    assert answer.status_code == 200
    body = answer.json()
    assert body["status"] == "degraded"
    assert body["verifiers"]["echo"]["state"] == "ready"
    assert "model file" in body["verifiers"]["unstartable"]["detail"]


async def test_not_ready_without_any_verifier(connect):
    """When none can answer, the probe says so."""
    client = await connect(toys.UnstartableVerifier)
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")
    assert (await client.get("/healthz")).status_code == 200


async def test_metrics_count_verdicts_without_any_text(connect):
    """Verdicts are counted by verifier, status and reason; runs only as far as they are listed."""
    client = await connect(run_labels=["run7"])
    for run in ("run7", "secret-name", 7):
        body = {"metadata": {"run": run}, "rewards": [{"name": "echo"}], "items": [{"completion": "0.123"}]}
        await client.post("/score", json=body)
    text = (await client.get("/metrics")).text
    labels = 'reason="number",reward="echo",run="run7",status="ok",verifier="echo"'
    assert f"guerdon_verdicts_total{{{labels}}} 1.0" in text
    assert 'run="other"' in text
    assert "secret-name" not in text
    assert "0.123" not in text
    assert "guerdon_cache_hits_total" in text


async def test_the_openapi_document_has_every_schema_it_names(client):
    """All references resolve, and the page that shows the document is served."""
    document = (await client.get("/openapi.json")).json()
    text = msgspec.json.encode(document).decode()
    names = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert names <= set(document["components"]["schemas"])
    assert "HTTPValidationError" not in text


async def test_the_page_of_the_document_needs_no_other_host(client):
    """`/docs` works in a closed network: all it loads is served here."""
    page = (await client.get("/docs")).text
    assets = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert assets
    for asset in assets:
        assert asset.startswith("/docs/assets/")
        assert (await client.get(asset)).status_code == 200


async def test_the_status_tells_of_versions_queues_and_times(client):
    """What operators look at: each verifier with its replicas, as the gateway sees them."""
    await client.post("/score", json={"rewards": [{"name": "echo"}], "items": [{"completion": "0.5"}]})
    status = (await client.get("/v1/status")).json()
    described = (await client.get("/v1/verifiers")).json()
    assert (status["digest"], status["inflight_items"]) == (described["digest"], 0)
    by_name = {verifier["name"]: verifier for verifier in status["verifiers"]}
    assert by_name["unstartable"]["state"] == "unavailable"
    (replica,) = by_name["echo"]["replicas"]
    assert (replica["condition"], replica["items"], replica["queued"]) == ("ready", 1, [0, 0, 0])
    assert replica["version"] == by_name["echo"]["version"]


async def test_cpu_time_is_counted_by_verifier_and_run(connect):
    """Under the labels of runs that are listed, and under no others."""
    client = await connect(run_labels=["run7"])
    for run in ("run7", "secret-name"):
        body = {"metadata": {"run": run}, "rewards": [{"name": "echo"}], "items": [{"completion": run}]}
        await client.post("/score", json=body)
    text = (await client.get("/metrics")).text
    counted = re.findall(r'guerdon_cpu_seconds_total\{run="(\w+)",verifier="(\w+)"\} (\S+)', text)
    assert {(run, verifier) for run, verifier, _ in counted} == {("run7", "echo"), ("other", "echo")}
    assert all(float(seconds) > 0 for _, _, seconds in counted)


async def test_a_call_that_is_known_already_is_counted_like_any_other(client):
    """A hit of the cache is a verdict, a call and a batch, and costs nothing more."""
    body = {"rewards": [{"name": "echo"}], "items": [{"completion": "1"}, {"completion": "1"}]}
    for _ in range(3):
        await client.post("/score", json=body)
    text = (await client.get("/metrics")).text
    assert 'guerdon_verdicts_total{reason="number",reward="echo",run="",status="ok",verifier="echo"} 6.0' in text
    assert 'guerdon_cache_hits_total{verifier="echo"} 5.0' in text
    assert "guerdon_call_seconds_count 3.0" in text
    assert "guerdon_inflight_items 0.0" in text
