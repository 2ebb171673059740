"""Tests of the SugarCRM stand-in."""
