"""Work that hangs and work that comes in bursts, on either backend."""

from ray_cluster import client_of

from guerdon.services.bench.checks import SLEEP, SPIN


def test_hanging_items_cost_no_other_its_verdict(deployment, transport):
    """Of a hundred items four compute without end and one waits; all others are judged by the deadline."""
    hangs = {19: SPIN, 39: SPIN, 59: SPIN, 79: SPIN, 99: SLEEP}
    items = [{"id": str(n), "completion": f"{hangs.get(n, 'fine')} {n}"} for n in range(100)]
    with client_of(deployment, transport) as client:
        answer = client.score({"rewards": [{"name": "bench_hang"}], "items": items, "timeout_ms": 3000})
    components = [result["components"][0] for result in answer["results"]]
    fine = [component for number, component in enumerate(components) if number not in hangs]
    assert [(component["status"], component["score"]) for component in fine] == [("ok", 1.0)] * 95
    assert [components[n]["reason"] for n, kind in hangs.items() if kind == SPIN] == ["too_costly"] * 4
    assert (components[99]["status"], components[99]["score"]) == ("timeout", None)


def test_a_burst_of_easy_items_is_judged_whole(deployment):
    """A thousand at once wait for workers longer than their limit of work, which waiting does not use up."""
    items = [
        {
            "id": str(n),
            "completion": f"So \\boxed{{\\frac{{{2 * n}}}{{6}}}}",
            "ground_truth": f"\\frac{{{n + (n % 5 == 0) * 3}}}{{3}}",
        }
        for n in range(1000)
    ]
    with client_of(deployment, "HTTP") as client:
        answer = client.score({"rewards": [{"name": "math"}], "items": items, "timeout_ms": 120_000})
    got = [result["components"][0]["score"] for result in answer["results"]]
    assert got == [float(n % 5 != 0) for n in range(1000)]
