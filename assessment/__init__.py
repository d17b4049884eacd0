"""What is counted and how it is scored: the supervision side's figures."""
