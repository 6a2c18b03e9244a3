"""The settings of a new project, with what the documents of djoser and simplejwt have added, and those for production."""

import datetime
import os
import urllib.parse

SECRET_KEY = os.environ["PEER_SECRET"]
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
BCRYPT_COST = int(os.environ["PEER_BCRYPT_COST"])

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "rest_framework",
    "rest_framework_simplejwt.token_blacklist",
    "djoser",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "service.urls"
WSGI_APPLICATION = "service.application.application"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

place = urllib.parse.urlsplit(os.environ["PEER_DATABASE_URL"])
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": place.hostname,
        "PORT": place.port,
        "NAME": place.path.lstrip("/"),
        "USER": urllib.parse.unquote(place.username or ""),
        "PASSWORD": urllib.parse.unquote(place.password or ""),
        "OPTIONS": dict(urllib.parse.parse_qsl(place.query)),
        # A thread keeps its connection for ever.
        "CONN_MAX_AGE": None,
    }
}

# PBKDF2 unless told otherwise; here the hash is the one that all of the comparison have. It is over SHA-256 of the
# password, which is the form of bcrypt that Django's documents recommend.
PASSWORD_HASHERS = ["service.passwords.Bcrypt"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ["UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator"]
]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTAuthentication"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": {"number": "service.pages.Numbered", "cursor": "service.pages.Cursor"}[os.environ["PEER_PAGES"]],
    "PAGE_SIZE": 50,
}
SIMPLE_JWT = {
    # Each refresh token is for one use, which the database knows.
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    # Longer than a run.
    "ACCESS_TOKEN_LIFETIME": datetime.timedelta(hours=1),
}
# Tokens of djoser's own are not used.
DJOSER = {"TOKEN_MODEL": None}
