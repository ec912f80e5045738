"""Pages for people: one module for each, with its routes and what its template shows."""
