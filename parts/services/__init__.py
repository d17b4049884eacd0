"""Every write of the app, by noun."""
