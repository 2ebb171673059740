"""Several flushes of a connection at once, and history behind them"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import app.db

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "backfills",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("kinds", JSON, nullable=False),
        sa.Column("since", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("until", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("filters", JSON, nullable=False),
        sa.Column("forecast", JSON, nullable=False),
        sa.Column("progress", JSON, nullable=False),
        sa.Column("problem", sa.String(length=1000), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("resumed_at", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.String(length=255), nullable=False),
        sa.Column("created_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("started_at", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("finished_at", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_backfills_connection_id_connections"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["store_id"], ["stores.id"], name=op.f("fk_backfills_store_id_stores"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backfills")),
    )
    op.create_index(op.f("ix_backfills_connection_id"), "backfills", ["connection_id"], unique=False)
    op.create_index("ix_backfills_listing", "backfills", ["store_id", "created_at"], unique=False)
    unfinished = sa.text("state IN ('counting', 'ready', 'running', 'paused')")
    op.create_index(
        "uq_backfills_unfinished",
        "backfills",
        ["connection_id"],
        unique=True,
        sqlite_where=unfinished,
        postgresql_where=unfinished,
    )
    op.create_table(
        "reservations",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=400), nullable=False),
        sa.Column("batch", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_reservations_connection_id_connections"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("connection_id", "subject", name=op.f("pk_reservations")),
    )
    op.create_index("ix_reservations_batch", "reservations", ["batch"], unique=False)
    op.add_column("connections", sa.Column("failing_since", app.db.UtcDateTime(timezone=True), nullable=True))
    op.add_column("connections", sa.Column("pace", sa.Integer(), nullable=True))
    op.add_column("deliveries", sa.Column("backfill_id", sa.Integer(), nullable=True))
    op.create_index("ix_deliveries_backfill", "deliveries", ["backfill_id", "state"], unique=False)
