"""The derived index: vectors and keywords, in files of this node (FAISS, tantivy) or in Milvus.

Fed from SQL, made anew from it whenever in doubt. The only package that knows these three libraries.
"""
