"""What can go wrong with the pool itself; what becomes of one piece of work is an Outcome instead."""


class PoolError(RuntimeError):
    """The pool cannot do its work: a task that does not load, no healthy worker, use before ``start``."""


class ZygoteLostError(PoolError):
    """The zygote is gone, and with it every worker it forked."""
