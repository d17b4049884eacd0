"""A district's life, played by the law: what happens, who acts, and two ways to write it down.

`reports` says what is reported, `story` what people then do; both are seeded and read no clock.
`live` carries it out through the services, `bulk` reckons the same rows in memory and copies them
into the tables. On one seed both write the same events, stays, turns, tasks and requests.
"""
