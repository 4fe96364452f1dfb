"""The gateway's small parts: keys, room, stores, settings."""

import asyncio
import hashlib

import pytest
from pydantic import ValidationError

from guerdon.services.contract import GroundTruth, RewardInfo, Status, Verdict
from guerdon.services.contract.errors import BatchTooLarge, InvalidRequest, Overloaded, Unauthenticated
from guerdon.services.contract.requests import RewardSpec
from guerdon.services.gateway.admission import Admission
from guerdon.services.gateway.auth import LOCAL, Authenticator, Caller, bearer_token
from guerdon.services.gateway.cache import Keys, VerdictCache
from guerdon.services.gateway.idempotency import CallMemory
from guerdon.services.gateway.plan import AskedReward, Plan
from guerdon.services.gateway.run import Run
from guerdon.services.gateway.settings import ApiKey, GatewaySettings
from guerdon.services.gateway.truths import GroundTruthStore
from guerdon.services.runtime.backend import OfferedVerifier

SECRET = "0123456789abcdef"
OK = Verdict.ok(1.0, "fine", "fine")


def test_without_keys_everybody_is_local():
    """A service without keys, which can only listen on loopback, asks for none."""
    assert Authenticator([]).authenticate(None) is LOCAL


@pytest.mark.parametrize("token", [None, "", "wrong", SECRET + "x", "\udcff"])
def test_a_wrong_token_is_nobody(token):
    """With keys configured only they let in."""
    keys = [ApiKey(name="a", secret=SECRET)]
    with pytest.raises(Unauthenticated):
        Authenticator(keys).authenticate(token)


def test_a_key_names_its_caller():
    """The caller carries the key's name and rights."""
    keys = [ApiKey(name="a", secret=SECRET, rewards=["math"], max_inflight_items=3)]
    assert Authenticator(keys).authenticate(SECRET) == Caller(
        name="a", rewards=frozenset({"math"}), max_inflight_items=3
    )


@pytest.mark.parametrize(
    ("authorization", "x_api_key", "token"),
    [
        ("Bearer t", None, "t"),
        ("bearer  t ", None, "t"),
        ("Basic t", None, None),
        (None, "k", "k"),
        ("Bearer t", "k", "t"),
        (None, None, None),
    ],
)
def test_tokens_come_in_two_headers(authorization, x_api_key, token):
    """`Authorization: Bearer` goes before `X-API-Key`."""
    assert bearer_token(authorization, x_api_key) == token


def test_room_is_given_back():
    """What a call took is free again when it leaves."""
    admission = Admission(10, 100)
    admission.enter(LOCAL, 8, 0)
    with pytest.raises(Overloaded):
        admission.enter(LOCAL, 3, 0)
    admission.leave(LOCAL, 8, 0)
    admission.enter(LOCAL, 3, 0)
    assert admission.inflight_items == 3


def test_a_call_larger_than_all_room_enters_an_idle_service():
    """A batch within the item limit can always be scored when nothing else is going on."""
    Admission(10, 100).enter(LOCAL, 11, 200)


def test_room_is_bounded_by_length_too():
    """A few items of enormous length fill the service like many short ones."""
    admission = Admission(10, 100)
    admission.enter(LOCAL, 1, 80)
    with pytest.raises(Overloaded, match="characters"):
        admission.enter(LOCAL, 1, 21)
    admission.enter(LOCAL, 1, 20)
    admission.leave(LOCAL, 1, 80)
    admission.enter(LOCAL, 1, 80)


def asked(version: str = "1", params: dict | None = None, **info: object) -> AskedReward:
    """A reward as a call asks for it."""
    reward = RewardInfo(name="r", description="d", **info)
    verifier = OfferedVerifier(name="v", version=version, rewards=(reward,))
    return AskedReward(RewardSpec(name="r"), verifier, reward, params or {})


def key(completion: str, version: str = "1", **info: object) -> bytes | None:
    """The cache key of an item under a reward."""
    return Keys().key(asked(version, **info), {"completion": completion})


def test_the_cache_key_is_all_that_decides():
    """Text and verifier version decide, and nothing else does."""
    assert key("x") == key("x")
    assert key("x") != key("y")
    assert key("x") != key("x", version="2")


def test_group_wise_and_random_rewards_are_not_cached():
    """What depends on more than the item has no key."""
    assert key("x", grouping="group") is None
    assert key("x", deterministic=False) is None


@pytest.mark.parametrize("length", [1, 10_000])
def test_the_cache_key_covers_parameters_and_ground_truth(length):
    """Whatever the verifier reads decides, also where items of a call share it, however long it is."""
    keys, reads = Keys(), frozenset({"completion", "ground_truth"})
    truths = [GroundTruth(form="text", texts=(text * length,)) for text in "ab"]
    rewards = [asked(params={"tempo": tempo}, reads=reads) for tempo in (1, 2)]

    def of(reward, truth):
        return keys.key(reward, {"completion": "x", "ground_truth": truth})

    found = [of(reward, truth) for reward in rewards for truth in truths]
    assert len(set(found)) == 4
    assert of(rewards[0], truths[0]) == found[0]


def test_only_what_the_reward_reads_enters_the_cache_key():
    """Other fields cannot decide, since the verifier is not given them."""
    one, other = ({"completion": "x", "prompt": prompt} for prompt in "ab")
    assert Keys().key(asked(), one) == Keys().key(asked(), other)
    reading = asked(reads=frozenset({"completion", "prompt"}))
    assert Keys().key(reading, one) != Keys().key(reading, other)


