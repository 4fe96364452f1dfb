"""Rewards that shape how a completion is written: its length, its repetitions, its steps."""
