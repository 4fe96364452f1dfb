"""The gateway as a Ray Serve deployment: the same core and the same transports as in-process."""
