"""Does a completion have the layout it was asked for."""
