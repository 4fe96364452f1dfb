"""The gateway: one core that validates, caches, chunks, merges and weighs, under two thin transports."""
