"""`storeline demo`: everything at once, against the stand-ins, through the real flows."""

from app.demo.run import Choices, run

__all__ = ["Choices", "run"]
