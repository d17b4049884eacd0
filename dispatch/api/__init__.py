"""The API of cases: report, read, act, ask. The pages call the same services."""
