"""How alembic reaches the database and the tables' definitions."""

from alembic import context

from app.db import connect
from app.models import Base

engine = connect(context.config.get_main_option("sqlalchemy.url") or "")
with engine.connect() as connection:
    context.configure(
        connection=connection, target_metadata=Base.metadata, render_as_batch=True, user_module_prefix="app.db."
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
