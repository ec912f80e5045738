"""The schema's history: one reviewed file for each step, run by `storage.schema` at start-up.

A version file spells out its own types and never imports the models: what it made stays what it was.
`python -m storage.migrations "what changes"` writes a draft of the next one.
"""
