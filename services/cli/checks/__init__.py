"""The checks of ``guerdon doctor``: each looks at one thing and says how to mend it."""