def test_rewards_of_one_item_have_different_keys():
    """Rewards that read the same text share its hash and nothing else."""
    keys, fields = Keys(), {"completion": "x"}
    assert keys.key(asked("1"), fields) != keys.key(asked("2"), fields)


@pytest.mark.parametrize("value", [10**4000, "x" * 100])
def test_integers_of_any_size_have_a_key(value):
    """JSON has no largest integer."""
    assert Keys().key(asked(reads=frozenset({"extra"})), {"extra": {"x": value}})


def test_very_long_verdicts_are_not_cached():
    """The bound in number is only a bound in memory while each is small."""
    cache = VerdictCache(10)
    cache.put(b"k", Verdict.ok(1.0, "fine", "fine", answer="x" * 100_000))
    assert cache.get(b"k") is None


def test_only_verdicts_away_from_limits_are_cached():
    """Nothing that could come out differently next time is kept."""
    cache = VerdictCache(10)
    near = Verdict(status=Status.OK, score=0.0, reason="too_costly", explanation="e", near_limit=True)
    for verdict in (near, Verdict.timeout("t", "e"), Verdict.invalid("i", "e"), Verdict.error("e", "e")):
        cache.put(b"k", verdict)
    assert cache.get(b"k") is None


def test_the_longest_unused_verdict_goes_first():
    """The cache is bounded and forgets what nobody asks for."""
    cache = VerdictCache(2)
    for name in (b"a", b"b"):
        cache.put(name, OK)
    cache.get(b"a")
    cache.put(b"c", OK)
    assert (cache.get(b"a"), cache.get(b"b"), len(cache)) == (OK, None, 2)


def put(store: GroundTruthStore, body: bytes) -> str:
    """Upload a body under its hash."""
    sha256 = hashlib.sha256(body).hexdigest()
    store.put(sha256, body)
    return f"sha256:{sha256}"


def test_an_uploaded_ground_truth_is_found_by_its_hash():
    """What was uploaded is found, and uploading it again is no news."""
    store = GroundTruthStore(1000)
    ref = put(store, b'["4", "four"]')
    assert store.get(ref).texts == ("4", "four")
    assert store.put(ref.removeprefix("sha256:"), b'["4", "four"]') is False


def test_the_ground_truth_store_is_bounded_in_bytes():
    """The longest unused ground truth makes room."""
    store = GroundTruthStore(20)
    first, second = put(store, b'"aaaaaaaaaa"'), put(store, b'"bbbbbbbbbb"')
    assert store.get(first) is None
    assert store.get(second) is not None
    with pytest.raises(BatchTooLarge):
        put(store, b'"' + b"c" * 30 + b'"')


@pytest.mark.parametrize("body", [b"7", b"{}", b"[", b"\xff", b"[" * 5000])
def test_what_is_no_ground_truth_is_refused(body):
    """Only forms an item could carry are kept."""
    with pytest.raises(InvalidRequest):
        put(GroundTruthStore(10_000), body)


def test_a_wrong_hash_is_refused():
    """Nothing is kept under a name that is not its content's."""
    with pytest.raises(InvalidRequest, match="SHA-256"):
        GroundTruthStore(1000).put("0" * 64, b'"4"')


def idle_run(items: int) -> Run:
    """A run nobody works on."""
    return Run("r", items, lambda index: None)


async def test_remembered_calls_are_bounded_and_age():
    """Calls are forgotten by number of items and by time."""
    memory = CallMemory(ttl_s=600, max_items=2)
    names = [("me", "a"), ("me", "b")]
    for name in names:
        memory.remember(name, b"asked", idle_run(2), Plan([], None, set()))
    assert [memory.find(name, b"asked") is not None for name in names] == [False, True]
    forgetful = CallMemory(ttl_s=1e-9, max_items=10)
    forgetful.remember(names[0], b"asked", idle_run(2), Plan([], None, set()))
    await asyncio.sleep(0.001)
    assert forgetful.find(names[0], b"asked") is None


async def test_calls_without_items_are_bounded_too():
    """An empty batch has no item to count, but it is remembered all the same."""
    memory = CallMemory(ttl_s=600, max_items=2)
    for name in "abc":
        memory.remember(("me", name), b"asked", idle_run(0), Plan([], None, set()))
    assert [memory.find(("me", name), b"asked") is not None for name in "abc"] == [False, True, True]


@pytest.mark.parametrize(
    "settings",
    [
        {"api_keys": [{"name": "a", "secret": "short"}]},
        {"api_keys": [{"name": n, "secret": SECRET} for n in "ab"]},
        {"api_keys": [{"name": "a", "secret": SECRET + s} for s in "12"]},
        {"profiles": {"Bad Name": {"rewards": [{"name": "math"}]}}},
        {"profiles": {"empty": {"rewards": []}}},
        {"max_itms": 5},
    ],
)
def test_settings_that_cannot_be_meant_are_refused(settings):
    """Weak or doubled keys, odd names and misspelt fields are told at start."""
    with pytest.raises(ValidationError):
        GatewaySettings.model_validate(settings)


async def test_a_run_that_waits_for_nothing_is_over_at_once():
    """What is known already takes no turn of the event loop."""
    run, ended = Run("r", 0, lambda index: None), []
    run.conclude(lambda: ended.append(True))
    assert ended == [True]
    assert run.complete
    assert not run.alive
