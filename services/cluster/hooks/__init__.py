"""Code that runs inside the processes of a private Ray, where no option of Ray says what we need."""
