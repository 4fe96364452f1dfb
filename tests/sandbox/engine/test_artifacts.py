"""The compile cache and its keys."""

from sandbox_engines import StubLanguage

from guerdon.sandbox.engine.artifacts import ArtifactCache, Compiled, artifact_key
from guerdon.sandbox.program import Program
from guerdon.sandbox.result import CompileResult, Verdict

LANGUAGE = StubLanguage("compiled", compiled=True)


def compiled(size_bytes: int) -> Compiled:
    """A compiled program."""
    return Compiled(result=CompileResult(verdict=Verdict.OK), content=bytes(size_bytes))


def test_the_least_recently_used_leave_first() -> None:
    """The cache stays within its bytes and keeps what is asked for."""
    cache = ArtifactCache(4000)
    for key in ("a", "b", "c"):
        cache.put(key, compiled(1000))
        assert cache.get("a") is not None
    assert cache.get("b") is None
    assert cache.get("c") is not None
    assert (cache.hits, cache.misses, len(cache)) == (4, 1, 2)
    assert cache.bytes <= 4000


def test_what_is_larger_than_the_cache_is_not_kept() -> None:
    """One huge program does not drive out all others."""
    cache = ArtifactCache(3000)
    cache.put("small", compiled(100))
    cache.put("huge", compiled(10_000))
    assert cache.get("huge") is None
    assert cache.get("small") is not None


def test_putting_again_replaces() -> None:
    """A key's bytes count once."""
    cache = ArtifactCache(10_000)
    cache.put("a", compiled(1000))
    cache.put("a", compiled(2000))
    assert cache.bytes == compiled(2000).size_bytes


def test_keys_differ_where_anything_differs_that_is_compiled() -> None:
    """Source, files, flags and compiler decide; the order of files and an entry point do not."""
    base = Program(language="compiled", source="x", files={"a": "1", "b": "2"})
    other_compiler = StubLanguage("compiled", compiled=True)
    other_compiler.identity = "stub 2.0"
    keys = {
        artifact_key(LANGUAGE, base),
        artifact_key(other_compiler, base),
        artifact_key(LANGUAGE, Program(language="compiled", source="y", files=base.files)),
        artifact_key(LANGUAGE, Program(language="compiled", source="x")),
        artifact_key(LANGUAGE, Program(language="compiled", source="x", files={"a": "12", "b": ""})),
    }
    assert len(keys) == 5
    same = Program(language="compiled", source="x", files={"b": "2", "a": "1"})
    assert artifact_key(LANGUAGE, same) == artifact_key(LANGUAGE, base)
