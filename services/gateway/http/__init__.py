"""The HTTP transport: translation only."""
