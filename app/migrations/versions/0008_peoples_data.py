"""Requests about people’s data, receipts of uninstalling"""

import secrets

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import app.db

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "uninstall_receipts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("store_hash", sa.String(length=64), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("uninstalled_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tokens_ended_at", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("delete_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("counts", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uninstall_receipts")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_uninstall_receipts_code_hash")),
    )
    op.create_index(op.f("ix_uninstall_receipts_store_hash"), "uninstall_receipts", ["store_hash"], unique=False)
    op.create_table(
        "privacy_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("subject_hash", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=True),
        sa.Column("counts", JSON, nullable=False),
        sa.Column("requested_by", sa.String(length=255), nullable=False),
        sa.Column("requested_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("done_at", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("lifted_at", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id"], ["stores.id"], name=op.f("fk_privacy_requests_store_id_stores"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_requests")),
    )
    op.create_index("ix_privacy_requests_listing", "privacy_requests", ["store_id", "requested_at"], unique=False)
    op.add_column("attempts", sa.Column("has_payload", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.create_index(op.f("ix_attempts_started_at"), "attempts", ["started_at"], unique=False)
    op.create_index(
        "ix_attempts_payloads",
        "attempts",
        ["started_at"],
        sqlite_where=sa.text("has_payload"),
        postgresql_where=sa.text("has_payload"),
    )
    op.add_column("stores", sa.Column("salt", sa.String(length=64), nullable=False, server_default=""))
    stores = sa.table("stores", sa.column("id"), sa.column("salt"))
    connection = op.get_bind()
    for (number,) in connection.execute(sa.select(stores.c.id)).all():
        connection.execute(sa.update(stores).where(stores.c.id == number).values(salt=secrets.token_hex(32)))
