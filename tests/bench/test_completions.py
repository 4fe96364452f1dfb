"""The completions of a step."""

from collections import Counter

from guerdon.services.bench.completions import make_step, request_of


def test_a_step_is_made_of_groups():
    """512 completions in 32 groups of 16, each of one problem."""
    step = make_step(seed=3, completions=512, group=16, span_s=2.0)
    sizes = Counter(ending.item["group_id"] for ending in step)
    assert set(sizes.values()) == {16}
    assert len(sizes) == 32
    assert len({(ending.item["group_id"], ending.item["ground_truth"]) for ending in step}) == 32
    assert len({ending.item["id"] for ending in step}) == 512


def test_a_step_ends_with_its_longest_completion():
    """Ends are in order, the last one at the span, and the tail is heavy."""
    step = make_step(seed=3, completions=512, group=16, span_s=2.0)
    ends = [ending.at_s for ending in step]
    assert ends == sorted(ends)
    assert ends[-1] == 2.0
    assert ends[len(ends) // 2] < 0.5
    assert all(end > 0 for end in ends)


def test_completions_look_like_those_of_a_policy():
    """Right ones, wrong ones, ones without layout and ones that were cut off."""
    items = [ending.item for ending in make_step(seed=3, completions=512, group=16, span_s=2.0)]
    cut = [item for item in items if item["finish_reason"] == "length"]
    assert 5 < len(cut) < 60
    assert not any("</think>" in item["completion"] for item in cut)
    right = [item for item in items if f"\\boxed{{{item['ground_truth']}}}" in item["completion"]]
    assert 180 < len(right) < 330
    assert any("\\sqrt" in item["completion"].rpartition("</think>")[2] for item in items)


def test_another_seed_gives_other_completions():
    """So a repeated step is not answered from a cache."""
    first, second = (
        {ending.item["completion"] for ending in make_step(seed=seed, completions=32, group=16, span_s=1.0)}
        for seed in (1, 2)
    )
    assert not first & second


def test_the_request_of_a_batch():
    """Math and format are asked."""
    request = request_of([{"id": "a"}])
    assert [reward["name"] for reward in request["rewards"]] == ["math", "format"]
    assert request["items"] == [{"id": "a"}]
