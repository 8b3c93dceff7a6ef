"""The catalogue: tables of what somebody published, and what they say of models, devices, accuracies and times."""
