# One image for every role; what runs in it is the command: serve, worker, web.

# Debian 12 has the SQLite (3.40) that marsad is tested with.
FROM python:3.11.15-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PATH=/opt/venv/bin:$PATH
RUN python -m venv /opt/venv

# The requirements alone first: they change more seldom than the code, and their layer is kept.
COPY requirements.txt /tmp/requirements.txt
# --no-deps --require-hashes, then `pip check`: pip cannot resolve a full hash lock that has extras.
RUN pip install --no-deps --require-hashes -r /tmp/requirements.txt && pip check

WORKDIR /srv/marsad
COPY pyproject.toml README.md LICENSE ./
COPY marsad/ marsad/
COPY matching/ matching/
COPY spiders/ spiders/
COPY storage/ storage/
COPY notifiers/ notifiers/
COPY pipeline/ pipeline/
COPY scheduler/ scheduler/
COPY web/ web/
COPY demo/ demo/
# As `make setup` does it. Compiled now, because the root file system is read-only later; readable by
# everybody, whatever the rights in the clone are.
RUN pip install --no-deps --no-build-isolation -e . \
 && python -m compileall -q --invalidation-mode unchecked-hash . \
 && chmod -R a+rX /srv/marsad

FROM python:3.11.15-slim-bookworm
RUN useradd --uid 10001 --user-group --home-dir /var/lib/marsad --no-create-home --shell /usr/sbin/nologin marsad \
 && install -d -o marsad -g marsad -m 0700 /var/lib/marsad
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/marsad /srv/marsad

# Our packages have common names (web, storage): the import path puts them before all others.
WORKDIR /srv/marsad
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/srv/marsad \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MARSAD_DATA_DIR=/var/lib/marsad \
    MARSAD_LISTEN=0.0.0.0:8080
USER 10001:10001
EXPOSE 8080
CMD ["marsad", "serve"]
