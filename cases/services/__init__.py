"""Every write to a case, by noun; the engine in `transition` is the one door to its state."""
