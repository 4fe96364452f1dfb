"""Guerdon, the reward service for reinforcement learning of reasoning language models.

The package is assembled from the folders of the repository: ``services/math`` is
``guerdon.services.math``, ``clients`` is ``guerdon.clients``, the generated protocol is
``guerdon.v1``. Importing this module pulls nothing heavy.
"""

from importlib.metadata import version

__version__ = version("guerdon")
__all__ = ["__version__"]
