"""What changes rows of the assessment."""
