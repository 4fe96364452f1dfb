"""One verifier served to gateways from a process of its own; whoever starts the process knows nothing of it."""
