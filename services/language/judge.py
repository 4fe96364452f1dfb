"""Judges one item: finds its target, the part to measure, and the verdict."""

from __future__ import annotations

from guerdon.services.contract import Item, Verdict, split_completion
from guerdon.services.contract.completion import OPEN, Completion, Span
from guerdon.services.language import verdicts
from guerdon.services.language.consistency import measure
from guerdon.services.language.detector import Detector
from guerdon.services.language.params import LanguageParams
from guerdon.services.language.prompts import infer_target, user_text
from guerdon.services.language.settings import LanguageSettings
from guerdon.services.language.targets import Target, target_of


def judge(item: Item, settings: LanguageSettings, detector: Detector) -> Verdict:
    """The verdict on one item."""
    params = LanguageParams.model_validate(item.params)
    target = _target(item, params, detector)
    if isinstance(target, Verdict):
        return target
    text = item.completion
    if len(text) > settings.max_completion_chars:
        return verdicts.too_long(len(text), settings.max_completion_chars)
    found = measure(text, target, params.mode, parts=_parts(split_completion(text), params), detector=detector)
    return verdicts.measured(found, target, params, inferred=not (params.target or item.language))


def _target(item: Item, params: LanguageParams, detector: Detector) -> Target | Verdict:
    """The target, or the verdict where there is none."""
    if params.target is not None:
        return target_of(params.target)
    if item.language:
        try:
            return target_of(item.language)
        except ValueError as cause:
            return verdicts.unknown_language(cause)
    if not (item.prompt or item.messages):
        return verdicts.no_target()
    said = user_text(item.prompt, item.messages)
    return infer_target(said, detector) or verdicts.prompt_tells_nothing()


def _parts(completion: Completion, params: LanguageParams) -> list[Span]:
    """Where the text to measure stands; thoughts without tags are the whole completion."""
    if params.scope == "thoughts":
        return _before_thoughts(completion) + list(completion.thoughts or completion.final)
    block = completion.answer_block()
    return list(completion.final) if block is None else [block]


def _before_thoughts(completion: Completion) -> list[Span]:
    """What stands before the first think block: reasoning too, and part of nothing else."""
    if not completion.thoughts:
        return []
    end = completion.thoughts[0][0] - len(OPEN)
    return [(0, end)] if end > 0 and completion.text[:end].strip() else []
