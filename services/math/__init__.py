"""The math verifier: is the final answer of a completion the right one?"""
