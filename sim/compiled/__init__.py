"""The compiled data plane: the same sample path as ``sim.requests``, advanced by compiled code between two control
instants."""
