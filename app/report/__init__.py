"""The report of `tierwise run`."""
