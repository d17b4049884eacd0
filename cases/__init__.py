"""The case and its law: states, events, stays, evidence, clocks, intake."""
