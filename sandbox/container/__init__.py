"""Tier ``container``: slots in warm Docker containers; it needs the Docker socket, so not for Ray workers."""
