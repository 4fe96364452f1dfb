"""Turns any verifier into a running deployment: in this process now, on Ray Serve through the same seam."""
