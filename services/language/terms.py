"""Words of no language: names of functions and units, and the terms of programming that every language borrows."""

from __future__ import annotations

_MATHEMATICS = """sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh log ln lg exp lim max min mod gcd
    lcm hcf det dim rank ker deg arg abs sgn sqrt frac cdot times div pm inf sup argmax argmin iff qed lhs rhs
    wlog pi phi theta alpha beta gamma delta epsilon lambda sigma omega mu rho tau infty pmod bmod choose nCr
    nPr ggT kgV"""
_UNITS = """mm cm dm km mg kg ml dl cl kb mb gb tb hz khz mhz ghz kw kwh kmh mph ms min sec hr hrs usd eur gbp
    rmb cny jpy inr vnd rub lbs oz ft yd sq cc mol kj kcal cal pa hpa bar volt db fps rpm am pm nm kn kv mv ma
    ah gal pt qt"""
_PROGRAMMING = """python java javascript typescript numpy pandas pytorch tensorflow github git linux html css
    json xml yaml sql csv pdf url http https api sdk cpu gpu ram ok utf ascii int str bool float char void null
    none nil true false def elif lambda async await self init len range print printf println println append pop
    push sort sorted enumerate zip map filter reduce dict tuple array list string integer boolean stack queue
    heap hash hashmap hashset set tree graph node edge index token tokens prompt bug debug commit loop while for
    if else return function class object method import module byte bit bits bytes cache buffer thread mutex
    async callback query schema server client backend frontend script input output file path root admin login
    email web online offline software hardware internet model dataset batch epoch loss gradient transformer
    attention softmax embedding encoder decoder agent reward policy rollout brute force greedy backtracking dfs
    bfs dp recursion iterator pointer struct enum try catch except finally throw raise yield with break continue
    pass case switch default in not and or is del from as x y"""
_PLAIN = frozenset(
    {
        "for",
        "if",
        "else",
        "while",
        "in",
        "not",
        "and",
        "or",
        "is",
        "del",
        "from",
        "as",
        "with",
        "pass",
        "case",
        "none",
        "set",
    }
)

TERMS: frozenset[str] = frozenset(" ".join((_MATHEMATICS, _UNITS, _PROGRAMMING)).casefold().split())
"""Terms, in lower case."""

ALONE: frozenset[str] = TERMS - _PLAIN
"""Terms that are no ordinary English words as well, so that one of them makes a run of terms technical."""
