"""gunicorn: two processes of two threads; a process is replaced now and then so that it stays under 250 MB."""

import os

bind = f"{os.environ.get('BIND') or '127.0.0.1'}:{os.environ.get('PORT') or '8000'}"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
threads = 2
worker_class = "gthread"
preload_app = True
max_requests = 5000
max_requests_jitter = 500
timeout = 60
graceful_timeout = 15
keepalive = 5
control_socket_disable = True
