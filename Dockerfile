# Any Debian-like base with Python 3.11 or later and its venv module will do.
ARG BASE=docker.io/library/python:3.12-slim-bookworm

FROM ${BASE} AS build
# For building behind a mirror or a private certificate authority; neither reaches the final image.
ARG PIP_INDEX_URL=
ARG PIP_CERT=
COPY . /src
# The service's environment holds no pip: a second, thrown away, environment installs into it.
# Bytecode is compiled once and never checked, so nothing is written when the service runs.
RUN python3 -m venv --without-pip /opt/itb-cds \
 && python3 -m venv /tmp/pip \
 && /tmp/pip/bin/pip --python /opt/itb-cds/bin/python install \
      --no-cache-dir --no-compile --disable-pip-version-check --root-user-action ignore /src \
 && /opt/itb-cds/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/itb-cds/lib

FROM ${BASE}
# Take away the base's own installers.
RUN rm -rf /usr/share/python-wheels /usr/lib/python3*/ensurepip /usr/local/lib/python3*/ensurepip \
      /usr/local/lib/python3*/site-packages/pip* /usr/local/lib/python3*/site-packages/setuptools* \
      /usr/local/lib/python3*/site-packages/wheel* /usr/local/bin/pip* \
 && mkdir -p /etc/itb-cds
COPY --from=build /opt/itb-cds /opt/itb-cds
ENV PATH=/opt/itb-cds/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ITB_CDS_CONFIG=/etc/itb-cds/site.toml \
    ITB_CDS_HOST=0.0.0.0 \
    ITB_CDS_PORT=8000
WORKDIR /
# A number, so that an orchestrator can see that it is not root.
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s \
  CMD ["python3", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['ITB_CDS_PORT'] + '/health/live', timeout=2)"]
# Mount the site's folder on /etc/itb-cds; without its clients the service does not start.
CMD ["itb-cds", "serve"]
