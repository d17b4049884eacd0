"""The self-check: what is wrong in this installation, in words, and where to mend it."""
