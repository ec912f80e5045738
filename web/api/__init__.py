"""The API for programs and the endpoints for operators: one module for each resource."""
