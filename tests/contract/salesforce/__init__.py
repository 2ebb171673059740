"""The Salesforce connector against the stand-in."""
