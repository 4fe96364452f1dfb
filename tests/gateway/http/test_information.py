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
    """The shipped profile is told with its rewards."""
    profiles = (await client.get("/v1/profiles")).json()["profiles"]
    assert [p["name"] for p in profiles] == ["r1_zero"]
    assert [r["name"] for r in profiles[0]["rewards"]] == ["math", "code", "format"]


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
