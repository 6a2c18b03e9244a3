"""The service that Doorward's API comes from, as its documents describe it: Flask, JWTs, users in SQL, and Redis for
revoked tokens (database 0) and the documents of users (database 1).

It reads as the documents of Flask-JWT-Extended and Flask-SQLAlchemy advise; the routes are a subset of the original's.
"""

import datetime
import json
import os
import urllib.parse

import bcrypt
import flask
import flask_jwt_extended as jwt
import flask_sqlalchemy
import redis
import sqlalchemy
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

LIFETIME = datetime.timedelta(hours=1)
COST = int(os.environ["PEER_BCRYPT_COST"])


class Base(DeclarativeBase):
    pass


application = flask.Flask(__name__)
application.config.update(
    SQLALCHEMY_DATABASE_URI=os.environ["PEER_DATABASE_URL"].replace("postgresql:", "postgresql+psycopg:", 1),
    # A connection for each thread of a worker, and none beyond.
    SQLALCHEMY_ENGINE_OPTIONS={"pool_size": int(os.environ["PEER_THREADS"]), "max_overflow": 0},
    JWT_SECRET_KEY=os.environ["PEER_SECRET"],
    # Longer than a run.
    JWT_ACCESS_TOKEN_EXPIRES=LIFETIME,
)
database = flask_sqlalchemy.SQLAlchemy(application, model_class=Base)
tokens = jwt.JWTManager(application)
# Without a database in it, which would count more than the one asked for.
redis_url = urllib.parse.urlsplit(os.environ["PEER_REDIS_URL"])._replace(path="").geturl()
revoked = redis.Redis.from_url(redis_url, db=0)
documents = redis.Redis.from_url(redis_url, db=1)


class User(database.Model):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(sqlalchemy.BigInteger, primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    password: Mapped[str]
    default_user_type: Mapped[str]
    profile: Mapped[dict] = mapped_column(JSONB)
    last_login: Mapped[datetime.datetime | None] = mapped_column(sqlalchemy.DateTime(timezone=True))
    created_at: Mapped[datetime.datetime] = mapped_column(sqlalchemy.DateTime(timezone=True), server_default=sqlalchemy.func.now())

    def document(self):
        """A user as the original's Redis has one."""
        return {
            "id": self.id,
            "username": self.username,
            "email": self.username,
            "default_user_type": self.default_user_type,
            "last_login": self.last_login and self.last_login.isoformat(),
            "created_at": self.created_at.isoformat(),
            "profile": self.profile,
            "accounts": {"gmail": None, "youtube": None, "facebook": None},
            "user_type": {"streamer": None, "seller": None},
            "played_games": [],
            "favorites": {"facebook": [], "youtube": []},
        }


@tokens.token_in_blocklist_loader
def is_revoked(_header, payload):
    return revoked.get(payload["jti"]) is not None


def answer(message, results, status=200):
    return {"status": status < 400, "message": message, "results": results}, status


def found(username):
    return database.session.scalar(sqlalchemy.select(User).filter_by(username=username))


def pair(username):
    return {"access_token": jwt.create_access_token(username), "refresh_token": jwt.create_refresh_token(username)}


@application.post("/api/user")
def register():
    body = flask.request.get_json()
    if found(body["username"]):
        return answer("The username is taken.", {}, 400)
    password = bcrypt.hashpw(body["password"].encode(), bcrypt.gensalt(COST)).decode()
    user = User(username=body["username"], password=password, default_user_type="user", profile=body.get("profile", {}))
    database.session.add(user)
    database.session.commit()
    return answer("Registered.", user.document())


@application.post("/api/auth/login")
def login():
    body = flask.request.get_json()
    user = found(body["username"])
    if user is None or not bcrypt.checkpw(body["password"].encode(), user.password.encode()):
        return answer("Wrong username or password.", {}, 401)
    user.last_login = datetime.datetime.now(datetime.UTC)
    database.session.commit()
    documents.set(user.username, json.dumps(user.document()))
    return answer("Logged in.", pair(user.username))


@application.post("/api/auth/refresh")
@jwt.jwt_required(refresh=True)
def refresh():
    return answer("Refreshed.", {"access_token": jwt.create_access_token(jwt.get_jwt_identity())})


@application.get("/api/auth/logout")
@jwt.jwt_required(verify_type=False)
def logout():
    revoked.set(jwt.get_jwt()["jti"], 1, ex=LIFETIME)
    return answer("Logged out.", {})


@application.get("/api/user/me")
@jwt.jwt_required()
def me():
    username = jwt.get_jwt_identity()
    kept = documents.get(username)
    if kept is not None:
        return answer("You.", json.loads(kept))
    user = found(username)
    if user is None:
        return answer("There is no such user.", {}, 404)
    documents.set(username, json.dumps(user.document()))
    return answer("You.", user.document())


@application.get("/api/user/all")
@jwt.jwt_required()
def everybody():
    # Without the number of all users: Doorward counts them only when asked to.
    page = database.paginate(sqlalchemy.select(User).order_by(User.id), max_per_page=200, count=False)
    return answer("Users.", [user.document() for user in page.items])
