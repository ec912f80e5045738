"""The web app: pages for people, the API for programs, and what operators ask a service.

`app` puts it together; `access` decides who reaches what, `headers` what browsers may do with it;
`pages/` has one module for each page, `api/` one for each resource.
"""
