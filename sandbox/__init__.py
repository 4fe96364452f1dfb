"""Home of the isolation engine that runs untrusted programs; it knows nothing of services."""
