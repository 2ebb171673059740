"""Tests of the stand-in for SAP Sales Cloud."""
