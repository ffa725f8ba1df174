"""The usual LangChain recipe over a folder of PDFs, for `bench.ingest_speed`; needs a Python with LangChain.

    python langchain_recipe.py FOLDER MODEL-FOLDER

Prints pages, passages and the seconds from the first file to a searchable index; loading code and model is not counted.
"""

import json
import sys
import time
from pathlib import Path


def main(folder: Path, model: str) -> None:
    """Load, split, embed and index, as the tutorials do."""
    from langchain_community.document_loaders import PyPDFLoader  # noqa: PLC0415 - not in our environment
    from langchain_community.vectorstores import FAISS  # noqa: PLC0415
    from langchain_huggingface import HuggingFaceEmbeddings  # noqa: PLC0415
    from langchain_text_splitters import RecursiveCharacterTextSplitter  # noqa: PLC0415

    embeddings = HuggingFaceEmbeddings(model_name=model)
    embeddings.embed_query("warm")
    began = time.perf_counter()
    pages = [page for file in sorted(folder.glob("*.pdf")) for page in PyPDFLoader(str(file)).load()]
    read = time.perf_counter()
    passages = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200).split_documents(pages)
    store = FAISS.from_documents(passages, embeddings)
    store.similarity_search("What is this about?")
    ended = time.perf_counter()
    print(
        json.dumps(
            {
                "pages": len(pages),
                "passages": len(passages),
                "seconds": round(ended - began, 2),
                "reading_seconds": round(read - began, 2),
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
