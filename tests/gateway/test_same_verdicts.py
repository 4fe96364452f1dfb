"""However a batch is put together, cut up or known already, each item gets the same."""

import asyncio
import hashlib

import pytest
import toys
from calls import request

from guerdon.services.contract.errors import Overloaded
from guerdon.services.gateway.auth import LOCAL, Caller

UPLOADED = b'["7", "seven"]'
REF = f"sha256:{hashlib.sha256(UPLOADED).hexdigest()}"
PROFILE = {
    "aggregation": "weighted_mean",
    "rewards": [
        {"name": "echo", "weight": 0.5},
        {"name": "truth", "when": ["text", "any_of"]},
        {"name": "rank", "when": ["none"]},
        {"name": "shortest", "params": {"of": "truth"}, "when": ["text"], "required": False},
    ],
}
GROUPS = [
    [{"completion": c, "ground_truth": "7", "group_id": "a"} for c in ("7", "77", "7", "x", "7")],
    [{"completion": c, "group_id": "b"} for c in ("1", "0.25", "1")],
    [{"completion": c, "ground_truth_ref": "mine", "group_id": "c"} for c in ("7", "8")],
    [{"completion": c, "ground_truth_ref": REF, "group_id": "d"} for c in ("seven", "7", "seven")],
    [{"completion": c, "ground_truth_ref": "unknown", "group_id": "e"} for c in ("7", "7")],
    [{"completion": "7", "ground_truth": ["7"]}, {"completion": "7"}, {"completion": "7"}],
    [
        {"completion": c, "rewards": [{"name": "broken"}, {"name": "echo", "weight": 2}]}
        for c in ("raise", "1", "1")
    ],
    [{"completion": "1", "rewards": [{"name": "unstartable", "required": False}, {"name": "echo"}]}] * 2,
]


def told(response) -> list:
    """All of an answer but its times and where its verdicts come from."""
    return [
        (
            result.status,
            result.total,
            result.missing,
            [(c.name, c.status, c.score, c.weight, c.reason, c.explanation, c.details) for c in result.components],
        )
        for result in response.results
    ]


def call(items: list[dict], **fields: object):
    """A call under the profile."""
    return request(rewards=[], profile="p", items=items, ground_truths={"mine": {"all_of": ["7"]}}, **fields)


@pytest.fixture
async def start(make_gateway):
    """Starts a gateway that knows the uploaded ground truth."""

    async def make(**settings: object):
        gateway = await make_gateway(profiles={"p": PROFILE}, **settings)
        gateway.put_ground_truth(REF.removeprefix("sha256:"), UPLOADED, LOCAL)
        return gateway

    return make


async def test_a_batch_is_judged_as_its_groups_are_one_by_one(start):
    """Equal items that share a verdict, and items that are judged beside others, change nothing."""
    alone = await start(cache_verdicts=0)
    expected = [result for group in GROUPS for result in told(await alone.score(call(group)))]
    together = await start()
    items = [item for group in GROUPS for item in group]
    for _ in range(2):
        assert told(await together.score(call(items))) == expected


async def test_a_batch_is_judged_as_its_reverse(start):
    """Nothing hangs on who comes first."""
    items = [item for group in GROUPS for item in group]
    forth, back = [told(await (await start()).score(call(order))) for order in (items, items[::-1])]
    assert forth == back[::-1]


async def test_equal_items_of_other_names_share_a_verdict_and_keep_their_names(start):
    """Each is answered under its own, and the first of them alone was work."""
    toys.TruthVerifier.judged.clear()
    gateway = await start()
    items = [
        {"id": name, "completion": "7", "ground_truth": "7", "rewards": [{"name": "truth"}]} for name in "xyz"
    ]
    response = await gateway.score(call(items))
    assert [result.id for result in response.results] == ["x", "y", "z"]
    assert [result.components[0].cached for result in response.results] == [False, True, True]
    assert toys.TruthVerifier.judged == ["7"]


async def test_a_call_that_is_known_already_keeps_no_text(start):
    """A remembered call costs its verdicts only, also where no work was begun."""
    gateway = await start()
    for name in ("first", "second"):
        await gateway.score(request("0.5", request_id=name))
    (second,) = [kept.plan for (_, name), kept in gateway._memory._calls.items() if name == "second"]
    assert second.items[0].components[0].cached
    assert not second.items[0].fields


async def test_a_key_needs_room_also_for_what_is_known(start):
    """Quotas are of items, whatever these cost, and the room is given back at once."""
    gateway = await start()
    caller = Caller(name="k", max_inflight_items=1)
    for _ in range(3):
        await gateway.score(request("1"), caller)
        assert gateway.status().inflight_items == 0
    slow = asyncio.create_task(gateway.score(request("200", rewards="sleepy"), caller))
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await gateway.score(request("1"), caller)
    await slow
