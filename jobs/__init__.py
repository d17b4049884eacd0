"""Long work as rows: claimed with a lease, with progress, cancel and result."""
