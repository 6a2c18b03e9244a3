"""FastAPI-Users on SQLAlchemy and asyncpg, with JWTs in the Authorization header, wired as its documents advise."""

import os
import urllib.parse
import uuid

from fastapi import Depends, FastAPI
from fastapi_users import BaseUserManager, FastAPIUsers, UUIDIDMixin, schemas
from fastapi_users.authentication import AuthenticationBackend, BearerTransport, JWTStrategy
from fastapi_users.password import PasswordHelper
from fastapi_users_db_sqlalchemy import SQLAlchemyBaseUserTableUUID, SQLAlchemyUserDatabase
from pwdlib import PasswordHash
from pwdlib.hashers.bcrypt import BcryptHasher
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

SECRET = os.environ["PEER_SECRET"]
place = urllib.parse.urlsplit(os.environ["PEER_DATABASE_URL"])
# asyncpg knows `ssl`, not `sslmode`.
query = urllib.parse.urlencode([("ssl", value) for name, value in urllib.parse.parse_qsl(place.query) if name == "sslmode"])
engine = create_async_engine(
    place._replace(scheme="postgresql+asyncpg", query=query).geturl(),
    # None beyond the pool: those are opened and closed again for a request each.
    pool_size=int(os.environ["PEER_POOL"]), max_overflow=0,
)
sessions = async_sessionmaker(engine, expire_on_commit=False)
# Argon2 unless told otherwise; here the hash is the one that all of the comparison have.
passwords = PasswordHelper(PasswordHash((BcryptHasher(rounds=int(os.environ["PEER_BCRYPT_COST"])),)))


class Base(DeclarativeBase):
    pass


class User(SQLAlchemyBaseUserTableUUID, Base):
    pass


class UserRead(schemas.BaseUser[uuid.UUID]):
    pass


class UserCreate(schemas.BaseUserCreate):
    pass


class UserUpdate(schemas.BaseUserUpdate):
    pass


class UserManager(UUIDIDMixin, BaseUserManager[User, uuid.UUID]):
    reset_password_token_secret = SECRET
    verification_token_secret = SECRET


async def session():
    async with sessions() as opened:
        yield opened


async def users(opened=Depends(session)):
    yield SQLAlchemyUserDatabase(opened, User)


async def user_manager(kept=Depends(users)):
    yield UserManager(kept, passwords)


def strategy():
    return JWTStrategy(secret=SECRET, lifetime_seconds=3600)


async def make_tables():
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)


backend = AuthenticationBackend(name="jwt", transport=BearerTransport(tokenUrl="auth/jwt/login"), get_strategy=strategy)
service = FastAPIUsers[User, uuid.UUID](user_manager, [backend])
application = FastAPI()
application.include_router(service.get_auth_router(backend), prefix="/auth/jwt", tags=["auth"])
application.include_router(service.get_register_router(UserRead, UserCreate), prefix="/auth", tags=["auth"])
application.include_router(service.get_users_router(UserRead, UserUpdate), prefix="/users", tags=["users"])
