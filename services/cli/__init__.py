"""The command line ``guerdon``: one file per command, each imported only when it is called."""
