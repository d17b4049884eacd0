# The image of web, worker, beat and migrate. Node and gettext serve in the building stages only.

FROM node:20-bookworm-slim AS frontend
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY frontend/vendor.mjs ./
RUN node vendor.mjs

FROM python:3.11-slim-bookworm AS base
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PATH=/opt/venv/bin:$PATH \
    GRIDCITY_STATIC_ROOT=/srv/static
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgdal32 libgeos-c1v5 libproj25 \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/gridcity

FROM base AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends gettext \
    && rm -rf /var/lib/apt/lists/*
COPY requirements.lock ./
RUN python -m venv /opt/venv \
    && pip install --no-cache-dir --disable-pip-version-check -r requirements.lock
COPY . .
COPY --from=frontend /src/static/vendor static/vendor
RUN find locale -name '*.po' \
    -exec sh -c 'msgfmt --check-format -o "${1%.po}.mo" "$1"' msgfmt {} \; \
    && python -m compileall -q assessment cases dispatch gridcity jobs parts
# Settings want every variable; none of these values reaches the image that runs.
RUN GRIDCITY_PROCESS=web GRIDCITY_SECRET_KEY=only-for-this-step \
    DATABASE_URL=postgis://nobody@127.0.0.1/none REDIS_URL=redis://127.0.0.1/0 \
    python manage.py collectstatic --no-input -v0

FROM base
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin gridcity \
    && install -d -o gridcity -g gridcity -m 750 /srv/media
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/static /srv/static
COPY --from=build /srv/gridcity /srv/gridcity
USER gridcity
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "-b", "0.0.0.0:8000"]
