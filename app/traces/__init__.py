"""Single requests in the formats that trace viewers read."""
