"""Verifiers as Ray Serve deployments: Serve places, watches and replaces replicas; verdicts go over the link."""
