"""The commands, one file each, every one with its ``app``."""
