"""What runs inside the jail, on the standard library alone."""
