"""The way back from the CRMs: cursors, conflicts, carts, panel passes, and what links have agreed on"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import app.db

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "carts",
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("cart_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=300), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("order_id", sa.String(length=32), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("modified_at", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("document", JSON, nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_carts_store_id_stores"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("store_id", "cart_id", name=op.f("pk_carts")),
    )
    with op.batch_alter_table("carts", schema=None) as batch_op:
        batch_op.create_index("ix_carts_customer", ["store_id", "customer_id"], unique=False)
        batch_op.create_index("ix_carts_email", ["store_id", "email"], unique=False)

    op.create_table(
        "conflicts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("our_id", sa.String(length=300), nullable=False),
        sa.Column("their_kind", sa.String(length=64), nullable=False),
        sa.Column("their_id", sa.String(length=64), nullable=False),
        sa.Column("record_kind", sa.String(length=32), nullable=False),
        sa.Column("record_id", sa.String(length=255), nullable=False),
        sa.Column("label", sa.String(length=255), nullable=False),
        sa.Column("field", sa.String(length=64), nullable=False),
        sa.Column("ours", sa.Text(), nullable=False),
        sa.Column("theirs", sa.Text(), nullable=False),
        sa.Column("agreed", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("winner", sa.String(length=16), nullable=False),
        sa.Column("settled_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_conflicts_connection_id_connections"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["store_id"], ["stores.id"], name=op.f("fk_conflicts_store_id_stores"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflicts")),
    )
    with op.batch_alter_table("conflicts", schema=None) as batch_op:
        batch_op.create_index("ix_conflicts_listing", ["store_id", "state", "changed_at"], unique=False)
        batch_op.create_index(
            "uq_conflicts_open",
            ["connection_id", "kind", "our_id", "field"],
            unique=True,
            sqlite_where=sa.text("state <> 'settled'"),
            postgresql_where=sa.text("state <> 'settled'"),
        )

    op.create_table(
        "cursors",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("resync", sa.Boolean(), nullable=False),
        sa.Column("read_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("fk_cursors_connection_id_connections"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("connection_id", "name", name=op.f("pk_cursors")),
    )
    op.create_table(
        "panel_passes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("user_name", sa.String(length=255), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=True),
        sa.Column("device_hash", sa.String(length=64), nullable=True),
        sa.Column("made_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("seen_at", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_panel_passes_connection_id_connections"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_passes")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_panel_passes_code_hash")),
        sa.UniqueConstraint("device_hash", name=op.f("uq_panel_passes_device_hash")),
    )
    # Plain ALTERs: where SQLite copies a table instead, dropping the old one would cascade to all that refers to it.
    for name in ("rules", "turns"):
        op.add_column("connections", sa.Column(name, JSON, nullable=False, server_default="{}"))
    for name in ("owners", "channels", "advice"):
        op.add_column("connections", sa.Column(name, JSON, nullable=False, server_default="[]"))
    op.add_column("connections", sa.Column("hook_hash", sa.String(length=64), nullable=True))
    op.add_column("connections", sa.Column("hook_key", sa.LargeBinary(), nullable=True))
    op.create_index("ix_connections_hook_hash", "connections", ["hook_hash"], unique=True)

    op.add_column("links", sa.Column("state", sa.String(length=10), nullable=False, server_default="live"))
    op.add_column("links", sa.Column("agreed", JSON, nullable=False, server_default="{}"))
    op.drop_index("uq_links_theirs", "links")
    one_to_one = sa.text("kind <> 'account' AND state = 'live'")
    op.create_index(
        "uq_links_theirs", "links", ["connection_id", "kind", "their_kind", "their_id"], unique=True,
        sqlite_where=one_to_one, postgresql_where=one_to_one,
    )  # fmt: skip
    op.add_column("people", sa.Column("company_id", sa.String(length=32), nullable=False, server_default=""))
