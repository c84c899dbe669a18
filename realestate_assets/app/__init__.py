"""What people enter, and who they are: schemas `app` and `work`, as SQLAlchemy models, one module a subject.

No asset writes here. Every table of `app` belongs to tenants row by row, held by row-level security that the
service's own database role cannot pass.
"""
