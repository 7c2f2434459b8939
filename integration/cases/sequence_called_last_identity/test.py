from sequences_called import swaps_under_load as run  # noqa: F401
