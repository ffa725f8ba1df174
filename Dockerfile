# One image for every process of Archivar: web server, workers, beat and the command line. See docs/deployment.md.
#
#     docker build -t archivar .
#
# Where packages come from is the builder's business. A configuration file of pip can be lent to the build; it is in no
# layer. It may name an own package index, or one that offers torch for CPUs only, which saves several GB:
#
#     docker build --secret id=pip,src=pip.conf -t archivar .

FROM python:3.11-slim-bookworm AS packages

ENV PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/archivar
ENV PATH=/opt/archivar/bin:$PATH
WORKDIR /app

# Only a change of the locks installs again. torch first and alone: so pip takes the CPU build where one is offered.
COPY requirements.lock ./
RUN --mount=type=secret,id=pip,target=/etc/pip.conf python -m pip install "$(grep '^torch==' requirements.lock)"
RUN --mount=type=secret,id=pip,target=/etc/pip.conf python -m pip install -r requirements.lock

# Only a change of these packages converts the embedder again.
COPY core/ core/
COPY retrieval/ retrieval/
RUN ARCHIVAR_CACHE=/opt/archivar/cache python -m retrieval.embedders.convert


FROM python:3.11-slim-bookworm

# Fonts for page images of PDF files that bring none.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends fonts-dejavu-core fonts-liberation2 \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin archivar \
    && install --directory --owner archivar --group archivar --mode 0750 /data

COPY --from=packages /opt/archivar /opt/archivar
ENV PATH=/opt/archivar/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ARCHIVAR_CACHE=/opt/archivar/cache \
    ARCHIVAR_DATA=/data \
    ARCHIVAR_HOST=0.0.0.0 \
    ARCHIVAR_PORT=8080

# Nothing below belongs to the user who runs it, so nothing can be changed from within.
WORKDIR /app
COPY archivar LICENSE ./
COPY core/ core/
COPY ingest/ ingest/
COPY retrieval/ retrieval/
COPY llm/ llm/
COPY workers/ workers/
COPY web/ web/
COPY cli/ cli/
RUN python -m compileall -q core ingest retrieval llm workers web cli

USER 10001:10001
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import http.client, os; c = http.client.HTTPConnection('127.0.0.1', int(os.environ['ARCHIVAR_PORT']), timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
CMD ["python", "-m", "web.server"]
