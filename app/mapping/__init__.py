"""Mappings are data: which attribute of our record goes to which field there, by which converter, and when."""

from app.mapping.mapping import Field, Mapping, Write, payload

__all__ = ["Field", "Mapping", "Write", "payload"]
