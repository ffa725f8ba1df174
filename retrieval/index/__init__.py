"""The derived indexes: vectors in FAISS, keywords in tantivy. Fed from SQL, made anew from it whenever in doubt.

The only package that knows these two libraries.
"""
