"""The lines that a command prints: at most 80 columns, plain text."""
