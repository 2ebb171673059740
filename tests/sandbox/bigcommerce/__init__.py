"""Tests of the BigCommerce stand-in."""
