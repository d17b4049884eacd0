"""What citizens see without an account: the report, and what its page asks for meanwhile."""
