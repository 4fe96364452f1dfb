"""The Python client: one batch in, its verdicts out, the same over HTTP and gRPC.

::

    with HttpClient("http://127.0.0.1:8000") as client:
        answer = client.score({"profile": "r1_zero", "items": [{"completion": "…", "ground_truth": "42"}]})

Requests and answers are the JSON of ``POST /score`` as plain dicts, whatever carries them; a verdict that is
missing is None. A call that fails as a whole raises :class:`ScoreError`.
"""

from guerdon.clients.python._errors import Pointer, ScoreError
from guerdon.clients.python._grpc import GrpcClient
from guerdon.clients.python._http import HttpClient

__all__ = ["GrpcClient", "HttpClient", "Pointer", "ScoreError"]
