"""Clients of the reward service; nothing here imports the service itself."""
