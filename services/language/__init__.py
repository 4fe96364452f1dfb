"""Share of target-language words in the chain of thought."""
