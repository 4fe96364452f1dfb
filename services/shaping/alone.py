"""The rewards that look at one completion at a time."""

from __future__ import annotations

from guerdon.services.contract import Item, Verdict
from guerdon.services.shaping import curves
from guerdon.services.shaping.basis import is_right
from guerdon.services.shaping.params import (
    CosineParams,
    ReasoningStepsParams,
    RepetitionParams,
    SoftOverlongParams,
)
from guerdon.services.shaping.steps import count_steps
from guerdon.services.shaping.units import length_of, no_token_ids, units_of, words_of


def cosine(item: Item) -> Verdict:
    """Score by length on half a wave of the cosine, one for right and one for wrong completions.

    Source: arXiv 2502.03373; open-r1's ``get_cosine_scaled_reward``, which turns back up beyond
    ``max_len``; here the length is clamped.
    """
    params = CosineParams.model_validate(item.params)
    right = is_right(item)
    if isinstance(right, Verdict):
        return right
    length = length_of(item, params.unit)
    if length is None:
        return no_token_ids()
    told = f"a {'right' if right else 'wrong'} completion of {length} {params.unit}"
    details = {"length": length, "right": right}
    if params.exceeded is not None and length >= params.max_length:
        explanation = f"{told}; {params.max_length} are too many"
        return Verdict.ok(params.exceeded, "exceeded", explanation, None, **details)
    right_ends = curves.Ends(params.right_short, params.right_long)
    wrong_ends = curves.Ends(params.wrong_short, params.wrong_long)
    score = curves.cosine(length, params.max_length, right_ends if right else wrong_ends)
    explanation = f"{told}, of at most {params.max_length}"
    return Verdict.ok(score, "right" if right else "wrong", explanation, None, **details)


def soft_overlong(item: Item) -> Verdict:
    """Punish a completion that comes near the greatest length or passes it.

    Source: DAPO (arXiv 2503.14476), equation 13; open-r1's and TRL's ``get_soft_overlong_punishment``.
    """
    params = SoftOverlongParams.model_validate(item.params)
    length = length_of(item, params.unit)
    if length is None:
        return no_token_ids()
    score = curves.soft_overlong(length, params.max_length, params.cache)
    free = params.max_length - params.cache
    reason = "short_enough" if length <= free else "overlong" if length > params.max_length else "nearly_overlong"
    explanation = f"{length} {params.unit}: free up to {free}, punished in full beyond {params.max_length}"
    return Verdict.ok(score, reason, explanation, None, length=length)


def repetition(item: Item) -> Verdict:
    """Punish n-grams that stood before already.

    Source: arXiv 2502.03373, appendix C.2; open-r1's and TRL's ``get_repetition_penalty_reward``, and as there a
    completion too short for one n-gram is not punished.
    """
    params = RepetitionParams.model_validate(item.params)
    words = params.unit == "words"
    units = words_of(item.completion.casefold()) if words else units_of(item, params.unit)
    if units is None:
        return no_token_ids()
    share = curves.repeated_share(units, params.ngram_size)
    if len(units) < params.ngram_size:
        told = f"{len(units)} {params.unit} are too few for one of {params.ngram_size}"
        return Verdict.ok(0.0, "too_short", told, None, repeated=0.0)
    told = f"{share:.1%} of the {params.ngram_size}-grams of {params.unit} stood before already"
    score = share * params.max_penalty if share else 0.0
    return Verdict.ok(score, "repeated" if share else "not_repeated", told, None, repeated=share)


def reasoning_steps(item: Item) -> Verdict:
    """Pay for marks of reasoning in steps: cheap to imitate, so give it a small weight or none.

    Source: open-r1's ``reasoning_steps_reward``.
    """
    enough = ReasoningStepsParams.model_validate(item.params).enough
    steps = count_steps(item.completion)
    told = f"{steps} marks of steps; {enough} earn the full score"
    return Verdict.ok(min(1.0, steps / enough), "counted", told, None, steps=steps)
