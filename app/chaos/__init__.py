"""`storeline chaos`: a store full of events while everything around it breaks; what is lost, doubled and recovered."""

from app.chaos.run import Choices, run

__all__ = ["Choices", "run"]
