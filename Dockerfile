# The application for production: web server, worker and scheduler are one image with three commands.
FROM python:3.13-slim

# What WeasyPrint loads to set the text of the PDFs.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/*

ENV PYTHONUNBUFFERED=1 \
    HAT_STATIC_ROOT=/app/staticfiles

WORKDIR /app
COPY requirements/uv.txt requirements/app.txt requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/uv.txt \
    && uv pip install --system --no-cache --require-hashes -r requirements/app.txt \
    && pip uninstall -y uv

COPY . .
# Values that only let the settings be read while the static files are collected; none of them stays in the image.
RUN SECRET_KEY=only-while-the-image-is-built \
    DATABASE_URL=postgres://hat_app@localhost/hat \
    REDIS_URL=redis://localhost/0 \
    python manage.py collectstatic --noinput \
    && python -m compileall -q . \
    && useradd --system --uid 10001 --no-create-home hat

USER hat
EXPOSE 8000
CMD ["gunicorn", "hat_clinic.wsgi:application", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", \
     "--workers", "2", "--threads", "4", "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--access-logfile", "-"]
