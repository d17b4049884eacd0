"""Facts: what the events of a case say, as rows that any figure of any past can be counted from."""
