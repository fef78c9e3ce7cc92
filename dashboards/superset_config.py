"""Superset's own settings, read by Superset in its own environment (``dashboards.start`` names this file to it)."""

import os
import sys
from pathlib import Path

from flask import Flask, Response, jsonify, request

sys.path.insert(0, str(Path(__file__).resolve().parent))
from vietnamese import PACK

_HOME = Path(os.environ["SUPERSET_HOME"])

SECRET_KEY = (_HOME / "secret_key").read_text(encoding="ascii").strip()
SQLALCHEMY_DATABASE_URI = f"sqlite:///{_HOME / 'superset.db'}"
APP_NAME = "Thống kê cải cách hành chính"

# Nothing is asked of any other address, whatever a page of Superset's would like to show: its usage pixel, maps, fonts.
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'", "data:"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": False,
}
SESSION_COOKIE_SAMESITE = "Lax"

LANGUAGES = {"vi": {"flag": "vn", "name": "Tiếng Việt"}, "en": {"flag": "gb", "name": "English"}}
BABEL_DEFAULT_LOCALE = "vi"
# The words that the server itself writes, its menu's among them; ``load.py`` lays them there.
BABEL_TRANSLATION_DIRECTORIES = f"translations;{_HOME / 'translations'}"
# Numbers and days as they are written in Vietnam.
D3_FORMAT = {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", " ₫"]}
D3_TIME_FORMAT = {"dateTime": "%H:%M %d/%m/%Y", "date": "%d/%m/%Y", "time": "%H:%M:%S"}

# A published DuckDB file is one that the marts' own programme wrote; SQLAlchemy's other local files stay refused.
PREVENT_UNSAFE_DB_CONNECTIONS = True
FEATURE_FLAGS = {"ALERT_REPORTS": False, "TAGGING_SYSTEM": False, "HORIZONTAL_FILTER_BAR": True}
# Marts change once a night: what a chart asked is asked again by the next reader, and it is quick.
CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}


def FLASK_APP_MUTATOR(app: Flask) -> None:
    """Hand out the Vietnamese words: Superset itself looks for such a file among its own only."""

    @app.before_request
    def vietnamese() -> Response | None:
        return jsonify(PACK) if request.path == "/superset/language_pack/vi/" else None
