"""The operator's side of Guerdon on Ray Serve: a private Ray, configurations, roll-out, scaling, status."""
