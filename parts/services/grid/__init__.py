"""The unit grid in editions: read into a draft, checked, edited, published, never overwritten."""
