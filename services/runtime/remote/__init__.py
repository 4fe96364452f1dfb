"""The backend whose verifiers live in other processes, on this node or on others."""
