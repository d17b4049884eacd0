"""The command side: departments, routing, turns, requests, timers and escalation."""
