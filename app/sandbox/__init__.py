"""Stand-in vendors: one small Flask app each, for the demo, development and tests."""
