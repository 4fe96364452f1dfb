"""The trusted process beside one jail: it starts, watches, answers and kills what runs there."""
