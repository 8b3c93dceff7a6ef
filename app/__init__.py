"""What people see: the command line, its lines of text, and the report."""
