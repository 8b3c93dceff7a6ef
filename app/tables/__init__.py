"""Plans and results as tables: what the report, the pages and the notebooks show."""
