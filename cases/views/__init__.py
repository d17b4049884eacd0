"""Pages of the app: they translate in, call one selector or service, and translate out."""
