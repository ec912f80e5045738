"""The use cases: poll, ingest, deliver. What is to be done is planned purely, then applied."""
