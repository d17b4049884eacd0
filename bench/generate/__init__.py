"""Cases in bulk: consistent histories with valid chains, written by COPY."""
