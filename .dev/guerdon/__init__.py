"""Guerdon, the reward service for reinforcement learning of reasoning language models.

The package is assembled from the folders of the repository: ``services/math`` is
``guerdon.services.math``, ``clients`` is ``guerdon.clients``, the generated protocol is
``guerdon.v1``. Importing this module pulls nothing heavy, not even the package's metadata.
"""

__version__: str
__all__ = ["__version__"]


def __getattr__(name: str) -> str:
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import version

    return version("guerdon")
