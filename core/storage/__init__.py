"""The only truth: documents, people and jobs in SQL, uploaded bytes in the file store.

The only package that knows SQLAlchemy. Rows never leave it; callers get the frozen values of `core.values`.
"""
