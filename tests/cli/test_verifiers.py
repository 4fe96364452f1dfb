"""``guerdon verifiers``: what can be asked for."""

from __future__ import annotations

import json


def test_a_table_for_people(guerdon):
    """Every reward is shown with its version, range and parameters."""
    outcome = guerdon("verifiers")
    assert outcome.code == 0
    text = " ".join(outcome.out.split())
    assert "math math 0.1.0+" in text
    assert 'profile="r1_zero"' in text
    assert "0 to 1" in text
    assert "profiles: r1_reasoning, r1_zero digest: sha256:" in text


def test_a_service_tells_the_same(guerdon, service):
    """A running service lists what is installed here, over either transport, and the states beside it."""
    here, http, grpc = (
        json.loads(guerdon("verifiers", "--json", *words).out)
        for words in ([], ["--url", service.http], ["--url", f"grpc://{service.grpc}"])
    )
    versions = [{reward["name"]: reward["version"] for reward in told["verifiers"]} for told in (here, http, grpc)]
    assert versions[0] == versions[1] == versions[2]
    assert {reward["state"] for reward in http["verifiers"]} == {"ready"}
    assert "ready" in guerdon("verifiers", "--url", service.http).out


def test_a_service_that_is_not_there(guerdon):
    """Where nobody answers the exit code is 3."""
    assert guerdon("verifiers", "--url", "http://127.0.0.1:1").code == 3
