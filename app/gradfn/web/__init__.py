"""HTTP in, HTTP out: routes, pages, problems. The only room that knows FastAPI."""
