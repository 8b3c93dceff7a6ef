"""The language of a scenario file, one shape for each kind of thing that an architect can write."""
