from sequences_called import mixed as run  # noqa: F401
