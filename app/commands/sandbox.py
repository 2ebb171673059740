"""`storeline sandbox`."""

from __future__ import annotations

import click

from app.sandbox.catalogue import SANDBOXES
from app.sandbox.kit import Options, run


@click.command()
@click.argument("name", type=click.Choice(sorted(SANDBOXES)))
@click.option("--port", type=int, help="Default: the stand-in's own port.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--latency", type=click.IntRange(0), default=0, metavar="MS", help="Added to every API call.")
@click.option("--limits", type=click.Choice(["real", "off"]), default="real", show_default=True)
@click.option("--seed", type=click.Choice(["demo", "empty"]), default="demo", show_default=True)
@click.option("--app-url", default="http://localhost:8000", show_default=True, help="Where the app listens.")
@click.option("--speed", type=float, default=1.0, show_default=True, help="How fast the stand-in's clock runs.")
def command(
    name: str, port: int | None, host: str, latency: int, limits: str, seed: str, app_url: str, speed: float
) -> None:
    """Run one stand-in vendor."""
    chosen = SANDBOXES[name]
    options = Options(
        port=port or chosen.port, host=host, latency_ms=latency, limits=limits == "real",
        seed="demo" if seed == "demo" else "empty", app_url=app_url, speed=speed,
    )  # fmt: skip
    click.echo(f"{name} at {options.url}")
    run(chosen.create_app(options), options)
