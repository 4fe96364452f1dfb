"""The reward service: contract, workers, verifiers, runtime, gateway and command line."""
