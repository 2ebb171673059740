"""The connect flow."""
