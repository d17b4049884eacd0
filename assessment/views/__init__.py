"""The pages of figures and of ledgers."""
