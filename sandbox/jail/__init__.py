"""What runs inside the jail, with the standard library alone: it is loaded by an interpreter that knows no more."""
